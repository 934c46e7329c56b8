package dev.reflexloop.llm.decorator;

import dev.reflexloop.ReflexThreads;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Logs that something is lost or back, away from the thread that ticks a loop, because an appender may block. One daemon thread, gone when
 * idle; what does not fit into its queue of 64 is left out.
 */
final class Notices implements AutoCloseable {
    private static final int CAPACITY = 64;
    private static final long IDLE_SECONDS = 5;
    private static final long QUIET_NANOS = 10_000_000_000L;

    private final ThreadPoolExecutor executor;

    Notices(String model) {
        executor = new ThreadPoolExecutor(
                1,
                1,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(CAPACITY),
                ReflexThreads.factory("reflex-notices-" + model),
                new ThreadPoolExecutor.DiscardPolicy());
        executor.allowCoreThreadTimeOut(true);
    }

    @Override
    public void close() {
        executor.shutdown();
    }

    Subject subject() {
        return new Subject();
    }

    /** What may be lost and come back. It is said that it is lost at most every ten seconds, and that it is back only after that. */
    final class Subject {
        private boolean saidLost;
        private boolean everSaid;
        private long saidNanos;

        synchronized void lost(long nowNanos, Runnable logging) {
            if (!saidLost && (!everSaid || nowNanos - saidNanos >= QUIET_NANOS)) {
                saidLost = true;
                everSaid = true;
                saidNanos = nowNanos;
                executor.execute(logging);
            }
        }

        synchronized void back(Runnable logging) {
            if (saidLost) {
                saidLost = false;
                executor.execute(logging);
            }
        }
    }
}
