package dev.reflexloop.console.web;

import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryEvent;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the telemetry to its readers: one thread looks every 50 ms what has come and sends each of them one frame. It is asleep while nobody
 * reads. Thread-safe.
 */
final class TelemetryPump implements AutoCloseable {
    static final int MOST_READERS = 64;
    private static final long EVERY_NANOS = 50_000_000;
    private static final long CLOSE_MILLIS = 2_000;
    private static final int GOING_AWAY = 1001;
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

    private final Set<TelemetrySocket> readers = ConcurrentHashMap.newKeySet();
    private final Thread thread = ReflexThreads.create("reflex-console-telemetry", this::run);
    private volatile boolean closing;

    void start() {
        thread.start();
    }

    int readers() {
        return readers.size();
    }

    /** Takes a reader on; false if there are too many or it is over. */
    boolean enter(TelemetrySocket reader) {
        if (readers.size() >= MOST_READERS || closing) {
            return false;
        }
        readers.add(reader);
        LockSupport.unpark(thread);
        return true;
    }

    void leave(TelemetrySocket reader) {
        readers.remove(reader);
    }

    private void run() {
        Map<TelemetryEvent, String> rendered = new IdentityHashMap<>();
        while (!closing) {
            long now = System.nanoTime();
            for (TelemetrySocket reader : readers) {
                try {
                    reader.turn(rendered, now);
                } catch (RuntimeException failure) {
                    LOG.debug("A reader of the telemetry could not be sent anything; it is left out", failure);
                    leave(reader);
                    reader.close(GOING_AWAY, "failed");
                }
            }
            rendered.clear();
            Thread.interrupted(); // nobody has a reason to; it must not make a busy loop of this one
            if (readers.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, EVERY_NANOS - (System.nanoTime() - now));
            }
        }
    }

    /** Ends all readers and the thread. Idempotent; waits at most two seconds. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        readers.forEach(reader -> reader.close(GOING_AWAY, "the console is closed"));
        readers.clear();
    }
}
