package dev.reflexloop;

/**
 * When a loop looks at the game: every period, but not in the moment before it may decide and act again. What is seen then would only wait,
 * and a loop whose throttle is as long as its period would, once it was late, decide on old perceptions from then on. So the look is put
 * off, once, and the later ones follow from there. A look that comes too late is not made up for.
 *
 * <p>On the scale of {@link System#nanoTime()}, as the timers are that it is for. One thread at a time.
 */
final class LookTimes {
    private final long periodNanos;
    private long dueNanos;
    private boolean putOff;

    LookTimes(long periodNanos, long firstNanos) {
        this.periodNanos = periodNanos;
        this.dueNanos = firstNanos;
    }

    /** How long to put off the look that is due now, given how long what is seen would have to wait; 0 to look now. */
    long putOff(long waitNanos, long nowNanos) {
        if (putOff || waitNanos <= 0 || waitNanos >= periodNanos) {
            return 0;
        }
        putOff = true;
        dueNanos = nowNanos + waitNanos;
        return waitNanos;
    }

    /** How long to wait for the next look, after one was made. */
    long untilNext(long nowNanos) {
        putOff = false;
        dueNanos += periodNanos;
        if (nowNanos - dueNanos > 0) {
            dueNanos += ((nowNanos - dueNanos) / periodNanos + 1) * periodNanos;
        }
        return dueNanos - nowNanos;
    }
}
