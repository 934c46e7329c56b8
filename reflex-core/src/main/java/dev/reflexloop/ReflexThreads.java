package dev.reflexloop;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.LoggerFactory;

/**
 * Makes the threads of this library: daemons with a name, in a thread group of their own, inheriting neither the caller's group nor its
 * thread locals. Some game engines interrupt every thread that was born inside a bot's group. Thread-safe.
 */
public final class ReflexThreads {
    private static final ThreadGroup GROUP = new ThreadGroup(rootGroup(), "reflex");

    private ReflexThreads() {}

    private static ThreadGroup rootGroup() {
        ThreadGroup group = Thread.currentThread().getThreadGroup();
        while (group.getParent() != null) {
            group = group.getParent();
        }
        return group;
    }

    /**
     * A factory whose threads are named {@code name-0}, {@code name-1} and so on.
     *
     * @param name the beginning of their names
     * @return the factory
     */
    public static ThreadFactory factory(String name) {
        AtomicInteger count = new AtomicInteger();
        return task -> create(name + "-" + count.getAndIncrement(), task);
    }

    /**
     * One thread, not yet started. What its task throws is logged once and ends the thread.
     *
     * @param name the thread's name
     * @param task what it runs
     * @return the thread
     */
    public static Thread create(String name, Runnable task) {
        Thread thread = new Thread(GROUP, task, name, 0, false);
        thread.setDaemon(true);
        thread.setPriority(Thread.NORM_PRIORITY);
        thread.setContextClassLoader(ReflexThreads.class.getClassLoader());
        thread.setUncaughtExceptionHandler((dead, failure) -> LoggerFactory.getLogger(ReflexThreads.class)
                .error("Thread {} ended by an error that nobody handled", dead.getName(), failure));
        return thread;
    }
}
