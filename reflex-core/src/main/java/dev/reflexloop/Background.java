package dev.reflexloop;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Runs what must not happen on a tick's thread: log lines, which an appender may block on, and calls into an escalation sink. One daemon
 * thread, started when there is something to do and gone when idle; what does not fit into its queue of 64 is
 * dropped, and its caller told.
 */
final class Background implements AutoCloseable {
    private static final int CAPACITY = 64;
    private static final long IDLE_SECONDS = 5;
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ThreadPoolExecutor executor;
    private volatile @Nullable Thread worker;

    Background(String name) {
        ThreadFactory threads = ReflexThreads.factory("reflex-background-" + name);
        executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(CAPACITY),
                task -> worker = threads.newThread(task));
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

    /**
     * Takes no more, and waits at most a second until what is queued has ended, also where the caller is interrupted; what takes longer ends
     * by itself.
     */
    @Override
    public void close() {
        executor.shutdown();
        if (Thread.currentThread() == worker) {
            return;
        }
        long start = System.nanoTime();
        boolean interrupted = false;
        for (long left = CLOSE_NANOS; left > 0; left = CLOSE_NANOS - (System.nanoTime() - start)) {
            try {
                if (executor.awaitTermination(left, TimeUnit.NANOSECONDS)) {
                    break;
                }
            } catch (InterruptedException interrupt) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
