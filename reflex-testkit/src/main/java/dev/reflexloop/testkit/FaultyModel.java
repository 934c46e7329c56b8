package dev.reflexloop.testkit;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.LongFunction;

/**
 * A model that fails in every way in which a real one can, each call in the way that the test chose for it.
 *
 * <pre>{@code
 * try (FaultyModel model = FaultyModel.inTurn(Fault.NONE, Fault.NEVER, Fault.NOT_A_NUMBER)) { ... }
 * }</pre>
 *
 * <p>By default it does not claim to {@linkplain #returnsAtOnce() return at once}, so that a loop asks it on a thread of its own; call
 * {@link #returningAtOnce()} to have it asked on the thread that ticks, which a single-threaded test with a {@link ManualClock} needs.
 * Close it at the end: that frees the threads that stall in it. Thread-safe; configure it before it is first asked.
 */
public final class FaultyModel implements ReflexModel {

    /** What goes wrong with one call. */
    public enum Fault {
        /** Nothing: it favours the last of the legal actions, at once. */
        NONE,
        /** {@code ask} does not return until the model is closed, whoever interrupts it. */
        STALL_IN_ASK,
        /** {@code ask} throws an exception. */
        THROW_FROM_ASK,
        /** {@code ask} throws an error, as a broken class path does. */
        THROW_ERROR_FROM_ASK,
        /** {@code ask} returns null instead of a future. */
        NULL_FUTURE,
        /** The future is completed exceptionally. */
        FAIL,
        /** The future fails because the model cannot be reached. */
        UNAVAILABLE,
        /** The future fails because the model is busy. */
        BUSY,
        /** The future is completed with null. */
        NULL_ANSWER,
        /** The answer has no probabilities. */
        EMPTY,
        /** The answer favours an action that is not legal. */
        ILLEGAL_ACTION,
        /** A probability is NaN. */
        NOT_A_NUMBER,
        /** A probability is negative. */
        NEGATIVE,
        /** The probabilities sum up to five. */
        SUM_TOO_LARGE,
        /** A probability is null. */
        NULL_PROBABILITY,
        /** A sound answer that comes after the deadline, although the call was cancelled. */
        LATE,
        /** The future is never done unless it is cancelled. */
        NEVER,
        /** The future is never done, and cancelling it does nothing. */
        IGNORE_CANCEL,
        /** The future is never done, and cancelling it does not return until the model is closed. */
        STALL_IN_CANCEL,
        /** The future is never done, and cancelling it throws. */
        THROW_FROM_CANCEL;

        boolean stalls() {
            return this == STALL_IN_ASK || this == STALL_IN_CANCEL;
        }
    }

    private final LongFunction<Fault> faults;
    private final Later later = new Later("faulty");
    private final CountDownLatch released = new CountDownLatch(1);
    private final Map<Fault, Long> counts = new EnumMap<>(Fault.class);
    private Duration lateBy = Duration.ofMillis(50);
    private boolean returnsAtOnce;
    private long asked;

    private FaultyModel(LongFunction<Fault> faults) {
        this.faults = faults;
    }

    /**
     * A model with the same fault in every call.
     *
     * @param fault the fault
     * @return the model
     */
    public static FaultyModel always(Fault fault) {
        return new FaultyModel(call -> fault);
    }

    /**
     * A model that goes through faults, and begins again after the last.
     *
     * @param faults the faults in order, at least one
     * @return the model
     */
    public static FaultyModel inTurn(Fault... faults) {
        List<Fault> all = atLeastOne(faults);
        return new FaultyModel(call -> all.get((int) (call % all.size())));
    }

    /**
     * A model whose faults come at random, in the same order for the same seed.
     *
     * @param seed the seed; put it into the message of the test
     * @param faults the faults to choose from, at least one; repeat one to make it more likely
     * @return the model
     */
    public static FaultyModel random(long seed, Fault... faults) {
        List<Fault> all = atLeastOne(faults);
        Random random = new Random(seed);
        return new FaultyModel(call -> all.get(random.nextInt(all.size())));
    }

    /**
     * A model whose faults a function chooses.
     *
     * @param faults the fault of each call, counted from 0; called one at a time
     * @return the model
     */
    public static FaultyModel by(LongFunction<Fault> faults) {
        return new FaultyModel(faults);
    }

    private static List<Fault> atLeastOne(Fault... faults) {
        if (faults.length == 0) {
            throw new IllegalArgumentException("a faulty model was given no fault; Fault.NONE is one");
        }
        return List.copyOf(Arrays.asList(faults));
    }

    /**
     * Sets how long after the deadline a {@linkplain Fault#LATE late} answer comes. Default: 50 ms.
     *
     * @param duration how long
     * @return this model
     */
    public FaultyModel lateBy(Duration duration) {
        this.lateBy = duration;
        return this;
    }

