package dev.reflexloop.llm.server;

import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One model as an {@link Inventory} found it. Immutable. What the place does not tell is empty. Texts come from files and servers; they hold
 * no control characters and at most 200 characters.
 *
 * @param name what it is called there: a file's path, or the name that requests give
 * @param loaded whether it is in memory, ready to answer
 * @param architecture for instance {@code llama}
 * @param quantization how most of its numbers are stored, for instance {@code Q4_0}
 * @param parameters of how many numbers it consists; rounded where a server says {@code 7.2B}
 * @param diskBytes its size on disk
 * @param memoryBytes its size in memory of any kind, when it is loaded
 * @param videoBytes how much of that is on graphics cards
 * @param loadedUntil when it will be unloaded if nobody asks
 * @param context the longest prompt of one slot, in tokens
 * @param slots how many calls at a time it serves
 * @param busySlots how many of them were at work
 */
public record ModelEntry(
        String name,
        boolean loaded,
        Optional<String> architecture,
        Optional<String> quantization,
        OptionalLong parameters,
        OptionalLong diskBytes,
        OptionalLong memoryBytes,
        OptionalLong videoBytes,
        Optional<Instant> loadedUntil,
        OptionalLong context,
        OptionalInt slots,
        OptionalInt busySlots) {}
