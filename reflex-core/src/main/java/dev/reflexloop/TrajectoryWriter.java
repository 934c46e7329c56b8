package dev.reflexloop;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a trajectory log on a thread of its own.
 *
 * <p>Callers only append to a lock-free queue; they never wake the writer, which would cost them a system call, so the writer looks by
 * itself every few milliseconds. A batch that cannot be written is tried again. All file state is confined to the writer's thread.
 */
final class TrajectoryWriter implements TrajectoryLogger {
    private static final Logger LOG = LoggerFactory.getLogger(TrajectoryWriter.class);
    private static final int BATCH_RECORDS = 512;
    private static final int BATCH_CHARACTERS = 1 << 20;
    private static final long IDLE_NANOS = 2_000_000;
    private static final long RETRY_NANOS = 1_000_000_000;
    private static final long CLOSE_MILLIS = 5_000;
    private static final String ANY_RECORD = "{\"type\":\"";
    private static final String ANY_HEADER = ANY_RECORD + "header\",\"version\":";

    /** Writes one record; {@code session} is the run whose header must stand before it in the same file, or null. */
    private record Line(@Nullable String session, @Nullable String newSession, JsonWriting writing) {}

    private interface JsonWriting {
        void to(JsonGenerator json) throws IOException;
    }

    private final Path file;
    private final LinesFile lines;
    private final int queueCapacity;
    private final Queue<Line> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger queued = new AtomicInteger();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;

    private final Map<String, JsonWriting> headers = new HashMap<>();
    private final Set<String> headersInFile = new HashSet<>();
    private final Set<String> headersInText = new HashSet<>();
    private final Set<String> headersBeforeText = new LinkedHashSet<>();
    private final StringWriter text = new StringWriter();
    private boolean broken;

    TrajectoryWriter(TrajectoryFile.Builder builder) {
        this.file = builder.file.toAbsolutePath();
        this.queueCapacity = builder.queueCapacity;
        try {
            this.lines = new LinesFile(
                    "Trajectory log",
                    file,
                    builder.rotateAtBytes,
                    builder.force,
                    builder.opening,
                    TrajectoryWriter::refuseWhatIsNoLog);
        } catch (IOException failure) {
            throw new TrajectoryException(
                    file.toString(),
                    "cannot be written (" + failure + "); choose a file in a folder that you may write",
                    failure);
        }
        this.thread = ReflexThreads.create("reflex-trajectory", this::write);
        thread.start();
    }

    @Override
    public boolean header(String session, ActionSchema schema, Instant startedAt) {
        return offer(new Line(null, session, json -> TrajectoryJson.header(json, session, schema, startedAt)));
    }

    @Override
    public boolean step(Step step) {
        return offer(new Line(step.session(), null, json -> TrajectoryJson.step(json, step)));
    }

    @Override
    public boolean applied(String step, long tick, Instant at) {
        return offer(new Line(null, null, json -> TrajectoryJson.applied(json, step, tick, at)));
    }

    @Override
    public boolean outcome(Outcome outcome) {
        return offer(new Line(null, null, json -> TrajectoryJson.outcome(json, outcome)));
    }

    private boolean offer(Line line) {
        if (closing) {
            refused.incrementAndGet();
            return false;
        }
        if (queued.incrementAndGet() > queueCapacity) {
            queued.decrementAndGet();
            refused.incrementAndGet();
            return false;
        }
        accepted.incrementAndGet();
        queue.add(line);
        if (closing && !thread.isAlive() && queue.remove(line)) { // the writer ended while this record came
            dropped.incrementAndGet();
            return false;
        }
        return true;
    }

    @Override
    public long acknowledged() {
        return acknowledged.get();
    }

    @Override
    public long lost() {
        return refused.get() + dropped.get();
    }

