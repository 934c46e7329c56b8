package dev.reflexloop.training;

import dev.reflexloop.Action;
import dev.reflexloop.TrajectoryException;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** The trajectory logs of a training, read as often as needed, one record in memory at a time. One thread at a time. */
final class TrainingLogs {

    private final List<Path> files;
    private final Map<String, List<String>> schemas = new LinkedHashMap<>();
    private final Set<String> legalSeen = new LinkedHashSet<>();
    private long steps;
    private long skippedLines;
    private long tornFiles;

    private TrainingLogs(List<Path> files) {
        this.files = files;
    }

    /**
     * Finds the files.
     *
     * @param paths logs, and folders whose {@code .jsonl} files at any depth are logs
     * @throws TrainingException if a path does not exist or there is no log at all
     */
    static TrainingLogs of(List<Path> paths) {
        List<Path> files = new ArrayList<>();
        for (Path path : paths) {
            if (Files.isDirectory(path)) {
                try (Stream<Path> found = Files.walk(path)) {
                    found.filter(file -> file.toString().endsWith(".jsonl"))
                            .filter(Files::isRegularFile)
                            .sorted()
                            .forEach(files::add);
                } catch (IOException failure) {
                    throw unusable(path, "cannot be listed (" + failure + "); check the permissions", failure);
                }
            } else if (Files.isReadable(path)) {
                files.add(path);
            } else {
                throw unusable(
                        path, "does not exist or cannot be read; give a trajectory log or a folder of them", null);
            }
        }
        if (files.isEmpty()) {
            throw unusable(
                    paths.isEmpty() ? Path.of("") : paths.get(0),
                    "holds no .jsonl file; record one with TrajectoryLogger.file(...)",
                    null);
        }
        return new TrainingLogs(List.copyOf(files));
    }

    /** Reads everything once and passes on every decision, in the order of the files. */
    void forEachStep(Consumer<TrajectoryRecord.Decided> consumer) {
        steps = 0;
        skippedLines = 0;
        tornFiles = 0;
        for (Path file : files) {
            try (TrajectoryReader reader = TrajectoryReader.open(file)) {
                while (reader.hasNext()) {
                    TrajectoryRecord record = reader.next();
                    if (record instanceof TrajectoryRecord.Header header) {
                        schemas.putIfAbsent(
                                header.schema(),
                                header.actions().stream().map(Action::name).toList());
                        agree(file, header);
                    } else if (record instanceof TrajectoryRecord.Decided decided) {
                        steps++;
                        legalSeen.addAll(decided.legal());
                        consumer.accept(decided);
                    }
                }
                skippedLines += reader.skipped();
                tornFiles += reader.tornBytes() > 0 ? 1 : 0;
            } catch (TrajectoryException broken) {
                throw unusable(file, String.valueOf(broken.getMessage()), broken);
            }
        }
        if (steps == 0) {
            throw unusable(
                    files.get(0),
                    "and the " + (files.size() - 1) + " logs beside it hold no step"
                            + (skippedLines > 0 ? " (" + skippedLines + " lines could not be read)" : "")
                            + "; play with a TrajectoryLogger first",
                    null);
        }
    }

    private void agree(Path file, TrajectoryRecord.Header header) {
        if (schemas.size() > 1) {
            throw unusable(
                    file,
                    "is of the schema '" + header.schema() + "', others are of '"
                            + schemas.keySet().iterator().next() + "'; train one schema at a time",
                    null);
        }
        List<String> known = schemas.values().iterator().next();
        List<String> here = header.actions().stream().map(Action::name).toList();
        if (!known.equals(here)) {
            throw unusable(
                    file,
                    "has the actions " + here + ", an earlier one of the same schema has " + known
                            + "; train logs of one version of the schema",
                    null);
        }
    }

    /** The schema's name, after a reading. */
    String schema() {
        return schemas.isEmpty() ? "actions" : schemas.keySet().iterator().next();
    }

    /** The schema's actions, after a reading; those seen as legal where the logs have no header. */
    List<String> actions() {
        return schemas.isEmpty()
                ? List.copyOf(legalSeen)
                : schemas.values().iterator().next();
    }

    int files() {
        return files.size();
    }

    long steps() {
        return steps;
    }

    /** Lines that were left out, and files whose last line was torn, as sentences for the report. */
    List<String> notices() {
        List<String> notices = new ArrayList<>();
        if (skippedLines > 0) {
            notices.add(skippedLines + " lines of the logs could not be read and were left out");
        }
        if (tornFiles > 0) {
            notices.add(tornFiles + " logs end in a torn line, which was left out");
        }
        return notices;
    }

    private static TrainingException unusable(
            Path path, String message, @org.jspecify.annotations.Nullable Throwable cause) {
        return new TrainingException(
                TrainingException.Reason.UNUSABLE_DATA,
                path.toString(),
                "Training data '" + path + "' " + message,
                cause);
    }
}
