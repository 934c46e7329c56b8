package dev.reflexloop.llm.decorator;

import dev.reflexloop.ReflexThreads;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs something a little later, unless it is taken back. What it runs is short. Thread-safe. */
interface Alarm extends AutoCloseable {

    /** Takes a task back that has not run; does nothing otherwise. */
    @FunctionalInterface
    interface Set {
        void takeBack();
    }

    Set in(long nanos, Runnable task);

    @Override
    default void close() {}

    /** An alarm on one daemon thread, begun with the first task; after closing nothing is run any more. */
    static Alarm onAThread(String name) {
        ScheduledThreadPoolExecutor thread =
                new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("reflex-alarm-" + name));
        thread.setRemoveOnCancelPolicy(true);
        return new Alarm() {
            @Override
            public Set in(long nanos, Runnable task) {
                try {
                    Future<?> coming = thread.schedule(task, nanos, TimeUnit.NANOSECONDS);
                    return () -> coming.cancel(false);
                } catch (RejectedExecutionException closed) {
                    return () -> {};
                }
            }

            @Override
            public void close() {
                thread.shutdownNow();
            }
        };
    }
}
