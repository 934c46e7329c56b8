package dev.reflexloop;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Writes a bus's events to its file, on a thread of its own that looks for them every few milliseconds. */
final class TelemetryFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TelemetryBus.class);
    private static final int BATCH_EVENTS = 1_024;
    private static final long IDLE_NANOS = 10_000_000;
    private static final long RETRY_NANOS = 1_000_000_000;
    private static final long CLOSE_MILLIS = 5_000;
    private static final String BEGINNING = "{\"at\":\"";

    private final Path path;
    private final LinesFile lines;
    private final TelemetryRing.Reader reader;
    private final StringBuilder text = new StringBuilder();
    private final Thread thread;
    private volatile long lost;
    private volatile boolean closing;
    private long told;
    private boolean broken;

    TelemetryFile(Path file, long rotateAtBytes, TelemetryRing ring) {
        this.path = file;
        try {
            this.lines = new LinesFile(
                    "Telemetry file",
                    file,
                    rotateAtBytes,
                    false,
                    LinesFile.Opening.NORMAL,
                    TelemetryFile::refuseWhatIsNone);
        } catch (IOException failure) {
            throw new ReflexException(
                    file.toString(),
                    "Telemetry file '" + file + "' cannot be written (" + failure
                            + "); choose a file in a folder that you may write",
                    failure);
        }
        this.reader = ring.reader(0);
        this.thread = ReflexThreads.create("reflex-telemetry", this::write);
        thread.start();
    }

    private static void refuseWhatIsNone(FileChannel opened) throws IOException {
        if (!BEGINNING.startsWith(LinesFile.beginning(opened, BEGINNING.length()))) {
            throw new IOException("it exists and is no telemetry file");
        }
    }

    Path path() {
        return path;
    }

    long lost() {
        return lost;
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
    }

    private void write() {
        long dropped = 0;
        boolean last;
        do {
            last = closing;
            int count = batch();
            lost = reader.lost() + dropped;
            if (count > 0) {
                dropped += store(count);
                lost = reader.lost() + dropped;
                last = false;
            } else if (!last) {
                LockSupport.parkNanos(this, IDLE_NANOS);
            }
        } while (!last);
        lines.close();
    }

    /** Renders events; returns how many are in the text. */
    private int batch() {
        text.setLength(0);
        int count = 0;
        TelemetryEvent event = reader.take();
        while (event != null) {
            text.append(event.toJson()).append('\n');
            event = ++count < BATCH_EVENTS ? reader.take() : null;
        }
        long missing = lost - told;
        if (count > 0 && missing > 0) { // so that whoever reads the file knows
            told += missing;
            Map<String, Object> fields = Map.of("events", missing);
            text.append(new TelemetryEvent(
                                    Instant.now(), TelemetryEvent.Level.WARN, "telemetry", "lost", "", -1, fields)
                            .toJson())
                    .append('\n');
        }
        return count;
    }

    /** Writes the text, however long the disk refuses it; returns how many events were given up because the bus is closed. */
    private int store(int count) {
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        while (true) {
            try {
                lines.prepare();
                lines.append(bytes);
                if (broken) {
                    broken = false;
                    LOG.info("{} can be written again", lines);
                }
                return 0;
            } catch (IOException failure) {
                if (!broken) {
                    broken = true;
                    LOG.warn(
                            "{} cannot be written ({}); it is tried again every second, and events that are overwritten meanwhile are counted as lost",
                            lines,
                            failure.toString());
                }
                if (closing) {
                    return count;
                }
                Thread.interrupted(); // somebody else's interrupt closed the channel, and would close the next one, too
                LockSupport.parkNanos(this, RETRY_NANOS);
            }
        }
    }
}
