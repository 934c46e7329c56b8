package dev.reflexloop.console.doctor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.ReflexException;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.logfile.LogKind;
import dev.reflexloop.console.logfile.LogLines;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.console.terminal.Words;
import dev.reflexloop.escalation.InboxFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Whether logs can be read, as far as they are read in two seconds. */
final class LogChecks {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_NAMED = 10;

    private final long end = System.nanoTime() + Doctor.PATIENCE.toNanos();
    private final Map<LogKind, Long> records = new EnumMap<>(LogKind.class);
    private final List<Finding> findings = new ArrayList<>();
    private long skipped;
    private long torn;

    private LogChecks() {}

    static List<Finding> look(List<Path> places) {
        return new LogChecks().findings(places);
    }

    private List<Finding> findings(List<Path> places) {
        Map<Path, LogKind> files = LogFiles.find(places);
        int read = 0;
        for (Map.Entry<Path, LogKind> each : files.entrySet()) {
            if (isLate()) {
                break;
            }
            read(each.getKey(), each.getValue());
            read++;
        }
        if (files.isEmpty()) {
            return List.of(Finding.ok("logs", "none here; name the folder of some to have them looked at"));
        }
        List<Finding> all = new ArrayList<>();
        StringBuilder found = new StringBuilder(Words.count(read, "file"));
        if (read < files.size() || isLate()) {
            found.append(" of ").append(Words.count(files.size())).append(" looked at, no time for more");
        }
        records.forEach((kind, count) -> found.append(", ")
                .append(Words.count(count))
                .append(' ')
                .append(kind.name().toLowerCase(Locale.ROOT))
                .append(" lines"));
        all.add(Finding.ok("logs", found.toString()));
        all.addAll(findings.subList(0, Math.min(MOST_NAMED, findings.size())));
        return all;
    }

    private boolean isLate() {
        return System.nanoTime() - end >= 0;
    }

    private void read(Path file, LogKind kind) {
        skipped = 0;
        torn = 0;
        try {
            long count = switch (kind) {
                case TRAJECTORY -> trajectory(file);
                case INBOX -> InboxFile.read(file).entries().size();
                case TELEMETRY -> lines(file, TelemetryEvent::parse);
                default -> lines(file, JSON::readTree);
            };
            records.merge(kind, count, Long::sum);
        } catch (IOException | UncheckedIOException | ReflexException failure) {
            findings.add(Finding.fail(
                    "log",
                    Text.plain(file + ": " + failure.getMessage()),
                    "see that it may be read, and what wrote it"));
            return;
        }
        if (skipped > 0) {
            findings.add(Finding.warn(
                    "log",
                    Text.plain(file + ": " + Words.count(skipped, "line") + " cannot be read"),
                    "they are left out everywhere; see whether something else writes this file"));
        }
        if (torn > 0) {
            findings.add(Finding.warn(
                    "log",
                    Text.plain(file + ": the last line is not finished (" + Words.count(torn, "byte") + ")"),
                    "it is being written, or its writer was killed; whoever opens it next cuts it"));
        }
    }

    private long trajectory(Path file) {
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            long count = 0;
            while (!isLate() && reader.hasNext()) {
                reader.next();
                count++;
            }
            skipped = reader.skipped();
            torn = reader.tornBytes();
            return count;
        }
    }

    private interface Parser {
        Object parse(String line) throws JsonProcessingException;
    }

    private long lines(Path file, Parser parser) throws IOException {
        if (file.toString().endsWith(".json")) { // not one of lines
            JSON.readTree(file.toFile());
            return 1;
        }
        try (LogLines lines = LogLines.open(file)) {
            long count = 0;
            Optional<String> line = lines.next();
            while (!isLate() && line.isPresent()) {
                count += parses(parser, line.get()) ? 1 : 0;
                line = lines.next();
            }
            skipped += lines.tooLong();
            torn = isLate() ? 0 : lines.unfinished();
            return count;
        }
    }

    private boolean parses(Parser parser, String line) {
        try {
            parser.parse(line);
            return true;
        } catch (JsonProcessingException | IllegalArgumentException none) {
            skipped++;
            return false;
        }
    }
}
