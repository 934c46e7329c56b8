package dev.reflexloop;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs what must not happen on a tick's thread: log lines, which an appender may block on, and calls into an escalation sink. One daemon
 * thread, started when there is something to do and gone when idle; what does not fit into its queue of 64 is dropped.
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
                ReflexThreads.factory("reflex-background-" + name),
                new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    void run(Runnable task) {
        executor.execute(task);
    }

    /** Lets what is queued end, without waiting for it. */
    @Override
    public void close() {
        executor.shutdown();
    }
}
