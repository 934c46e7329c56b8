package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.fail;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what another process or thread does. */
final class Until {
    private static final long LOOK_NANOS = 5_000_000;

    private Until() {}

    /** Returns as soon as a condition holds, and fails when it does not within a minute. */
    static void holds(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + Duration.ofMinutes(1).toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                fail("still not so: " + what);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }
}
