package dev.reflexloop;

import java.time.Duration;

/**
 * The one moment by which a decision must be there: absolute, on a {@link ReflexClock}'s nanosecond scale. Made when the tick is
 * entered and passed down; no stage has a time-out of its own. Immutable.
 *
 * @param clock the clock on whose scale it is
 * @param atNanos the moment, comparable with {@link ReflexClock#nanos()} by subtraction only
 */
public record Deadline(ReflexClock clock, long atNanos) {
    /** Checks that the clock is there. */
    public Deadline {
        Check.present(clock, "clock of a deadline", "use ReflexClock.system()");
    }

    /**
     * A deadline some time from now.
     *
     * @param budget how long from now; zero or more
     * @param clock the clock to use
     * @return the deadline
     */
    public static Deadline in(Duration budget, ReflexClock clock) {
        return new Deadline(clock, clock.nanos() + Check.nanos(Check.notNegative(budget, "budget")));
    }

    /**
     * What is left.
     *
     * @return nanoseconds to go, zero or negative when it has passed
     */
    public long remainingNanos() {
        return atNanos - clock.nanos();
    }

    /**
     * Whether it has passed.
     *
     * @return true when nothing is left
     */
    public boolean expired() {
        return remainingNanos() <= 0;
    }
}
