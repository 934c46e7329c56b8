package dev.reflexloop.console.logfile;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Follows a log as it is written, over its rotations: what was renamed is read to its end, then the files that came after it. A log that was
 * deleted or replaced is read from its beginning. One thread at a time.
 */
public final class LogTail implements AutoCloseable {
    private final Path file;
    private final int newest;
    private @Nullable LogLines lines;
    private @Nullable Object key;

    /**
     * Starts at the beginning of the oldest file of a log.
     *
     * @param file the file that is written now, or will be
     */
    public LogTail(Path file) {
        this(file, Integer.MAX_VALUE);
    }

    /**
     * Starts at the beginning of one of the newest files of a log.
     *
     * @param file the file that is written now, or will be
     * @param newest how many files to begin with, 1 or more
     */
    public LogTail(Path file, int newest) {
        this.file = file;
        this.newest = newest;
    }

    /**
     * The next line that ends. Never waits.
     *
     * @return the line; empty if nothing has come since
     */
    public Optional<String> next() {
        while (true) {
            Optional<String> line = lines == null ? Optional.empty() : lines.next();
            if (line.isPresent()) {
                return line;
            }
            Path following = following();
            if (following == null || !open(following)) {
                return Optional.empty();
            }
        }
    }

    /** The file to go on with when the present one has no more lines; null where it is the last one. */
    private @Nullable Path following() {
        List<Path> family = LogFiles.family(file);
        if (family.isEmpty()) {
            return null;
        }
        if (lines == null) {
            return family.get(Math.max(0, family.size() - newest));
        }
        for (int i = family.size() - 1; i >= 0; i--) {
            if (Objects.equals(key, key(family.get(i)))) {
                return i + 1 < family.size() ? family.get(i + 1) : null;
            }
        }
        return family.get(family.size() - 1);
    }

    private boolean open(Path next) {
        Object before = key(next);
        try {
            LogLines opened = LogLines.open(next);
            if (before == null || !before.equals(key(next))) {
                opened.close(); // renamed meanwhile, so it is not known which of the two files this is
                return false;
            }
            close();
            lines = opened;
            key = before;
            return true;
        } catch (IOException gone) {
            return false; // renamed between two looks; the next one finds it
        }
    }

    private static @Nullable Object key(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            return attributes.fileKey() == null ? attributes.creationTime() : attributes.fileKey();
        } catch (IOException gone) {
            return null;
        }
    }

    @Override
    public void close() {
        if (lines != null) {
            lines.close();
            lines = null;
        }
    }
}
