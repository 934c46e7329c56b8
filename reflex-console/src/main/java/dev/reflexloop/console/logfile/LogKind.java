package dev.reflexloop.console.logfile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** What a file of JSON lines holds, by how it begins. */
public enum LogKind {
    /** Decisions and their outcomes, of a trajectory log. */
    TRAJECTORY,
    /** Events of a telemetry bus. */
    TELEMETRY,
    /** Ticks of a heartbeat. */
    TICKS,
    /** The inbox of an escalation sink. */
    INBOX,
    /** What a person said of the decisions in the log beside it. */
    LABELS,
    /** What a harness counts of its sessions. */
    SESSIONS,
    /** Something else. */
    OTHER;

    /** What a label file's name ends in. */
    public static final String LABELS_ENDING = ".labels.jsonl";

    private static final int BEGINNING = 64;

    /**
     * Looks at a file's name and beginning.
     *
     * @param file the file
     * @return what it holds; {@link #OTHER} also for an empty file
     * @throws IOException if it cannot be read
     */
    public static LogKind of(Path file) throws IOException {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(LABELS_ENDING)) {
            return LABELS;
        }
        if (name.equals("sessions.json")) {
            return SESSIONS;
        }
        if (!name.endsWith(".jsonl")) {
            return OTHER;
        }
        try (InputStream in = Files.newInputStream(file)) {
            String start = new String(in.readNBytes(BEGINNING), StandardCharsets.UTF_8);
            if (start.startsWith("{\"type\":\"header\",\"format\":\"reflex-inbox\"")) {
                return INBOX;
            } else if (start.startsWith("{\"type\":\"header\",\"version\":")) {
                return TRAJECTORY;
            } else if (start.startsWith("{\"at\":\"")) {
                return TELEMETRY;
            }
            return start.startsWith("{\"tick_id\":") ? TICKS : OTHER;
        }
    }
}
