package dev.reflexloop;

import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/** The machine's clocks. */
enum SystemClock implements ReflexClock {
    INSTANCE;

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Instant instant() {
        return Instant.now();
    }

    /*
     * CompletableFuture.get(time-out) reports a time-out as an exception with a stack trace, which a hung model would cost in every
     * tick. Parking and being unparked by the future is the same wait without it. A stale permit only costs one more look.
     */
    @Override
    public void await(CompletableFuture<?> future, long untilNanos) throws InterruptedException {
        if (future.isDone()) {
            return;
        }
        Thread waiter = Thread.currentThread();
        future.whenComplete((result, failure) -> LockSupport.unpark(waiter));
        while (!future.isDone()) {
            long left = untilNanos - System.nanoTime();
            if (left <= 0) {
                return;
            }
            LockSupport.parkNanos(future, left);
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while waiting for a model");
            }
        }
    }
}
