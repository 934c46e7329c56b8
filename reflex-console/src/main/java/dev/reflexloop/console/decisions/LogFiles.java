package dev.reflexloop.console.decisions;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds logs. A log that is full is renamed {@code name.1.jsonl}, {@code name.2.jsonl} and so on, higher numbers being newer. */
final class LogFiles {
    private static final String ENDING = ".jsonl";
    private static final String LABELS = ".labels.jsonl";
    private static final int DEEPEST = 16;
    private static final int MOST = 10_000;
    private static final Pattern ROTATED = Pattern.compile("(?s)(.*)\\.([0-9]{1,8})(\\.[^.]*)");

    private static final Comparator<Path> OLDEST_FIRST = Comparator.comparing((Path file) -> file.resolveSibling(""))
            .thenComparing(file -> base(file).getFileName().toString())
            .thenComparingInt(LogFiles::number);

    private LogFiles() {}

    /** The logs in files and folders, each log's parts together, the oldest first; at most {@value #MOST}. */
    static List<Path> find(List<Path> filesOrFolders) {
        Set<Path> found = new LinkedHashSet<>();
        for (Path each : filesOrFolders) {
            Path path = each.toAbsolutePath().normalize();
            if (Files.isDirectory(path)) {
                add(path, DEEPEST, LogFiles::isLog, found);
            } else {
                Path folder = path.getParent();
                if (folder != null && Files.isDirectory(folder)) {
                    add(folder, 1, file -> base(file).equals(path), found);
                }
                if (Files.isRegularFile(path)) {
                    found.add(path);
                }
            }
        }
        return found.stream().sorted(OLDEST_FIRST).limit(MOST).toList();
    }

    private interface Choice {
        boolean takes(Path file);
    }

    private static void add(Path folder, int depth, Choice choice, Set<Path> to) {
        List<Path> files = new ArrayList<>();
        try (Stream<Path> walk = Files.walk(folder, depth)) {
            walk.filter(file -> choice.takes(file) && Files.isRegularFile(file)).forEach(files::add);
        } catch (IOException | UncheckedIOException vanished) {
            // what could be listed counts; the next look may see the rest
        }
        to.addAll(files);
    }

    private static boolean isLog(Path file) {
        String name = String.valueOf(file.getFileName());
        return name.endsWith(ENDING) && !name.endsWith(LABELS);
    }

    /** The name that a log has, or had before it was full. */
    static Path base(Path file) {
        Matcher rotated = ROTATED.matcher(String.valueOf(file.getFileName()));
        return rotated.matches() ? file.resolveSibling(rotated.group(1) + rotated.group(3)) : file;
    }

    private static int number(Path file) {
        Matcher rotated = ROTATED.matcher(String.valueOf(file.getFileName()));
        return rotated.matches() ? Integer.parseInt(rotated.group(2)) : Integer.MAX_VALUE;
    }

    /** Where the labels of a log's decisions are, whatever part of the log a decision is in. */
    static Path labels(Path file) {
        Path base = base(file);
        return base.resolveSibling(base.getFileName() + LABELS);
    }
}
