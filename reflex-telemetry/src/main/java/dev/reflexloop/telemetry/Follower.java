package dev.reflexloop.telemetry;

import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TelemetryQuery;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes the events of a bus on a thread of its own, and hands each to one taker. */
final class Follower implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Follower.class);
    private static final int AT_ONCE = 1_000;
    private static final long CLOSE_SECONDS = 2;

    private final String name;
    private final TelemetryBus.Subscription subscription;
    private final Consumer<TelemetryEvent> taker;
    private final ScheduledThreadPoolExecutor executor;
    private final AtomicLong failures = new AtomicLong();

    Follower(String name, TelemetryBus bus, Duration every, Consumer<TelemetryEvent> taker) {
        if (every.isNegative() || every.isZero()) {
            throw new IllegalArgumentException("interval of " + name + " is " + every + "; give one above zero");
        }
        this.name = name;
        this.subscription = bus.subscribe(TelemetryQuery.all(), 0);
        this.taker = taker;
        this.executor = new ScheduledThreadPoolExecutor(1, ReflexThreads.factory(name));
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.scheduleWithFixedDelay(this::takeAll, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Events that were overwritten before they were taken, and such as the taker failed at. */
    long missed() {
        return subscription.lost() + failures.get();
    }

    private void takeAll() {
        List<TelemetryEvent> events;
        do {
            events = subscription.poll(AT_ONCE);
            events.forEach(this::take);
        } while (!events.isEmpty());
    }

    private void take(TelemetryEvent event) {
        try {
            taker.accept(event);
        } catch (RuntimeException failure) {
            if (failures.getAndIncrement() == 0) {
                LOG.warn(
                        "{} could not pass on {}.{}; further failures are counted, not logged",
                        name,
                        event.source(),
                        event.event(),
                        failure);
            }
        }
    }

    /** Takes what is still there, and ends; waits at most {@value #CLOSE_SECONDS} seconds. */
    @Override
    public void close() {
        if (executor.isShutdown()) {
            return;
        }
        executor.execute(this::takeAll);
        executor.shutdown();
        try {
            if (!executor.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException interrupt) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
