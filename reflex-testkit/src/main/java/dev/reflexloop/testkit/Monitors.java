package dev.reflexloop.testkit;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Waits on an object's monitor. */
final class Monitors {
    private Monitors() {}

    /** Waits until a condition holds that is guarded by the monitor, whose holders notify when they change it; false if it took too long. */
    static boolean await(Object monitor, BooleanSupplier condition, Duration timeout) throws InterruptedException {
        long start = System.nanoTime();
        synchronized (monitor) {
            while (!condition.getAsBoolean()) {
                long leftMillis = (timeout.toNanos() - (System.nanoTime() - start)) / 1_000_000;
                if (leftMillis <= 0) {
                    return false;
                }
                monitor.wait(leftMillis);
            }
            return true;
        }
    }
}
