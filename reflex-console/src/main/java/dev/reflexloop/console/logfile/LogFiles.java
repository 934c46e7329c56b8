package dev.reflexloop.console.logfile;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Finds logs. Symbolic links below a folder are not followed. */
public final class LogFiles {
    private static final int DEPTH = 8;
    private static final int MOST_FILES = 10_000;
    private static final Pattern ROTATED = Pattern.compile("(.*)\\.(\\d{1,9})(\\.[^.]*)");

    private LogFiles() {}

    /**
     * Finds the files in and below folders, at most 10,000 of them, 8 folders deep. A log's rotated files belong to it, also where only the
     * log itself is named.
     *
     * @param places files and folders
     * @return what each file holds, but for {@link LogKind#OTHER}; the files of one log one after another, the oldest first
     * @throws IllegalArgumentException if one of them is not there
     */
    public static Map<Path, LogKind> find(List<Path> places) {
        Map<Path, LogKind> kinds = new LinkedHashMap<>();
        for (Path place : places) {
            List<Path> files = new ArrayList<>();
            if (Files.isDirectory(place)) {
                files.addAll(below(place));
            } else if (Files.isRegularFile(place)) {
                files.addAll(family(place));
            } else {
                throw new IllegalArgumentException(
                        "There is no file or folder " + place + "; name a log, or a folder that holds some.");
            }
            files.sort(inOrder());
            files.forEach(file -> put(kinds, file));
        }
        return kinds;
    }

    private static void put(Map<Path, LogKind> kinds, Path file) {
        try {
            LogKind kind = LogKind.of(file);
            if (kind != LogKind.OTHER) {
                kinds.put(file.toAbsolutePath().normalize(), kind);
            }
        } catch (IOException unreadable) {
            kinds.remove(file.toAbsolutePath().normalize()); // it vanished, or is somebody else's
        }
    }

    private static List<Path> below(Path folder) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(folder, EnumSet.noneOf(FileVisitOption.class), DEPTH, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (attributes.isRegularFile() && isCandidate(file)) {
                        files.add(file);
                    }
                    return files.size() < MOST_FILES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException failure) {
                    return FileVisitResult
                            .CONTINUE; // a folder that may not be read hides what is in it, and nothing else
                }
            });
        } catch (IOException failure) {
            throw new UncheckedIOException("The folder " + folder + " cannot be read (" + failure + ").", failure);
        }
        return files;
    }

    private static boolean isCandidate(Path file) {
        String name = file.getFileName().toString();
        return name.endsWith(".jsonl") || name.equals("sessions.json");
    }

    /**
     * A log's file with the rotated ones beside it: {@code name.1.jsonl}, {@code name.2.jsonl} and so on.
     *
     * @param file the file that is written now
     * @return the oldest first, the file itself last, if it is there
     */
    public static List<Path> family(Path file) {
        Path absolute = file.toAbsolutePath();
        Path folder = absolute.getParent();
        List<Path> files = new ArrayList<>();
        if (folder != null && number(file).isEmpty()) {
            try (Stream<Path> beside = Files.list(folder)) {
                beside.filter(each -> number(each).isPresent() && log(each).equals(absolute))
                        .forEach(files::add);
            } catch (IOException unreadable) {
                files.clear(); // the file itself may still be readable
            }
        }
        if (Files.exists(absolute)) {
            files.add(absolute);
        }
        files.sort(inOrder());
        return files;
    }

    private static Comparator<Path> inOrder() {
        return Comparator.comparing(LogFiles::log)
                .thenComparingLong(file -> number(file).orElse(Long.MAX_VALUE));
    }

    /**
     * The log that a file belongs to.
     *
     * @param file a file, rotated or not
     * @return the file that is written now
     */
    public static Path log(Path file) {
        Matcher rotated = ROTATED.matcher(String.valueOf(file.getFileName()));
        return rotated.matches() ? file.resolveSibling(rotated.group(1) + rotated.group(3)) : file;
    }

    private static OptionalLong number(Path file) {
        Matcher rotated = ROTATED.matcher(String.valueOf(file.getFileName()));
        return rotated.matches() ? OptionalLong.of(Long.parseLong(rotated.group(2))) : OptionalLong.empty();
    }
}
