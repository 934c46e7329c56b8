package dev.reflexloop.examples.morrowind;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A small file that somebody else writes, looked at from time to time. One thread at a time; each look costs one system call while nothing
 * changes.
 *
 * <p>File systems count time in steps of some milliseconds, so a file that was written twice within one looks unchanged. A file that is
 * younger than {@link #SETTLED} when it is read is therefore read again, until it is older. Symbolic links are not followed.
 */
final class WatchedFile {
    private static final Duration SETTLED = Duration.ofMillis(100);

    /** What a change of the file is recognised by. */
    private record Stamp(
            FileTime written, long size, @Nullable Object key) {}

    private final Path path;
    private final int maxBytes;
    private @Nullable Stamp settled;

    /**
     * Watches a file, which need not exist.
     *
     * @param path the file
     * @param maxBytes the most bytes of it that are read
     */
    WatchedFile(Path path, int maxBytes) {
        this.path = path;
        this.maxBytes = maxBytes;
    }

    Path path() {
        return path;
    }

    /**
     * What one look at a file found.
     *
     * @param bytes the content
     * @param writtenAt when it was last written, by the file system's clock
     */
    @SuppressWarnings("ArrayRecordComponent") // read once, right away
    record Content(byte[] bytes, Instant writtenAt) {}

    /**
     * Reads the file if it may have changed since the last look.
     *
     * @param now the wall clock
     * @return its content; empty if it is not there, or is as it was
     * @throws IOException if it cannot be read, is larger than it may be, or is no file; the next look tries again, where trying may help
     */
    Optional<Content> look(Instant now) throws IOException {
        try {
            BasicFileAttributes found =
                    Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            Stamp stamp = new Stamp(found.lastModifiedTime(), found.size(), found.fileKey());
            if (stamp.equals(settled)) {
                return Optional.empty();
            }
            if (!found.isRegularFile()) {
                settled = stamp;
                throw new IOException(
                        found.isSymbolicLink()
                                ? "it is a symbolic link, and links are not followed; write a file"
                                : "it is no regular file");
            }
            if (found.size() > maxBytes) {
                settled = stamp;
                throw new IOException("it has " + found.size() + " bytes; write at most " + maxBytes);
            }
            byte[] bytes = read();
            Instant written = found.lastModifiedTime().toInstant();
            settled = Duration.between(written, now).abs().compareTo(SETTLED) > 0 ? stamp : null;
            return Optional.of(new Content(bytes, written));
        } catch (NoSuchFileException notThere) {
            settled = null;
            return Optional.empty();
        }
    }

    private byte[] read() throws IOException {
        try (InputStream in = Files.newInputStream(path, LinkOption.NOFOLLOW_LINKS)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new IOException("it has more than " + maxBytes + " bytes");
            }
            return bytes;
        }
    }
}
