package dev.reflexloop.console.web;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for what another thread or process is about to do. */
final class Eventually {
    private static final Duration MOST = Duration.ofSeconds(30);

    private Eventually() {}

    static void isTrue(String what, BooleanSupplier condition) {
        long until = System.nanoTime() + MOST.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("in vain waited " + MOST.toSeconds() + " s until " + what);
            }
            LockSupport.parkNanos(1_000_000);
        }
    }
}
