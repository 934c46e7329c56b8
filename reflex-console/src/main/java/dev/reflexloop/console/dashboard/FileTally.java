package dev.reflexloop.console.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Outcome;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.console.logfile.LogKind;
import dev.reflexloop.console.logfile.LogLines;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One log file in sums, in memory that does not grow with the file. One thread at a time. */
final class FileTally {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_LOOPS = 1_000;
    private static final int MOST_LABELS = 1_000_000;
    private static final String OTHERS = "others";
    private static final String CHOSEN = "chosen";
    private static final String REJECTED = "rejected";

    final Map<String, LoopTally> loops = new LinkedHashMap<>();
    final LabelCount fromPlay = new LabelCount();
    final LabelCount byPeople = new LabelCount();
    long skipped;
    private final Instant since;
    private @Nullable Instant first;

    /** How often each label stands. */
    static final class LabelCount {
        long chosen;
        long rejected;
        long skipped;

        void add(String label, long more) {
            switch (label) {
                case CHOSEN -> chosen += more;
                case REJECTED -> rejected += more;
                case "skip" -> skipped += more;
                default -> {
                    // a label of a later version
                }
            }
        }

        void add(LabelCount other) {
            chosen += other.chosen;
            rejected += other.rejected;
            skipped += other.skipped;
        }
    }

    private FileTally(Instant since) {
        this.since = since;
    }

    /**
     * Reads a file.
     *
     * @param since what is older does not count
     * @throws IOException if it cannot be read
     */
    static FileTally of(Path file, LogKind kind, Instant since) throws IOException {
        FileTally tally = new FileTally(since);
        switch (kind) {
            case TRAJECTORY -> tally.trajectory(file);
            case TELEMETRY -> tally.lines(file, tally::event);
            case TICKS -> {
                String folder = String.valueOf(file.getParent());
                tally.lines(file, line -> tally.tick(line, folder));
            }
            case LABELS -> tally.labels(file);
            default -> throw new IllegalArgumentException(kind + " holds no decisions");
        }
        return tally;
    }

    /** Whether it would be the same if it were made anew with a later bound, and the file had not changed. */
    boolean holdsSince(Instant later) {
        return !later.isBefore(since) && (first == null || !first.isBefore(later));
    }

    private void trajectory(Path file) {
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            while (reader.hasNext()) {
                TrajectoryRecord record = reader.next();
                if (record instanceof TrajectoryRecord.Decided step) {
                    add(Seen.of(step));
                } else if (record instanceof TrajectoryRecord.Closed closed) {
                    add(closed.outcome());
                }
            }
            skipped += reader.skipped();
        }
    }

    private void add(Outcome outcome) {
        if (counts(outcome.at())) {
            outcome.label().ifPresent(label -> fromPlay.add(label, 1));
        }
    }

    private void add(Seen seen) {
        if (counts(seen.at())) {
            String loop = loops.containsKey(seen.loop()) || loops.size() < MOST_LOOPS ? seen.loop() : OTHERS;
            loops.computeIfAbsent(loop, name -> new LoopTally()).add(seen);
        }
    }

    private boolean counts(Instant at) {
        if (at.isBefore(since)) {
            return false;
        }
        first = first == null || at.isBefore(first) ? at : first;
        return true;
    }

    private interface Line {
        void take(String line) throws JsonProcessingException;
    }

    private void lines(Path file, Line each) throws IOException {
        try (LogLines lines = LogLines.open(file)) {
            Optional<String> line = lines.next();
            while (line.isPresent()) {
                try {
                    each.take(line.get());
                } catch (JsonProcessingException | IllegalArgumentException | DateTimeException none) {
                    skipped++;
                }
                line = lines.next();
            }
            skipped += lines.tooLong();
        }
    }

    private void event(String line) {
        if (line.contains("\"decision\"")) {
            TelemetryEvent event = TelemetryEvent.parse(line);
            if (event.source().equals("loop") && event.event().equals("decision")) {
                add(Seen.of(event));
            }
        }
    }

    private void tick(String line, String folder) throws JsonProcessingException {
        JsonNode tick = JSON.readTree(line);
        Seen seen = Seen.of(tick, folder);
        add(seen);
        if (counts(seen.at())) {
            byPeople.add(tick.path("dpo_label").asText(), 1);
        }
    }

    /** The newest label of each decision that was not taken back. */
    private void labels(Path file) throws IOException {
        Map<String, Deque<String>> given = new HashMap<>();
        lines(file, line -> {
            JsonNode json = JSON.readTree(line);
            String id = json.path("id").asText();
            String type = json.path("type").asText();
            if (type.equals("undo") && given.containsKey(id)) {
                given.get(id).pollLast();
            } else if (type.equals("label")
                    && given.size() < MOST_LABELS
                    && counts(Instant.parse(json.path("at").asText()))) {
                given.computeIfAbsent(id, unused -> new ArrayDeque<>())
                        .add(json.path("label").asText());
            }
        });
        given.values().stream().map(Deque::peekLast).forEach(label -> byPeople.add(String.valueOf(label), 1));
    }
}
