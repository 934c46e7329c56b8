package dev.reflexloop.examples.morrowind;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Follows the file to which the pilot appends its events. What stands in it at the first look is of an earlier run and left out. A last line
 * without its end is read when it has one; a file that became shorter is read from its beginning. One thread at a time.
 */
final class EventsFile {
    private static final int MAX_LINE = 1 << 16;

    /** The most bytes taken in one look, so that a flood of events cannot keep us from the perception. */
    private static final int MAX_LOOK = 1 << 20;

    private final Path path;
    private final Troubles troubles;
    private long position;

    EventsFile(Path path, Troubles troubles) {
        this.path = path;
        this.troubles = troubles;
        try {
            position = Files.size(path);
        } catch (IOException notThere) {
            position = 0;
        }
    }

    /** Hands over the events that were appended since the last look. */
    void look(Consumer<PilotEvent> events) {
        List<String> lines;
        try {
            lines = lines();
        } catch (IOException unreadable) {
            troubles.count(Troubles.Kind.UNREADABLE_FILE, path, String.valueOf(unreadable.getMessage()));
            return;
        }
        for (String line : lines) {
            try {
                PilotEvent.read(line).ifPresent(events);
            } catch (Json.Torn | Json.Unusable refused) {
                troubles.count(Troubles.Kind.REFUSED_EVENT, path, String.valueOf(refused.getMessage()));
            }
        }
    }

    private List<String> lines() throws IOException {
        if (!Files.isRegularFile(path)) {
            return List.of();
        }
        long size = Files.size(path);
        if (size < position) {
            position = 0;
        }
        if (size == position) {
            return List.of();
        }
        byte[] bytes = new byte[(int) Math.min(size - position, MAX_LOOK)];
        try (RandomAccessFile in = new RandomAccessFile(path.toFile(), "r")) {
            in.seek(position);
            in.readFully(bytes);
        }
        return split(bytes);
    }

    private List<String> split(byte[] bytes) {
        List<String> lines = new ArrayList<>();
        int begin = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                String line = new String(bytes, begin, i - begin, StandardCharsets.UTF_8).strip();
                if (!line.isEmpty()) {
                    lines.add(line);
                }
                begin = i + 1;
            }
        }
        if (bytes.length - begin > MAX_LINE) {
            troubles.count(Troubles.Kind.REFUSED_EVENT, path, "a line is longer than " + MAX_LINE + " bytes");
            begin = bytes.length;
        }
        position += begin;
        return lines;
    }
}
