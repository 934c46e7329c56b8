package dev.reflexloop.benchmarks;

import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/** Parks again and again beside a measurement, and measures by how much it overslept: what it sees as well is the machine's. */
final class ControlThread {
    private static final long WORTH_KEEPING_NANOS = 1_000_000;

    private record Overslept(long fromNanos, long toNanos) {}

    private final long periodNanos;
    private final Histogram overslept = new Histogram(3);
    private final Queue<Overslept> kept = new ConcurrentLinkedQueue<>();
    private final Thread thread = new Thread(this::park, "bench-control");
    private volatile boolean stopped;

    /**
     * A thread that is not started yet.
     *
     * @param period how long it parks each time
     */
    ControlThread(Duration period) {
        this.periodNanos = period.toNanos();
    }

    void start() {
        thread.setDaemon(true);
        thread.start();
    }

    private void park() {
        while (!stopped) {
            long due = System.nanoTime() + periodNanos;
            long left;
            while ((left = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(left);
            }
            overslept.recordValue(-left);
            if (-left >= WORTH_KEEPING_NANOS) {
                kept.add(new Overslept(due, due - left));
            }
        }
    }

    /** Whether it overslept by a millisecond or more within a span of {@link System#nanoTime()}. */
    boolean oversleptWithin(long fromNanos, long toNanos) {
        return kept.stream().anyMatch(each -> each.fromNanos() - toNanos < 0 && each.toNanos() - fromNanos > 0);
    }

    /** Ends the thread; what it measured is whole when this returns. */
    Histogram stop() {
        stopped = true;
        try {
            thread.join();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        return overslept;
    }
}
