package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ReflexThreads;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * The times at which this whole process got no processor or stood still: a thread that only sleeps, and sees when it slept too long. What
 * is late at such a time is not late because of the reflex. Thread-safe.
 */
final class Stalls implements AutoCloseable {
    private static final Duration NAP = Duration.ofMillis(5);
    private static final Duration TOO_LONG = Duration.ofMillis(50);
    private static final int CAPACITY = 10_000;

    /** One time without a processor. */
    record Stall(Instant from, Instant to) {}

    private final List<Stall> seen = new ArrayList<>();
    private volatile boolean closed;

    Stalls() {
        ReflexThreads.create("morrowind-stalls", this::watch).start();
    }

    private void watch() {
        long before = System.nanoTime();
        while (!closed) {
            LockSupport.parkNanos(NAP.toNanos());
            long now = System.nanoTime();
            if (now - before > TOO_LONG.toNanos()) {
                note(Instant.now(), now - before);
            }
            before = now;
        }
    }

    private synchronized void note(Instant end, long nanos) {
        if (seen.size() < CAPACITY) {
            seen.add(new Stall(end.minusNanos(nanos), end));
        }
    }

    /** Those that were seen, oldest first. */
    synchronized List<Stall> seen() {
        return List.copyOf(seen);
    }

    @Override
    public void close() {
        closed = true;
    }
}