    /**
     * Lets it claim that it returns at once, so that a loop asks it on the thread that ticks. A stalling fault then fails instead of holding
     * up the test.
     *
     * @return this model
     */
    public FaultyModel returningAtOnce() {
        this.returnsAtOnce = true;
        return this;
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        Fault fault;
        synchronized (this) {
            fault = faults.apply(asked++);
            counts.merge(fault, 1L, Long::sum);
        }
        if (returnsAtOnce && fault.stalls()) {
            throw new IllegalStateException(
                    fault + " on a model that returns at once would hold up the test; leave out returningAtOnce()");
        }
        return answer(fault, question, deadline);
    }

    private CompletableFuture<Answer> answer(Fault fault, Question question, Deadline deadline) {
        switch (fault) {
            case STALL_IN_ASK:
                stall();
                return CompletableFuture.failedFuture(new ModelUnavailableException(id(), "it was closed", null));
            case THROW_FROM_ASK:
                throw new IllegalStateException("thrown by a faulty model");
            case THROW_ERROR_FROM_ASK:
                throw new NoClassDefFoundError("thrown by a faulty model");
            case NULL_FUTURE:
                return nullFuture();
            case FAIL:
                return CompletableFuture.failedFuture(new IllegalStateException("failed by a faulty model"));
            case UNAVAILABLE:
                return CompletableFuture.failedFuture(new ModelUnavailableException(id(), "it plays dead", null));
            case BUSY:
                return CompletableFuture.failedFuture(new ModelBusyException(id(), "it plays busy"));
            case NULL_ANSWER:
                return CompletableFuture.completedFuture(null);
            case LATE:
                return late(question, deadline);
            case NEVER:
                return new CompletableFuture<>();
            case IGNORE_CANCEL, STALL_IN_CANCEL, THROW_FROM_CANCEL:
                return new Stubborn(fault);
            default:
                return CompletableFuture.completedFuture(Answer.of(id(), probabilities(fault, question)));
        }
    }

    @SuppressWarnings({"NullAway", "FutureReturnValueIgnored"}) // this is the fault
    private static CompletableFuture<Answer> nullFuture() {
        return null;
    }

    private CompletableFuture<Answer> late(Question question, Deadline deadline) {
        Stubborn future = new Stubborn(Fault.IGNORE_CANCEL);
        Duration delay =
                Duration.ofNanos(Math.max(0, deadline.remainingNanos())).plus(lateBy);
        later.after(delay, deadline.clock(), () -> {
            future.complete(Answer.of(id(), probabilities(Fault.NONE, question)));
        });
        return future;
    }

    private static Map<String, Double> probabilities(Fault fault, Question question) {
        List<Action> legal = question.legal();
        String last = legal.get(legal.size() - 1).name();
        switch (fault) {
            case EMPTY:
                return Map.of();
            case ILLEGAL_ACTION:
                return Map.of("no-such-action", 0.9, last, 0.1);
            case NOT_A_NUMBER:
                return Map.of(legal.get(0).name(), Double.NaN);
            case NEGATIVE:
                return Map.of(last, -0.5);
            case SUM_TOO_LARGE:
                Map<String, Double> tooMuch = new LinkedHashMap<>();
                legal.forEach(action -> tooMuch.put(action.name(), 5.0 / legal.size()));
                return tooMuch;
            case NULL_PROBABILITY:
                Map<String, Double> withNull = new HashMap<>();
                withNull.put(last, null);
                return withNull;
            default:
                return Map.of(last, 1.0);
        }
    }

    private void stall() {
        boolean interrupted = false;
        while (true) {
            try {
                released.await();
                break;
            } catch (InterruptedException ignored) { // a native call would not notice either
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * How often it was asked.
     *
     * @return the number of calls
     */
    public synchronized long asked() {
        return asked;
    }

    /**
     * How often a fault was played.
     *
     * @param fault the fault
     * @return the number of calls
     */
    public synchronized long count(Fault fault) {
        return counts.getOrDefault(fault, 0L);
    }

    @Override
    public String id() {
        return "faulty";
    }

    @Override
    public boolean returnsAtOnce() {
        return returnsAtOnce;
    }

    /** Frees the threads that stall in the model. Futures that are never done stay so. */
    @Override
    public void close() {
        released.countDown();
        later.close();
    }

    /** A future that does not let itself be cancelled. */
    private final class Stubborn extends CompletableFuture<Answer> {
        private final Fault fault;

        Stubborn(Fault fault) {
            this.fault = fault;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            if (fault == Fault.STALL_IN_CANCEL) {
                stall();
            } else if (fault == Fault.THROW_FROM_CANCEL) {
                throw new IllegalStateException("thrown by a faulty model while it was cancelled");
            }
            return false;
        }
    }
}
