package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Ends calls whose deadline passes. Thread-safe; nothing blocks.
 *
 * <p>A call that ends in time wakes nobody. There is one thread, which looks at every call, and again when the first of those it has seen
 * would be late; a call that begins wakes it only where it would be late before that. While calls keep coming it looks about once in the
 * shortest time that they were given. A clock that is not the system's may be moved at any time: its calls are looked at every 20 ms.
 *
 * <p>The thread begins with the first call. It goes when there was none for a while, and when the watch is closed.
 */
final class DeadlineWatch implements AutoCloseable {
    private static final long OTHER_CLOCK_LOOK_NANOS = 20_000_000;
    private static final long SHORTEST_LOOK_NANOS = 500_000;
    private static final long NEVER = Long.MAX_VALUE;

    /** Something that has to be over by a deadline. */
    interface Call {
        Deadline deadline();

        /** The deadline has passed. Called on the watch's thread, perhaps again; must not throw. */
        void late();
    }

    /*
     * A call is in the set before it looks at nextLook, and the thread says NEVER before it looks at the set. So one of them sees the other:
     * either the thread finds the call, or the call finds that the thread will not look in time, and wakes it.
     */
    private final Set<? extends Call> calls;

    /** When the thread looks next, in nanoseconds since the origin. */
    private final AtomicLong nextLook = new AtomicLong(NEVER);

    /** The shortest time that a call was given since the last look. */
    private final AtomicLong shortest = new AtomicLong(NEVER);

    private final long origin = System.nanoTime();
    private final String name;
    private final long keepNanos;
    private @Nullable Thread thread;
    private boolean closed;

    /**
     * @param name the thread's name
     * @param calls those in flight; may be looked at, and change, at any time
     * @param keep how long the thread waits for a call
     */
    DeadlineWatch(String name, Set<? extends Call> calls, Duration keep) {
        this.name = name;
        this.calls = calls;
        this.keepNanos = keep.toNanos();
    }

    /**
     * Watches a call that is in the set by now, until it is taken out of it.
     *
     * @throws OutOfMemoryError when a thread is needed and none can be started
     */
    void begin(Call call) {
        long given = untilLook(call.deadline());
        if (given < shortest.get()) {
            shortest.accumulateAndGet(given, Math::min);
        }
        long look = later(given);
        if (look < nextLook.get()) {
            lookAt(look);
        }
    }

    private synchronized void lookAt(long look) {
        if (closed) {
            return;
        }
        if (thread == null) {
            Thread fresh = ReflexThreads.create(name, this::run);
            fresh.start();
            thread = fresh;
        }
        nextLook.accumulateAndGet(look, Math::min);
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            long idleSince = now();
            while (goesOn(idleSince)) {
                long left = nextLook.get() - now();
                if (left > 0) {
                    LockSupport.parkNanos(this, Math.min(left, keepNanos));
                } else if (look()) {
                    idleSince = now();
                }
            }
        } finally {
            ended();
        }
    }

    private synchronized boolean goesOn(long idleSince) {
        if (closed || (nextLook.get() == NEVER && now() - idleSince >= keepNanos)) {
            thread = null;
            return false;
        }
        return true;
    }

    /** A game's clock may have thrown; the next call finds that there is no thread. */
    private synchronized void ended() {
        if (thread == Thread.currentThread()) {
            thread = null;
            nextLook.set(NEVER);
        }
    }

    /** Ends what is late. Returns whether there was a call since the last look, or still is. */
    private boolean look() {
        nextLook.set(NEVER);
        long next = later(
                shortest.getAndSet(NEVER)); // none that begins from now on is late before, if they go on as they did
        for (Call call : calls) {
            if (call.deadline().expired()) {
                call.late();
            } else {
                next = Math.min(next, later(untilLook(call.deadline())));
            }
        }
        nextLook.accumulateAndGet(next, Math::min);
        return next != NEVER;
    }

    private static long untilLook(Deadline deadline) {
        long left = deadline.remainingNanos();
        return deadline.clock() == ReflexClock.system()
                ? left
                : Math.max(SHORTEST_LOOK_NANOS, Math.min(left, OTHER_CLOCK_LOOK_NANOS));
    }

    private long now() {
        return System.nanoTime() - origin;
    }

    /** Some time from now, or never. */
    private long later(long nanos) {
        long now = now();
        return nanos < NEVER - now ? now + nanos : NEVER;
    }

    @Override
    public synchronized void close() {
        closed = true;
        LockSupport.unpark(thread);
    }
}
