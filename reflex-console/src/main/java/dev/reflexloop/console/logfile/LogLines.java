package dev.reflexloop.console.logfile;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The finished lines of a file that may still grow. A line is bounded: what is longer is left out and counted. One thread at a time.
 */
public final class LogLines implements AutoCloseable {
    private static final int MOST_BYTES = 4 << 20;
    private static final int BUFFER = 1 << 16;

    private final Path file;
    private final InputStream in;
    private final byte[] buffer = new byte[BUFFER];
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private int from;
    private int until;
    private long tooLong;
    private boolean skipping;

    private LogLines(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Opens a file at its beginning.
     *
     * @param file the file
     * @return its lines
     * @throws IOException if it cannot be opened
     */
    public static LogLines open(Path file) throws IOException {
        return new LogLines(file, Files.newInputStream(file));
    }

    /**
     * The next line that ends. Never waits: whoever asks again later gets what was written meanwhile.
     *
     * @return the line without its end; empty if none has ended yet
     */
    public Optional<String> next() {
        try {
            while (from < until || fill()) {
                int end = from;
                while (end < until && buffer[end] != '\n') {
                    end++;
                }
                add(end - from);
                boolean ended = end < until;
                from = ended ? end + 1 : end;
                if (ended && !skipping) {
                    String text = line.toString(StandardCharsets.UTF_8);
                    line.reset();
                    return Optional.of(text);
                }
                skipping &= !ended;
            }
            return Optional.empty();
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " cannot be read on (" + failure + ").", failure);
        }
    }

    private boolean fill() throws IOException {
        from = 0;
        until = Math.max(0, in.read(buffer));
        return until > 0;
    }

    private void add(int length) {
        if (!skipping && line.size() + length <= MOST_BYTES) {
            line.write(buffer, from, length);
        } else if (!skipping) {
            line.reset();
            skipping = true;
            tooLong++;
        }
    }

    /**
     * How many lines were left out because no log has lines that long.
     *
     * @return their number so far
     */
    public long tooLong() {
        return tooLong;
    }

    /**
     * How many bytes were read that belong to a line without an end.
     *
     * @return bytes; more than 0 at the end of the file for a torn line, or one that is being written
     */
    public long unfinished() {
        return line.size();
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " did not close (" + failure + ").", failure);
        }
    }
}
