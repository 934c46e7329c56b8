package dev.reflexloop.console.decisions;

import dev.reflexloop.Served;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What an archive remembers of a decision without reading its log again. Immutable.
 *
 * @param id its id
 * @param file the log that it was read from; for a log that was renamed since, the old name
 * @param kind the kind of log
 * @param at the wall-clock time
 * @param entity the bot, at most 200 characters of its name
 * @param action what was served, at most 200 characters of it
 * @param model who answered, at most 200 characters of its id
 * @param served how it was served
 * @param latencyMicros how long that took, in microseconds
 * @param escalated whether the situation was handed over
 * @param doubt the normalised entropy of the probabilities over the legal actions, 0 (sure) to 1 (no idea); empty where there are none
 * @param label "chosen" or "rejected" where the game said so, or a review did on a tick
 */
public record KnownDecision(
        String id,
        Path file,
        LoggedDecision.Kind kind,
        Instant at,
        String entity,
        String action,
        Optional<String> model,
        Served served,
        long latencyMicros,
        boolean escalated,
        OptionalDouble doubt,
        Optional<String> label) {

    KnownDecision labelled(Optional<String> newLabel) {
        return new KnownDecision(
                id, file, kind, at, entity, action, model, served, latencyMicros, escalated, doubt, newLabel);
    }
}
