package dev.reflexloop.llm.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** One run of a program with bounded output. {@link #await} is called by one thread, {@link #kill} by any. */
final class ProgramRun {
    private static final long END_OF_OUTPUT_MILLIS = 500;
    private static final int ERROR_BYTES = 4_096;

    private final Process process;
    private final Collector output;
    private final Collector errors;
    private final CountDownLatch collected = new CountDownLatch(2);

    private ProgramRun(Process process, int outputBytes) {
        this.process = process;
        this.output = new Collector(outputBytes, false);
        this.errors = new Collector(ERROR_BYTES, true);
    }

    /**
     * Starts a program, without a shell.
     *
     * @param input what it reads on its standard input
     * @param outputBytes so much of its output is kept, from the beginning; the rest is read and dropped
     * @param threads two or three of which are held until it ends
     */
    static ProgramRun start(
            List<String> command, Map<String, String> environment, byte[] input, int outputBytes, Executor threads)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        ProgramRun run = new ProgramRun(builder.start(), outputBytes);
        try {
            threads.execute(() -> run.collect(run.process.getInputStream(), run.output));
            threads.execute(() -> run.collect(run.process.getErrorStream(), run.errors));
            if (input.length == 0) {
                run.process.getOutputStream().close();
            } else {
                threads.execute(() -> run.feed(input));
            }
            return run;
        } catch (IOException | RuntimeException | OutOfMemoryError refused) {
            run.kill();
            throw refused;
        }
    }

    private void feed(byte[] input) {
        try (OutputStream in = process.getOutputStream()) {
            in.write(input);
        } catch (IOException unread) {
            // A program need not read all of its input.
        }
    }

    private void collect(InputStream from, Collector to) {
        byte[] buffer = new byte[4_096];
        try (from) {
            for (int count = from.read(buffer); count >= 0; count = from.read(buffer)) {
                to.add(buffer, count);
            }
        } catch (IOException closed) {
            // It was killed while it wrote.
        } finally {
            collected.countDown();
        }
    }

    /** Waits for its end; the exit code, or empty when the time passed first. */
    Optional<Integer> await(long nanos) throws InterruptedException {
        if (!process.waitFor(nanos, TimeUnit.NANOSECONDS)) {
            return Optional.empty();
        }
        // Bounded, because something that it left behind may hold its output open.
        collected.await(END_OF_OUTPUT_MILLIS, TimeUnit.MILLISECONDS);
        return Optional.of(process.exitValue());
    }

    /** Ends it and all that it started. Idempotent. */
    void kill() {
        List<ProcessHandle> below = process.descendants().toList();
        process.destroyForcibly();
        for (ProcessHandle each : below) {
            each.descendants().forEach(ProcessHandle::destroyForcibly); // started since the list was made
            each.destroyForcibly();
        }
    }

    String output() {
        return output.text();
    }

    /** The last things that it said on standard error. */
    String errors() {
        return errors.text();
    }

    /** Keeps the first or the last bytes of a stream. Thread-safe. */
    private static final class Collector {
        private final int limit;
        private final boolean last;
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

        Collector(int limit, boolean last) {
            this.limit = limit;
            this.last = last;
        }

        synchronized void add(byte[] buffer, int count) {
            if (last && bytes.size() + count > 2 * limit) {
                byte[] kept = bytes.toByteArray();
                bytes.reset();
                bytes.write(kept, Math.max(0, kept.length - limit), Math.min(limit, kept.length));
            }
            bytes.write(buffer, 0, last ? count : Math.min(count, limit - bytes.size()));
        }

        synchronized String text() {
            String text = bytes.toString(StandardCharsets.UTF_8);
            return last ? text.substring(Math.max(0, text.length() - limit)) : text;
        }
    }
}
