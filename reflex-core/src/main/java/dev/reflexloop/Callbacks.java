package dev.reflexloop;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Calls users' code: what it throws or leaves out is counted, said once, and answered by a default. Thread-safe. */
final class Callbacks {
    private static final Logger LOG = LoggerFactory.getLogger(ReflexLoop.class);

    private final String session;
    private final LoopCounters counters;
    private final Background background;
    private volatile boolean said;

    Callbacks(String session, LoopCounters counters, Background background) {
        this.session = session;
        this.counters = counters;
        this.background = background;
    }

    <T> T ask(String what, T otherwise, Supplier<@Nullable T> callback) {
        Throwable failure;
        try {
            T result = callback.get();
            if (result != null) {
                return result;
            }
            failure = null;
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            failure = thrown;
        }
        failed(what, failure);
        return otherwise;
    }

    void run(String what, Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            failed(what, thrown);
        }
    }

    private void failed(String what, @Nullable Throwable failure) {
        counters.callbackFailures.increment();
        if (!said) {
            said = true;
            background.run(() -> LOG.warn(
                    "The {} of session {} {}; the loop goes on without it and counts such failures (said once)",
                    what,
                    session,
                    failure == null ? "returned null" : "threw",
                    failure));
        }
    }
}
