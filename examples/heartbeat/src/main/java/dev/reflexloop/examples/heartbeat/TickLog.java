package dev.reflexloop.examples.heartbeat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends ticks to {@code ticks_YYYYMMDD.jsonl}, one file for each day in UTC, one JSON object a line. One thread at a time.
 *
 * <p>A line was handed to the operating system when {@link #append} returns, and survives the death of this process. The file is opened
 * anew for every line: ticks are seconds apart, and a folder that vanished or a file that was moved away is noticed that way. A torn last
 * line, which a killed process or a full disk left, is cut off before the next one is written. A symbolic link in place of the file is not
 * followed.
 */
final class TickLog {
    private static final Logger LOG = LoggerFactory.getLogger(TickLog.class);
    private static final DateTimeFormatter DAY = DateTimeFormatter.ofPattern("uuuuMMdd");
    private static final int WINDOW = 4_096;

    private final Path folder;

    TickLog(Path folder) {
        this.folder = folder.toAbsolutePath();
    }

    /** The file of the day in which a moment lies, in UTC. */
    Path file(Instant at) {
        return file(LocalDate.ofInstant(at, ZoneOffset.UTC));
    }

    private Path file(LocalDate day) {
        return folder.resolve("ticks_" + DAY.format(day) + ".jsonl");
    }

    /**
     * Appends a line. Blocks until the operating system has it.
     *
     * @param at the tick's time, which chooses the file
     * @param json the line, without its end
     * @throws IOException if it could not be written as a whole; then nothing of it is in the file
     */
    void append(Instant at, String json) throws IOException {
        Path file = file(at);
        Files.createDirectories(folder);
        try (FileChannel channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                LinkOption.NOFOLLOW_LINKS)) {
            if (channel.tryLock() == null) {
                throw new IOException("another process writes it; give every monitor a folder of its own");
            }
            long end = endOfLastLine(channel, file);
            // String.getBytes replaces a lone surrogate from outside, where an encoder would fail on it.
            ByteBuffer bytes = ByteBuffer.wrap((json + '\n').getBytes(StandardCharsets.UTF_8));
            try {
                for (long position = end; bytes.hasRemaining(); ) {
                    position += channel.write(bytes, position);
                }
            } catch (IOException failure) {
                channel.truncate(end);
                throw failure;
            }
        } catch (OverlappingFileLockException inThisProcess) {
            throw new IOException(
                    "another monitor of this process writes it; give each a folder of its own", inThisProcess);
        }
    }

    private static long endOfLastLine(FileChannel channel, Path file) throws IOException {
        long size = channel.size();
        for (long end = size; end > 0; ) {
            ByteBuffer window = ByteBuffer.allocate((int) Math.min(WINDOW, end));
            long start = end - window.capacity();
            while (window.hasRemaining() && channel.read(window, start + window.position()) >= 0) {
                // until it is full, or somebody cut the file meanwhile
            }
            for (int i = window.position() - 1; i >= 0; i--) {
                if (window.get(i) == '\n') {
                    return cut(channel, file, start + i + 1, size);
                }
            }
            end = start;
        }
        return cut(channel, file, 0, size);
    }

    private static long cut(FileChannel channel, Path file, long end, long size) throws IOException {
        if (end < size) {
            LOG.warn("{} ended in a torn line; its {} bytes were cut", file, size - end);
            channel.truncate(end);
        }
        return end;
    }
}
