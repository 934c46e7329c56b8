package dev.reflexloop.testkit;

import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A clock that moves only when told to, so that a test of time-outs, leases and cooldowns takes no time and always ends the same way.
 *
 * <p>Things that happen later are put on it with {@link #schedule(Duration, Runnable)}. {@link #await(CompletableFuture, long)}, by which a
 * loop waits for its model, does not wait: it moves time from one such event to the next, running each on the calling thread, until the
 * future is done or the moment is reached. A loop with a manual clock, and a model that answers through it, is therefore deterministic on a
 * single thread:
 *
 * <pre>{@code
 * ManualClock clock = new ManualClock();
 * ReflexModel slow = ScriptedModel.answering("flee").after(Duration.ofMillis(300));
 * ReflexLoop loop = ReflexLoop.builder(schema, slow).clock(clock).budget(Duration.ofMillis(200)).build();
 * assertThat(loop.decide(perception).because()).contains(Cause.DEADLINE);
 * }</pre>
 *
 * <p>The nanosecond counter starts one second before it overflows, because its origin is arbitrary: code that compares two readings with
 * {@code <} instead of subtracting them fails early. The wall clock moves along, and can be made to jump by itself.
 *
 * <p>Thread-safe. Time should be moved by one thread; events run on the thread that moves it, without a lock held, in the order of their
 * times and, among equals, in the order in which they were scheduled.
 */
public final class ManualClock implements ReflexClock {
    private static final long ORIGIN_NANOS = Long.MAX_VALUE - 1_000_000_000L;
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

    private record Event(long atElapsed, long order, Runnable action) {}

    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atElapsed).thenComparingLong(Event::order));
    private long elapsedNanos;
    private long eventCount;
    private Instant wall;

    /** A clock whose wall-clock time begins with the year 2026. */
    public ManualClock() {
        this(START);
    }

    /**
     * A clock.
     *
     * @param wallClock its first wall-clock time
     */
    public ManualClock(Instant wallClock) {
        this.wall = wallClock;
    }

    @Override
    public synchronized long nanos() {
        return ORIGIN_NANOS + elapsedNanos;
    }

    @Override
    public synchronized Instant instant() {
        return wall;
    }

    /**
     * How far the clock has been moved.
     *
     * @return the time since its creation; jumps of the wall clock do not count
     */
    public synchronized Duration elapsed() {
        return Duration.ofNanos(elapsedNanos);
    }

    /**
     * How many events have not happened yet.
     *
     * @return the number
     */
    public synchronized int scheduled() {
        return events.size();
    }

    /**
     * Lets something happen later, when time is moved there.
     *
     * @param delay from now; zero or more
     * @param event what happens, on the thread that moves time; what it throws reaches whoever moves time
     */
    public synchronized void schedule(Duration delay, Runnable event) {
        if (delay.isNegative()) {
            throw new IllegalArgumentException(
                    "delay of an event is " + delay + "; nothing can be scheduled in the past");
        }
        events.add(new Event(elapsedNanos + delay.toNanos(), eventCount++, event));
    }

    /**
     * Moves time on, through everything that is scheduled until then.
     *
     * @param duration how far; zero or more, zero runs what is due
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException(
                    "a clock cannot be advanced by " + duration + "; only the wall clock jumps back");
        }
        long target;
        synchronized (this) {
            target = elapsedNanos + duration.toNanos();
        }
        while (runNext(target)) {
            // one event after the other
        }
        moveTo(target);
    }

    /**
     * Makes the wall clock jump, as time servers and people do. {@link #nanos()} does not notice.
     *
     * @param jump how far, back if negative
     */
    public synchronized void jumpWallClock(Duration jump) {
        wall = wall.plus(jump);
    }

    /**
     * Moves time from event to event until the future is done or the moment is reached; never waits. A future that nothing scheduled
     * completes costs the whole time until the moment at once.
     */
    @Override
    public void await(CompletableFuture<?> future, long untilNanos) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted before time was moved");
        }
        long target;
        synchronized (this) {
            target = elapsedNanos + Math.max(0, untilNanos - nanos());
        }
        while (!future.isDone()) {
            if (!runNext(target)) {
                moveTo(target);
                return;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while time was moved");
            }
        }
    }

    private boolean runNext(long target) {
        Event next;
        synchronized (this) {
            next = events.peek();
            if (next == null || next.atElapsed() > target) {
                return false;
            }
            events.remove();
            moveTo(next.atElapsed());
        }
        next.action().run();
        return true;
    }

    private synchronized void moveTo(long elapsed) {
        if (elapsed > elapsedNanos) {
            wall = wall.plusNanos(elapsed - elapsedNanos);
            elapsedNanos = elapsed;
        }
    }

    @Override
    public synchronized String toString() {
        @Nullable Event next = events.peek();
        return "ManualClock[elapsed=" + elapsed() + ", wall=" + wall + ", next="
                + (next == null ? "none" : Duration.ofNanos(next.atElapsed())) + "]";
    }
}
