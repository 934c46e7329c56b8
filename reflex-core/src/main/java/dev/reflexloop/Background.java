package dev.reflexloop;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs what must not happen on a tick's thread: log lines, which an appender may block on, and calls into an escalation sink. One daemon
 * thread, started when there is something to do and gone when idle; what does not fit into its queue of 64 is
 * dropped, and its caller told.
 */
final class Background implements AutoCloseable {
    private static final int CAPACITY = 64;
    private static final long IDLE_SECONDS = 5;

    private final ThreadPoolExecutor executor;

    Background(String name) {
        executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(CAPACITY),
                ReflexThreads.factory("reflex-background-" + name));
        executor.allowCoreThreadTimeOut(true);
    }

    /** Queues a task; false if it was dropped, because the queue is full or this was closed. */
    boolean run(Runnable task) {
        try {
            executor.execute(task);
            return true;
        } catch (RejectedExecutionException dropped) {
            return false;
        }
    }

    /** Lets what is queued end, without waiting for it. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