    @Override
    public boolean flush(Duration timeout) {
        long lostBefore = lost();
        long target = accepted.get();
        long start = System.nanoTime();
        while (acknowledged.get() + dropped.get() < target) {
            if (System.nanoTime() - start >= timeout.toNanos() || !thread.isAlive()) {
                return false;
            }
            LockSupport.parkNanos(this, IDLE_NANOS / 2);
            if (Thread.currentThread().isInterrupted()) {
                return false;
            }
        }
        return lost() == lostBefore;
    }

    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        while (!thread.isAlive() && queue.poll() != null) { // taken in the moment in which the writer ended
            dropped.incrementAndGet();
        }
    }

    private void write() {
        while (true) {
            boolean last = closing;
            int count = batch();
            if (count > 0) {
                store(count);
            } else if (last) {
                break;
            } else {
                LockSupport.parkNanos(this, IDLE_NANOS);
            }
        }
        lines.close();
    }

    /** Takes records from the queue and renders them; returns how many are in the text. */
    private int batch() {
        text.getBuffer().setLength(0);
        headersInText.clear();
        headersBeforeText.clear();
        int count = 0;
        while (count < BATCH_RECORDS && text.getBuffer().length() < BATCH_CHARACTERS) {
            Line line = queue.poll();
            if (line == null) {
                break;
            }
            queued.decrementAndGet();
            int start = text.getBuffer().length();
            try {
                render(line);
                count++;
            } catch (IOException | RuntimeException failure) {
                text.getBuffer().setLength(start);
                dropped.incrementAndGet();
                LOG.warn("A record could not be written as JSON and is lost from trajectory log {}", file, failure);
            }
        }
        return count;
    }

    private void render(Line line) throws IOException {
        renderLine(line.writing(), text);
        String session = line.session();
        if (line.newSession() != null) {
            headers.put(line.newSession(), line.writing());
            headersInText.add(line.newSession());
        } else if (session != null && headers.containsKey(session) && !headersInText.contains(session)) {
            headersBeforeText.add(session);
        }
    }

    private static void renderLine(JsonWriting writing, StringWriter to) throws IOException {
        try (JsonGenerator json = TrajectoryJson.generator(to)) {
            writing.to(json);
        }
        to.append('\n');
    }

    /** The text behind the headers that the file lacks. */
    private byte[] bytes() throws IOException {
        StringWriter whole = new StringWriter();
        for (String session : headersBeforeText) {
            JsonWriting header = headers.get(session);
            if (header != null && !headersInFile.contains(session)) {
                renderLine(header, whole);
            }
        }
        // String.getBytes replaces a lone surrogate from the game; Jackson's own UTF-8 generator would fail on it.
        return whole.append(text.getBuffer()).toString().getBytes(StandardCharsets.UTF_8);
    }

    private void store(int count) {
        while (true) {
            try {
                if (lines.prepare()) {
                    headersInFile.clear();
                }
                lines.append(bytes());
                headersInFile.addAll(headersBeforeText);
                headersInFile.addAll(headersInText);
                acknowledged.addAndGet(count);
                if (broken) {
                    broken = false;
                    LOG.info("Trajectory log {} can be written again; {} records were lost meanwhile", file, lost());
                }
                return;
            } catch (IOException failure) {
                if (!broken) {
                    broken = true;
                    LOG.warn(
                            "Trajectory log {} cannot be written ({}); up to {} records wait and it is tried again every second",
                            file,
                            failure.toString(),
                            queueCapacity);
                }
                if (closing) {
                    dropped.addAndGet(count);
                    return;
                }
                Thread.interrupted(); // somebody else's interrupt closed the channel, and would close the next one, too
                LockSupport.parkNanos(this, RETRY_NANOS);
            }
        }
    }

    /** Continuing means cutting a torn last line, so the file had better be a log, and one of this version. */
    private static void refuseWhatIsNoLog(FileChannel opened) throws IOException {
        String begin = LinesFile.beginning(opened, ANY_HEADER.length() + 16);
        String known = begin.substring(0, Math.min(begin.length(), ANY_RECORD.length()));
        if (!ANY_RECORD.startsWith(known)) {
            throw new IOException("it exists and is no trajectory log");
        }
        boolean whole = begin.length() > ANY_HEADER.length() + 1;
        if (whole && begin.startsWith(ANY_HEADER) && !begin.startsWith(ANY_HEADER + TrajectoryJson.VERSION + ",")) {
            throw new IOException("it was written in another version of the format than " + TrajectoryJson.VERSION);
        }
    }
}
