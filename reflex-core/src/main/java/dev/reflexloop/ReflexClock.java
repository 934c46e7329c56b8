package dev.reflexloop;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;

/**
 * Where time comes from. Durations are measured on {@link #nanos()}, which never jumps; {@link #instant()} only stamps records. The
 * two are never mixed. Thread-safe.
 */
public interface ReflexClock {
    /**
     * A monotonic nanosecond counter with an arbitrary origin; compare by subtraction only.
     *
     * @return the counter
     */
    long nanos();

    /**
     * The wall-clock time, for records. May jump.
     *
     * @return the time
     */
    Instant instant();

    /**
     * Waits until a future is done or this clock reaches a moment, whichever is first; returns either way. A manual clock moves its
     * own time instead of waiting.
     *
     * @param future what is waited for; its result is not touched
     * @param untilNanos the moment, on the scale of {@link #nanos()}
     * @throws InterruptedException if the calling thread was interrupted before or while it waited; its flag is cleared
     */
    void await(CompletableFuture<?> future, long untilNanos) throws InterruptedException;

    /**
     * The machine's clocks.
     *
     * @return the system clock
     */
    static ReflexClock system() {
        return SystemClock.INSTANCE;
    }
}
