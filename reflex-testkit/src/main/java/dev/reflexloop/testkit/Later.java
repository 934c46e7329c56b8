package dev.reflexloop.testkit;

import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Lets things happen later: on a manual clock where there is one, on a daemon thread of our own otherwise. Thread-safe. */
final class Later implements AutoCloseable {
    private final String name;
    private @Nullable ScheduledThreadPoolExecutor timer;
    private boolean closed;

    Later(String name) {
        this.name = name;
    }

    void after(Duration delay, ReflexClock clock, Runnable event) {
        if (clock instanceof ManualClock manual) {
            manual.schedule(delay, event);
            return;
        }
        ScheduledThreadPoolExecutor threads = timer();
        if (threads != null) {
            try {
                threads.schedule(event, delay.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException afterClose) {
                // Closed in this moment: what was to happen later does not happen.
            }
        }
    }

    private synchronized @Nullable ScheduledThreadPoolExecutor timer() {
        if (timer == null && !closed) {
            timer = new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("reflex-testkit-" + name));
        }
        return timer;
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
