package dev.reflexloop.escalation;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The append-only file behind an inbox. One thread at a time.
 *
 * <p>A line is written whole or not at all: what fails half-way is cut off again, and a torn last line, which a killed process may leave,
 * is cut when the file is opened. A {@link RandomAccessFile} and no channel writes, because an interrupt of whoever submits would
 * close a channel under everybody else.
 */
final class InboxJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EscalationInbox.class);
    private static final int MAX_LINE_CHARACTERS = 1 << 18;
    private static final long MAX_FILE_BYTES = 1L << 29;

    /** How the file is opened; tests put a disk in its place that fills up. */
    interface Opening {
        RandomAccessFile open(Path file) throws IOException;
    }

    private final Path file;
    private final boolean force;
    private final Opening opening;
    private @Nullable RandomAccessFile out;
    private @Nullable Object key;
    private long position;

    InboxJournal(Path file, boolean force, Opening opening) {
        this.file = file;
        this.force = force;
        this.opening = opening;
    }

    /** Opens the file, creating it and its folder, and reads what is in it. */
    List<InboxLine> open(Instant now) throws IOException {
        Files.createDirectories(folder());
        Files.deleteIfExists(temporary());
        openAndLock();
        try {
            List<InboxLine> lines = replay();
            if (position == 0) {
                append(InboxJson.header(now));
            }
            return lines;
        } catch (IOException | RuntimeException failure) {
            close();
            throw failure;
        }
    }

    private Path folder() {
        return Objects.requireNonNull(file.getParent(), "the file is absolute");
    }

    private Path temporary() {
        return file.resolveSibling("." + file.getFileName() + ".tmp");
    }

    private void openAndLock() throws IOException {
        if (Files.isSymbolicLink(file)) {
            throw new IOException("it is a symbolic link, and links are not followed");
        }
        boolean interrupted = Thread.interrupted(); // it would close the channel that locks
        RandomAccessFile opened = opening.open(file);
        try {
            FileLock lock = opened.getChannel().tryLock();
            if (lock == null) {
                throw new IOException("another process writes it");
            }
            key = key();
            position = opened.length();
            out = opened;
        } catch (OverlappingFileLockException inThisProcess) {
            opened.close();
            throw new IOException("another inbox of this process writes it; share that one", inThisProcess);
        } catch (IOException failure) {
            opened.close();
            throw failure;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private @Nullable Object key() throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
    }

    private List<InboxLine> replay() throws IOException {
        RandomAccessFile in = opened();
        if (in.length() > MAX_FILE_BYTES) {
            throw new IOException("it has " + in.length() + " bytes, which no inbox has");
        }
        byte[] bytes = new byte[(int) in.length()];
        in.seek(0);
        in.readFully(bytes);
        String text = new String(bytes, StandardCharsets.UTF_8);
        refuseWhatIsNoInbox(text);
        int end = bytes.length;
        while (end > 0 && bytes[end - 1] != '\n') {
            end--;
        }
        if (end < bytes.length) {
            LOG.warn("Inbox {} ended in a torn line; its {} bytes were cut", file, bytes.length - end);
            in.setLength(end);
        }
        position = end;
        return lines(file, text);
    }

    /** Reads a file that another process may have open. */
    static List<InboxLine> read(Path file) throws IOException {
        long size = Files.size(file);
        if (size > MAX_FILE_BYTES) {
            throw new IOException("it has " + size + " bytes, which no inbox has");
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        refuseWhatIsNoInbox(text);
        return lines(file, text);
    }

    private static void refuseWhatIsNoInbox(String text) throws IOException {
        String begin = text.substring(0, Math.min(text.length(), InboxJson.ANY_HEADER.length()));
        if (!InboxJson.ANY_HEADER.startsWith(begin)) {
            throw new IOException("it exists and is no inbox");
        }
        int end = text.indexOf('\n');
        if (end >= 0 && InboxJson.version(text.substring(0, end)) > InboxJson.VERSION) {
            throw new IOException("it was written in a newer version of the format than " + InboxJson.VERSION);
        }
    }

    /** The lines that have an end. */
    private static List<InboxLine> lines(Path file, String text) {
        List<InboxLine> lines = new ArrayList<>();
        int skipped = 0;
        String first = "";
        for (String each : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
            if (each.startsWith(InboxJson.ANY_HEADER)) {
                continue;
            }
            try {
                Optional<InboxLine> line = InboxJson.read(each);
                line.ifPresent(lines::add);
                skipped += line.isPresent() ? 0 : 1;
            } catch (IOException | RuntimeException malformed) {
                first = skipped++ == 0 ? String.valueOf(malformed.getMessage()) : first;
            }
        }
        if (skipped > 0) {
            LOG.warn(
                    "Inbox {}: {} lines were left out, because they are none of this version ({})",
                    file,
                    skipped,
                    first);
        }
        return lines;
    }

    private RandomAccessFile opened() throws IOException {
        RandomAccessFile opened = out;
        if (opened == null) {
            throw new IOException("it is not open");
        }
        return opened;
    }

    /** Whether what is appended can be found under the file's name; false when it was deleted or replaced. */
    boolean isInPlace() {
        try {
            return out != null && Objects.equals(key, key());
        } catch (IOException gone) {
            return false;
        }
    }

    long size() {
        return position;
    }

    void append(InboxLine line) throws IOException {
        append(InboxJson.write(line));
    }

    private void append(String line) throws IOException {
        if (line.length() > MAX_LINE_CHARACTERS) {
            throw new IOException("a line of " + line.length() + " characters is longer than any line of an inbox");
        }
        RandomAccessFile to = opened();
        byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
        try {
            to.seek(position);
            to.write(bytes);
            if (force) {
                to.getFD().sync();
            }
            position += bytes.length;
        } catch (IOException failure) {
            cutBack(to, failure);
            throw failure;
        }
    }

    private void cutBack(RandomAccessFile to, IOException failure) {
        try {
            to.setLength(position);
        } catch (IOException alsoFailed) {
            failure.addSuppressed(alsoFailed);
            close(); // the next line must not come behind half of this one; a rewrite follows
        }
    }

    /** Puts a new file with these lines in the place of the old one, which is kept as {@code name.old} where {@code keepOld}. */
    void rewrite(List<InboxLine> lines, Instant now, boolean keepOld) throws IOException {
        Files.createDirectories(folder());
        Path temporary = temporary();
        try {
            Files.deleteIfExists(temporary);
            try (RandomAccessFile to = opening.open(temporary)) {
                StringBuilder text = new StringBuilder(InboxJson.header(now));
                lines.forEach(line -> text.append(InboxJson.write(line)));
                to.write(text.toString().getBytes(StandardCharsets.UTF_8));
                to.getFD().sync();
            }
            if (keepOld) {
                keepOld();
            }
            close(); // some systems do not replace a file that is open
            move(temporary, file);
        } finally {
            Files.deleteIfExists(temporary); // half of it would take the room that is lacking
        }
        openAndLock();
    }

    private void keepOld() throws IOException {
        Path old = file.resolveSibling(file.getFileName() + ".old");
        Path copy = file.resolveSibling("." + file.getFileName() + ".old.tmp");
        try {
            Files.deleteIfExists(copy);
            linkOrCopy(file, copy);
            move(copy, old);
        } catch (NoSuchFileException vanished) {
            LOG.debug("There is no inbox {} to keep", file);
        } finally {
            Files.deleteIfExists(copy);
        }
    }

    /** A link takes no room; not every file system has them. */
    private static void linkOrCopy(Path from, Path to) throws IOException {
        try {
            Files.createLink(to, from);
        } catch (UnsupportedOperationException | IOException cannot) {
            Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException cannot) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Override
    public void close() {
        RandomAccessFile closing = out;
        out = null;
        if (closing != null) {
            try {
                closing.close();
            } catch (IOException failure) {
                LOG.warn("Inbox {} did not close cleanly", file, failure);
            }
        }
    }
}
