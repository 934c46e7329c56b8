package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.Relay;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.core.IntervalFunction;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves a broken model alone for a while: while the breaker is open, questions fail at once with {@link ModelUnavailableException}, and
 * ticks do not wait for a deadline that will be missed. Thread-safe. Needs the library resilience4j-circuitbreaker.
 *
 * <p>It opens when at least half of the last 20 calls failed, and 5 of them are known; half a second later some calls are let through, and
 * decide whether it closes. Failures are: errors, answers that no loop would take, answers after the deadline, and calls that were
 * cancelled at their deadline or not ended by then. No failures are: a busy model, and calls given up earlier, for a more urgent question.
 */
public final class CircuitBreakerModel extends Decorator {
    private static final Logger LOG = LoggerFactory.getLogger(CircuitBreakerModel.class);

    private final ReflexClock clock;
    private final CircuitBreaker breaker;
    private final long openNanos;
    private final Set<Call> open = ConcurrentHashMap.newKeySet();
    private final Notices notices;
    private final Notices.Subject subject;
    private volatile long openedNanos;

    private CircuitBreakerModel(Builder builder) {
        super("breaker", guard(builder.model));
        this.clock = builder.clock;
        this.openNanos = builder.openFor.toNanos();
        this.notices = new Notices(id());
        this.subject = notices.subject();
        this.breaker = CircuitBreaker.of(
                id(),
                CircuitBreakerConfig.custom()
                        .failureRateThreshold(builder.failurePercent)
                        .slidingWindowType(CircuitBreakerConfig.SlidingWindowType.COUNT_BASED)
                        .slidingWindowSize(builder.window)
                        .minimumNumberOfCalls(builder.fewest)
                        .waitIntervalFunctionInOpenState(IntervalFunction.of(builder.openFor))
                        .permittedNumberOfCallsInHalfOpenState(builder.probes)
                        .clock(new Monotonic(clock))
                        .build());
        breaker.getEventPublisher().onStateTransition(event -> moved(event.getStateTransition()));
    }

