package dev.reflexloop;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file of lines that one process appends to, and that can be read whatever happens to it: a torn last line is cut when it is opened, a
 * batch that could not be written whole is cut back, and a file that is full is renamed to {@code name.1.jsonl}, {@code name.2.jsonl} and so
 * on, higher numbers being newer. What is deleted or replaced while it is written is begun anew. Confined to its writer's thread once it is
 * open.
 */
final class LinesFile {
    private static final Logger LOG = LoggerFactory.getLogger(LinesFile.class);

    /** How a file is opened; tests put a disk in its place that fills up. */
    interface Opening {
        Opening NORMAL = path -> FileChannel.open(
                path,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS);

        FileChannel open(Path file) throws IOException;
    }

    /** Looks at a file that exists already; throws if it must not be continued. */
    interface Inspection {
        void inspect(FileChannel opened) throws IOException;
    }

    private final String what;
    private final Path file;
    private final long rotateAtBytes;
    private final boolean force;
    private final Opening opening;
    private final Inspection inspection;
    private FileChannel channel;
    private long position;
    private long rotateAtPosition;
    private @Nullable Object key;
    private boolean left;

    /**
     * Opens it, and creates its folder.
     *
     * @param what what it is called in messages
     */
    LinesFile(String what, Path file, long rotateAtBytes, boolean force, Opening opening, Inspection inspection)
            throws IOException {
        this.what = what;
        this.file = file.toAbsolutePath();
        this.rotateAtBytes = rotateAtBytes;
        this.rotateAtPosition = rotateAtBytes;
        this.force = force;
        this.opening = opening;
        this.inspection = inspection;
        this.channel = open();
    }

    @Override
    public String toString() {
        return what + ' ' + file;
    }

    private FileChannel open() throws IOException {
        Path folder = file.getParent();
        if (folder != null && !Files.isDirectory(folder)) { // which may be a link to one
            Files.createDirectories(folder);
        }
        if (Files.isSymbolicLink(file)) {
            throw new IOException("it is a symbolic link, which is not followed; name the file that it leads to");
        }
        FileChannel opened = opening.open(file);
        try {
            FileLock lock = opened.tryLock();
            if (lock == null) {
                throw new IOException("another process writes it");
            }
            inspection.inspect(opened);
            long end = cutTornLine(opened);
            key = attributes().fileKey(); // null where a file that is open cannot be taken away
            position = end;
            return opened;
        } catch (OverlappingFileLockException inThisProcess) {
            opened.close();
            throw new IOException("this process writes it already; share that one", inThisProcess);
        } catch (IOException failure) {
            opened.close();
            throw failure;
        }
    }

    /** How a file begins, for an inspection. */
    static String beginning(FileChannel opened, int mostBytes) throws IOException {
        ByteBuffer start = ByteBuffer.allocate((int) Math.min(mostBytes, opened.size()));
        while (start.hasRemaining() && opened.read(start, start.position()) > 0) {
            // until it is full or the file ends
        }
        return new String(start.array(), 0, start.position(), StandardCharsets.UTF_8);
    }

    private long cutTornLine(FileChannel opened) throws IOException {
        long size = opened.size();
        long end = size;
        ByteBuffer one = ByteBuffer.allocate(8_192);
        while (end > 0) {
            int length = (int) Math.min(one.capacity(), end);
            one.clear().limit(length);
            opened.read(one, end - length);
            int last = one.position() - 1;
            while (last >= 0 && one.get(last) != '\n') {
                last--;
            }
            if (last >= 0) {
                end = end - length + last + 1;
                break;
            }
            end -= length;
        }
        if (end < size) {
            LOG.warn("{} ended in a torn line; its {} bytes were cut", this, size - end);
            opened.truncate(end);
        }
        return end;
    }

    /**
     * Makes it ready for a batch: begins a new file where this one has reached its size or is not in its place any more, and opens it where
     * it is closed. To be called before each {@link #append}.
     *
     * @return true if what is written next does not follow what was written last
     */
    boolean prepare() throws IOException {
        if (channel.isOpen() && !isInPlace()) {
            LOG.warn(
                    "{} was deleted, replaced or cut by somebody else; what was written there is gone, and it is begun anew",
                    this);
            left = true;
            close();
        } else if (!left && position >= rotateAtPosition) {
            rotate();
        }
        if (channel.isOpen()) {
            return false;
        }
        long acknowledgedUntil = position;
        Object before = key;
        channel = open();
        boolean another = left || !Objects.equals(before, key);
        left = false;
        if (another) {
            rotateAtPosition = rotateAtBytes;
        } else if (position > acknowledgedUntil) { // lines of a batch that failed, which is written again as a whole
            position = acknowledgedUntil;
            channel.truncate(position);
        }
        return another;
    }

    private boolean isInPlace() {
        try {
            BasicFileAttributes there = attributes();
            return there.size() >= position && Objects.equals(key, there.fileKey());
        } catch (IOException gone) {
            return false;
        }
    }

    private BasicFileAttributes attributes() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Writes whole lines. Where this fails the file is as it was, as far as the disk allows.
     *
     * @param bytes lines with their ends
     */
    void append(byte[] bytes) throws IOException {
        try {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            long at = position;
            while (buffer.hasRemaining()) {
                at += channel.write(buffer, at);
            }
            if (force) {
                channel.force(false);
            }
            position = at;
        } catch (IOException failure) {
            cutBack(failure);
            throw failure;
        }
    }

    private void cutBack(IOException failure) {
        try {
            if (channel.isOpen()) {
                channel.truncate(position);
            }
        } catch (IOException alsoFailed) {
            failure.addSuppressed(alsoFailed);
        }
    }

    /** Moves the file away. What fails is logged, and the file goes on growing. */
    private void rotate() {
        try {
            channel.close();
            Files.move(file, nextRotated());
            left = true;
        } catch (IOException | DirectoryIteratorException failure) {
            LOG.warn("{} could not be rotated ({}); it goes on growing", this, failure.toString());
            rotateAtPosition = position + rotateAtBytes;
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            LOG.warn("{} did not close cleanly", this, failure);
        }
    }

    /** One above the highest number there is, so that higher numbers are newer even when old files were taken away. */
    private Path nextRotated() throws IOException {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        String before = (dot > 0 ? name.substring(0, dot) : name) + ".";
        String after = dot > 0 ? name.substring(dot) : "";
        int highest = 0;
        try (DirectoryStream<Path> siblings = Files.newDirectoryStream(file.resolveSibling(""))) {
            for (Path sibling : siblings) {
                String other = sibling.getFileName().toString();
                int length = other.length() - before.length() - after.length();
                if (length > 0 && length < 9 && other.startsWith(before) && other.endsWith(after)) {
                    String number = other.substring(before.length(), before.length() + length);
                    if (number.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
                        highest = Math.max(highest, Integer.parseInt(number));
                    }
                }
            }
        }
        return file.resolveSibling(before + (highest + 1) + after);
    }
}
