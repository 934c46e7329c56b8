package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.UnusableModelException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

/** Calls whose answers nobody needs: they warm a server's prefix cache, or wait for the server. Thread-safe. */
final class Warmth {
    /** Long enough for a whole prompt where a tick is not; a hint that takes longer is given up. */
    private static final Duration LONGEST_HINT = Duration.ofSeconds(30);

    private static final long PAUSE_MILLIS = 200;

    private final ReflexModel model;
    private final AtomicBoolean warming = new AtomicBoolean();

    Warmth(ReflexModel model) {
        this.model = model;
    }

    /** Asks and forgets. Returns at once; while one hint is worked on, further ones are dropped. */
    void prepare(Question expected) {
        if (warming.compareAndSet(false, true)) {
            model.ask(expected, Deadline.in(LONGEST_HINT, ReflexClock.system()))
                    .whenComplete((answer, failure) -> warming.set(false));
        }
    }

    /**
     * Tries until it succeeds. Blocks.
     *
     * @return what the attempt that succeeded said
     * @throws ModelUnavailableException when none does within the time, or the thread is interrupted
     * @throws UnusableModelException when the model can never work
     */
    static <T> T await(String id, Duration patience, Function<Deadline, CompletableFuture<T>> attempt) {
        Deadline end = Deadline.in(patience, ReflexClock.system());
        while (true) {
            CompletableFuture<T> call = attempt.apply(end);
            String reason = "the server did not answer";
            try {
                return call.get(Math.max(0, end.remainingNanos()), TimeUnit.NANOSECONDS);
            } catch (ExecutionException failure) {
                Throwable cause = Objects.requireNonNullElse(failure.getCause(), failure);
                if (cause instanceof UnusableModelException unusable) {
                    throw unusable;
                }
                reason = String.valueOf(cause.getMessage());
            } catch (TimeoutException late) {
                call.cancel(true);
            } catch (InterruptedException interrupted) {
                call.cancel(true);
                throw interrupted(id, interrupted);
            }
            if (end.remainingNanos() <= TimeUnit.MILLISECONDS.toNanos(PAUSE_MILLIS)) {
                throw new ModelUnavailableException(id, "it was not ready within " + patience + ": " + reason, null);
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException interrupted) {
                throw interrupted(id, interrupted);
            }
        }
    }

    private static ModelUnavailableException interrupted(String id, InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return new ModelUnavailableException(id, "the thread that waited for it was interrupted", interrupted);
    }
}