    /**
     * Puts a breaker with default settings before a model.
     *
     * @param model the model; it is closed with the result
     * @return the model with its breaker
     */
    public static CircuitBreakerModel of(ReflexModel model) {
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

    private void moved(CircuitBreaker.StateTransition transition) {
        CircuitBreaker.State to = transition.getToState();
        if (to == CircuitBreaker.State.OPEN) {
            openedNanos = clock.nanos();
            subject.lost(
                    openedNanos, () -> LOG.warn("The breaker of model '{}' opens: too many of its calls failed", id()));
        } else if (to == CircuitBreaker.State.CLOSED) {
            subject.back(() -> LOG.info("The breaker of model '{}' closes: the model answers again", id()));
        }
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        if (!breaker.tryAcquirePermission() && !(settleOverdue() && breaker.tryAcquirePermission())) {
            long waitMillis = Math.max(0, openNanos - (clock.nanos() - openedNanos)) / 1_000_000;
            return CompletableFuture.failedFuture(new ModelUnavailableException(
                    id(), "its breaker is open after failures; it is tried again in " + waitMillis + " ms", null));
        }
        Call call = new Call(question, deadline);
        open.add(call);
        CompletableFuture<Answer> asked = inner().ask(question, deadline);
        call.follow(asked);
        asked.whenComplete((answer, failure) -> {
            call.settle(answer, failure);
            call.pass(answer, failure);
        });
        return call;
    }

    /** Calls that nobody ended would hold the permissions of a half-open breaker for ever. True if there were some. */
    private boolean settleOverdue() {
        boolean some = false;
        for (Call call : open) {
            if (call.deadline.expired()) {
                call.settle(null, null);
                some = true;
            }
        }
        return some;
    }

    /**
     * Whether questions fail at once now.
     *
     * @return true while the breaker is open
     */
    public boolean isOpen() {
        return breaker.getState() == CircuitBreaker.State.OPEN;
    }

    @Override
    public void close() {
        notices.close();
        super.close();
    }

    /** A call that tells the breaker exactly once how it ended. */
    private final class Call extends Relay<Answer> {
        private final Question question;
        private final Deadline deadline;
        private final AtomicBoolean settled = new AtomicBoolean();

        Call(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
        }

        void settle(@Nullable Answer answer, @Nullable Throwable failure) {
            if (!settled.compareAndSet(false, true)) {
                return;
            }
            open.remove(this);
            Throwable root = failure == null ? null : Relay.root(failure);
            if (!deadline.expired() && (root instanceof ModelBusyException || root instanceof CancellationException)) {
                breaker.releasePermission();
            } else if (!deadline.expired() && root == null && answer != null && answer.isSoundFor(question)) {
                breaker.onSuccess(0, TimeUnit.NANOSECONDS);
            } else {
                breaker.onError(0, TimeUnit.NANOSECONDS, root == null ? new Unsound() : root);
            }
        }
    }

    /** What the breaker is told about an answer that came too late, not at all, or that no loop would take. */
    private static final class Unsound extends Exception {
        private static final long serialVersionUID = 1L;

        Unsound() {
            super("late, missing or unsound answer", null, false, false);
        }
    }

    /** The breaker measures on a wall clock, which may jump and would then leave it open for hours; this one does not. */
    private static final class Monotonic extends Clock {
        private final ReflexClock clock;
        private final long start;

        Monotonic(ReflexClock clock) {
            this.clock = clock;
            this.start = clock.nanos();
        }

        @Override
        public Instant instant() {
            return Instant.EPOCH.plusNanos(clock.nanos() - start);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }

    /** Settings of a breaker. One thread at a time. */
    public static final class Builder {
        private final ReflexModel model;
        private float failurePercent = 50;
        private int window = 20;
        private int fewest = 5;
        private int probes = 2;
        private Duration openFor = Duration.ofMillis(500);
        private ReflexClock clock = ReflexClock.system();

        private Builder(ReflexModel model) {
            this.model = Objects.requireNonNull(model, "model inside a circuit breaker");
        }

        /**
         * Sets the share of failures at which the breaker opens. Default: 0.5.
         *
         * @param share above 0, at most 1
         * @return this builder
         */
        public Builder failureShare(double share) {
            if (!(share > 0 && share <= 1)) {
                throw new IllegalArgumentException(
                        "failure share of a circuit breaker is " + share + "; give more than 0 and at most 1");
            }
            this.failurePercent = (float) (share * 100);
            return this;
        }

        /**
         * Sets over how many calls the share is taken. Default: the last 20, once 5 are known.
         *
         * @param calls the last calls that are looked at, 1 or more
         * @param atLeast how many must be known, 1 to {@code calls}
         * @return this builder
         */
        public Builder window(int calls, int atLeast) {
            if (atLeast < 1 || calls < atLeast) {
                throw new IllegalArgumentException("window of a circuit breaker is " + calls + " calls, at least "
                        + atLeast + " known; give 1 <= known <= calls");
            }
            this.window = calls;
            this.fewest = atLeast;
            return this;
        }

        /**
         * Sets how long the breaker stays open, and how many calls it then lets through to decide. Default: 500 ms and 2 calls.
         *
         * @param duration 1 ms or more
         * @param calls 1 or more
         * @return this builder
         */
        public Builder openFor(Duration duration, int calls) {
            if (duration.toMillis() < 1 || calls < 1) {
                throw new IllegalArgumentException("a circuit breaker that opens for " + duration + " and then tries "
                        + calls + " calls cannot work; give at least 1 ms and 1 call");
            }
            this.openFor = duration;
            this.probes = calls;
            return this;
        }

        /**
         * Sets the clock that the open state is measured on. Default: the system's.
         *
         * @param time the clock
         * @return this builder
         */
        public Builder clock(ReflexClock time) {
            this.clock = time;
            return this;
        }

        /**
         * Builds the model with its breaker.
         *
         * @return the model, to be closed by the caller
         */
        public CircuitBreakerModel build() {
            return new CircuitBreakerModel(this);
        }
    }
}
