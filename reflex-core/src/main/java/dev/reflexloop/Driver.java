package dev.reflexloop;

import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Threads on which loops are driven: workers for the stages, which call users' code and may be held up by it, and one for the deadlines,
 * which is not. Threads start when they are first needed.
 */
final class Driver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReflexRunner.class);
    private static final long CLOSE_MILLIS = 2_000;

    private final ScheduledThreadPoolExecutor workers;
    private final ScheduledThreadPoolExecutor deadlines;

    Driver(String name, int threads) {
        workers = executor(name, threads);
        deadlines = executor(name + "-deadline", 1);
    }

    private static ScheduledThreadPoolExecutor executor(String name, int threads) {
        ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(threads, ReflexThreads.factory(name));
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor.setContinueExistingPeriodicTasksAfterShutdownPolicy(false);
        return executor;
    }

    void execute(Runnable task) {
        try {
            workers.execute(task);
        } catch (RejectedExecutionException closed) {
            // The driver was closed; whoever closed it ends what was in flight.
        }
    }

    void later(Runnable task, long delayNanos) {
        schedule(workers, task, delayNanos);
    }

    @Nullable
    Future<?> atDeadline(Runnable task, long delayNanos) {
        return schedule(deadlines, task, delayNanos);
    }

    private static @Nullable Future<?> schedule(ScheduledThreadPoolExecutor executor, Runnable task, long delayNanos) {
        try {
            return executor.schedule(task, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException closed) {
            return null;
        }
    }

    void everyPeriod(Runnable task, long firstNanos, long periodNanos) {
        workers.scheduleAtFixedRate(() -> survive(task), firstNanos, periodNanos, TimeUnit.NANOSECONDS);
    }

    /** Runs what comes again and again: a defect in it is logged and must not end the coming again, as an executor would do silently. */
    static void survive(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            LOG.error("A stage failed on a defect; it goes on with the next period", failure);
        }
    }

    /** Ends the threads without waiting for them. */
    void shutdown() {
        workers.shutdownNow();
        deadlines.shutdownNow();
    }

    /** Ends the threads and waits for them, at most two seconds. */
    @Override
    public void close() {
        shutdown();
        try {
            workers.awaitTermination(CLOSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
