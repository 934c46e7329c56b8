package dev.reflexloop.console.decisions;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * A file of lines that somebody else appends to, followed from where it was left. A torn last line waits until it is finished. The file is
 * opened only while it is read, so nothing stands in the way of its writer. One thread at a time.
 */
public final class GrowingFile {
    private static final int MAX_LINE_BYTES = 16 * 1024 * 1024;
    private static final int CHUNK = 1 << 16;
    private static final int BEGINNING = 256;

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private Path path;
    private byte[] beginning = {};
    private long position;
    private long tooLong;
    private boolean withinTooLong;

    /** What is done with a line. */
    @FunctionalInterface
    public interface Lines {
        /**
         * Takes a line.
         *
         * @param offset where it begins, in bytes
         * @param text the line without its end
         */
        void line(long offset, String text);
    }

    /**
     * A file that was not read yet.
     *
     * @param path the file, which may be missing
     */
    public GrowingFile(Path path) {
        this.path = path;
    }

    /**
     * Where it is.
     *
     * @return the file
     */
    public Path path() {
        return path;
    }

    void movedTo(Path newPath) {
        path = newPath;
    }

    /**
     * How many lines were left out, because they were longer than 16 MiB.
     *
     * @return the number of lines
     */
    public long tooLong() {
        return tooLong;
    }

    /**
     * Reads what was finished since the last time. Blocks while it reads.
     *
     * @param lines takes every new line in order; empty ones are left out
     * @return false if what was read before is no longer the file's beginning, because it was replaced or cut: then nothing was read, and
     *     the next call begins at the start
     * @throws IOException if it cannot be read, or is no regular file
     */
    public boolean follow(Lines lines) throws IOException {
        try (FileChannel channel = open()) {
            long size = channel.size();
            if (size < position || !Arrays.equals(beginning, read(channel, 0, beginning.length))) {
                position = 0;
                beginning = new byte[0];
                withinTooLong = false;
                return false;
            }
            readOn(channel, size, lines);
            if (beginning.length < BEGINNING) { // finished lines only: the rest may be cut by its writer
                beginning = read(channel, 0, (int) Math.min(BEGINNING, position));
            }
            return true;
        }
    }

    private FileChannel open() throws IOException {
        if (!Files.isRegularFile(path)) { // a pipe would block
            throw new IOException(path + " is no regular file");
        }
        return FileChannel.open(path, StandardOpenOption.READ);
    }

    private static byte[] read(FileChannel channel, long from, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining() && channel.read(buffer, from + buffer.position()) > 0) {
            // until it is full or the file ends
        }
        return Arrays.copyOf(buffer.array(), buffer.position());
    }

    private void readOn(FileChannel channel, long size, Lines lines) throws IOException {
        line.reset();
        long at = position;
        while (at < size) {
            byte[] chunk = read(channel, at, (int) Math.min(CHUNK, size - at));
            if (chunk.length == 0) {
                break;
            }
            int start = 0;
            for (int i = 0; i < chunk.length; i++) {
                if (chunk[i] == '\n') {
                    line.write(chunk, start, i - start);
                    finished(at + i + 1, lines);
                    start = i + 1;
                }
            }
            line.write(chunk, start, chunk.length - start);
            at += chunk.length;
            if (line.size() > MAX_LINE_BYTES) {
                line.reset();
                position = at;
                withinTooLong = true;
            }
        }
        line.reset();
    }

    private void finished(long end, Lines lines) {
        long offset = position;
        position = end;
        if (withinTooLong) {
            withinTooLong = false;
            tooLong++;
        } else if (line.size() > 0) {
            lines.line(offset, line.toString(StandardCharsets.UTF_8));
        }
        line.reset();
    }

    /**
     * Reads one line again. Blocks while it reads.
     *
     * @param offset where it begins
     * @return what stands there now, without its end; empty if nothing does
     * @throws IOException if it cannot be read
     */
    Optional<String> lineAt(long offset) throws IOException {
        try (FileChannel channel = open()) {
            ByteArrayOutputStream whole = new ByteArrayOutputStream();
            int length = 4_096;
            while (whole.size() <= MAX_LINE_BYTES) {
                byte[] chunk = read(channel, offset + whole.size(), length);
                for (int i = 0; i < chunk.length; i++) {
                    if (chunk[i] == '\n') {
                        whole.write(chunk, 0, i);
                        return Optional.of(whole.toString(StandardCharsets.UTF_8));
                    }
                }
                if (chunk.length < length) {
                    break;
                }
                whole.write(chunk, 0, chunk.length);
                length = CHUNK;
            }
            return Optional.empty();
        }
    }
}
