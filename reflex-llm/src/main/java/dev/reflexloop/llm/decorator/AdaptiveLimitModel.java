package dev.reflexloop.llm.decorator;

import com.netflix.concurrency.limits.Limiter;
import com.netflix.concurrency.limits.limit.AIMDLimit;
import com.netflix.concurrency.limits.limit.WindowedLimit;
import com.netflix.concurrency.limits.limiter.SimpleLimiter;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.Relay;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * As many calls in flight as the model bears, found out while it is used; further questions fail at once with
 * {@link ModelBusyException}. Thread-safe. Needs the library concurrency-limits-core.
 *
 * <p>The limit grows by one in every window in which all answers were in time and at least half of it was used, and shrinks by a tenth, at
 * least by one, in every window in which a deadline was missed, an answer used up more than nine tenths of its time, or the model said
 * that it is busy: additive increase, multiplicative decrease. Failures of other kinds, and calls that were given up early, say nothing
 * about the load. A call counts as in flight until the model's own future is done, also after it was cancelled.
 *
 * <p>A loop bounds its calls as well, at three by default, and lets further questions wait for their turn. Give the loops at least the
 * highest limit as their calls in flight, so that this one decides.
 */
public final class AdaptiveLimitModel extends Decorator {
    private final Limited limited;

    private AdaptiveLimitModel(Limited limited) {
        // no bound of the gate's own: a question that is over the limit must not wait
        super("adaptive", ReflexModel.limited(limited, Integer.MAX_VALUE));
        this.limited = limited;
    }

    /**
     * Limits a model with default settings.
     *
     * @param model the model; it is closed with the result
     * @return the limited model
     */
    public static AdaptiveLimitModel of(ReflexModel model) {
        return builder(model).build();
    }

    /**
     * Starts the settings.
     *
     * @param model the model; it is closed with the result
     * @return a builder, one thread at a time
     */
    public static Builder builder(ReflexModel model) {
        return new Builder(model);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return inner().ask(question, deadline);
    }

    /**
     * How many calls may be in flight now.
     *
     * @return the limit
     */
    public int limit() {
        return limited.limiter.getLimit();
    }

    /**
     * How many calls are in flight now.
     *
     * @return the number of calls, cancelled ones that the model has not ended included
     */
    public int inFlight() {
        return limited.limiter.getInflight();
    }

    /** The model with the limiter's places around its own futures. */
    private static final class Limited extends Forwarding {
        private static final long TENTHS = 10;

        private final SimpleLimiter<String> limiter;

        Limited(ReflexModel model, SimpleLimiter<String> limiter) {
            super(model);
            this.limiter = limiter;
        }

        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            Optional<Limiter.Listener> place = limiter.acquire("");
            if (place.isEmpty()) {
                return CompletableFuture.failedFuture(new ModelBusyException(
                        id(),
                        "as many calls as it bears are in flight (" + limiter.getLimit()
                                + " now); the limit grows while deadlines are met"));
            }
            long budgetNanos = deadline.remainingNanos();
            boolean handedOver = false;
            try {
                CompletableFuture<Answer> call = inner().ask(question, deadline);
                if (call != null) {
                    call.whenComplete((answer, failure) -> leave(place.get(), deadline, budgetNanos, failure));
                    handedOver = true;
                }
                return call;
            } finally {
                if (!handedOver) {
                    place.get().onIgnore();
                }
            }
        }

        private static void leave(
                Limiter.Listener place, Deadline deadline, long budgetNanos, @Nullable Throwable failure) {
            long left = deadline.remainingNanos();
            Throwable root = failure == null ? null : Relay.root(failure);
            if (left <= 0 || root instanceof ModelBusyException || (root == null && left < budgetNanos / TENTHS)) {
                place.onDropped();
            } else if (root == null) {
                place.onSuccess();
            } else {
                place.onIgnore();
            }
        }
    }

    /** Settings of a limit. One thread at a time. */
    public static final class Builder {
        private final ReflexModel model;
        private int initial = 3;
        private int lowest = 1;
        private int highest = 64;
        private Duration window = Duration.ofSeconds(1);
        private ReflexClock clock = ReflexClock.system();

        private Builder(ReflexModel model) {
            this.model = Objects.requireNonNull(model, "model inside an adaptive limit");
        }

        /**
         * Sets the limit to begin with. Default: 3.
         *
         * @param calls between the lowest and the highest
         * @return this builder
         */
        public Builder initial(int calls) {
            this.initial = calls;
            return this;
        }

        /**
         * Sets what the limit stays within. Default: 1 to 64.
         *
         * @param fewest 1 or more
         * @param most not below the fewest
         * @return this builder
         */
        public Builder between(int fewest, int most) {
            this.lowest = fewest;
            this.highest = most;
            return this;
        }

        /**
         * Sets how long is looked at before the limit is changed. A window with fewer than ten calls says nothing, so give slow loops a
         * longer one. Default: 1 s.
         *
         * @param duration 100 ms or more
         * @return this builder
         */
        public Builder window(Duration duration) {
            this.window = duration;
            return this;
        }

        /**
         * Sets the clock that windows are measured on. Default: the system's.
         *
         * @param time the clock
         * @return this builder
         */
        public Builder clock(ReflexClock time) {
            this.clock = time;
            return this;
        }

        /**
         * Builds the limited model.
         *
         * @return the model, to be closed by the caller
         */
        public AdaptiveLimitModel build() {
            if (lowest < 1 || initial < lowest || highest < initial || window.toMillis() < 100) {
                throw new IllegalArgumentException("an adaptive limit of " + initial + " between " + lowest + " and "
                        + highest + " with a window of " + window
                        + " cannot work; give 1 <= lowest <= initial <= highest and a window of at least 100 ms");
            }
            AIMDLimit limit = AIMDLimit.newBuilder()
                    .initialLimit(initial)
                    .minLimit(lowest)
                    .maxLimit(highest)
                    .backoffRatio(0.9)
                    .timeout(1, TimeUnit.DAYS) // whether a call took too long is judged by its deadline
                    .build();
            WindowedLimit windowed = WindowedLimit.newBuilder()
                    .minWindowTime(window.toMillis(), TimeUnit.MILLISECONDS)
                    .maxWindowTime(window.toMillis(), TimeUnit.MILLISECONDS)
                    .minRttThreshold(0, TimeUnit.NANOSECONDS)
                    .build(limit);
            // it compares moments with '>', beginning at zero, so it must not see a counter with an arbitrary origin
            long start = clock.nanos();
            ReflexClock time = clock;
            SimpleLimiter<String> limiter = SimpleLimiter.newBuilder()
                    .named(model.id())
                    .limit(windowed)
                    .nanoClock(() -> time.nanos() - start)
                    .build();
            return new AdaptiveLimitModel(new Limited(model, limiter));
        }
    }
}
