package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.ReflexThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who works for a monitor beside the thread that ticks. Thread-safe. */
final class Crew implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Crew.class);
    private static final int WAITING_TICKS = 64;
    private static final Duration WRITING = Duration.ofSeconds(5);

    private final Executor lookouts;
    private final Executor scribe;
    private final List<ExecutorService> owned;
    private final Duration closeWithin;

    private Crew(Executor lookouts, Executor scribe, List<ExecutorService> owned, Duration closeWithin) {
        this.closeWithin = closeWithin;
        this.lookouts = lookouts;
        this.scribe = scribe;
        this.owned = owned;
    }

    /**
     * Threads of their own: as many as hang or work for probes and reasoning, and one that writes, with a queue of 64 ticks.
     *
     * @param reasoningPatience how long the last tick may wait for its reasoning when the crew is closed
     */
    static Crew ofThreads(Duration reasoningPatience) {
        ExecutorService lookouts = Executors.newCachedThreadPool(ReflexThreads.factory("heartbeat-aside"));
        ExecutorService scribe = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_TICKS),
                ReflexThreads.factory("heartbeat-scribe"));
        return new Crew(lookouts, scribe, List.of(scribe, lookouts), reasoningPatience.plus(WRITING));
    }

    /** Executors that somebody else closes. */
    static Crew of(Executor lookouts, Executor scribe) {
        return new Crew(lookouts, scribe, List.of(), Duration.ZERO);
    }

    /** Does what may hang. */
    Executor lookouts() {
        return lookouts;
    }

    /** Does one thing after the other; refuses what is too much. */
    Executor scribe() {
        return scribe;
    }

    /** Lets the scribe end what it has, for five seconds more than a reasoning may take, and interrupts the rest. Idempotent. */
    @Override
    public void close() {
        if (owned.isEmpty()) {
            return;
        }
        ExecutorService writing = owned.get(0);
        writing.shutdown(); // first, and the lookouts after it: what is still to be written may ask for its reasoning
        try {
            if (!writing.awaitTermination(closeWithin.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.warn("Ticks were not written within {} and are lost", closeWithin);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        owned.forEach(ExecutorService::shutdownNow);
    }
}
