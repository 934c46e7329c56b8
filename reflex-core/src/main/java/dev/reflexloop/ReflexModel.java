package dev.reflexloop;

import java.util.concurrent.CompletableFuture;

/**
 * The extension point for models: asked which action, answers with a distribution. Implementations are thread-safe.
 *
 * <p>{@link #ask(Question, Deadline)} returns at once and does its work elsewhere; the future is completed with an answer, or
 * exceptionally with {@link ModelBusyException}, {@link ModelUnavailableException} or anything else. Cancelling the future stops the
 * work as soon as the model can. A loop never waits for a model beyond its deadline, whatever the model does.
 *
 * <p>Code that blocks is wrapped by {@link #blocking(String, int, BlockingModel)}.
 */
@FunctionalInterface
public interface ReflexModel extends AutoCloseable {

    /**
     * Asks for a decision.
     *
     * @param question what is asked
     * @param deadline the moment after which the answer is of no use
     * @return a future answer; every call has one of its own
     */
    CompletableFuture<Answer> ask(Question question, Deadline deadline);

    /**
     * A hint that a question like this one will be asked soon, for instance with a goal that has just changed: a model with a prefix cache
     * computes the constant part of its prompt now, so that the next decision does not pay for it. Returns at once, answers nothing, and
     * may be called from any thread. Does nothing by default.
     *
     * @param expected a question like the next one, with the loop's latest perception
     */
    default void prepare(Question expected) {}

    /**
     * The model's id, for records and messages.
     *
     * @return a short name; the class's by default, of a lambda that of the class that made it
     */
    default String id() {
        String name = Settings.withoutLambda(getClass().getSimpleName());
        return name.isEmpty() ? "model" : name;
    }

    /**
     * What tells this model from another one of the same id, for the record of what decides: the digest of its weights, a calibration. May
     * block; called while a loop with a {@linkplain ReflexLoop.Builder#codex codex} is built.
     *
     * @return a short text, always the same for the same model; empty by default
     */
    default String settings() {
        return "";
    }

    /**
     * Whether {@link #ask} is known to return within microseconds whatever happens. Where it is not (the default), a loop calls it from a
     * thread of its own, which costs a hand-off of some microseconds and makes even a model that stalls inside {@code ask} harmless.
     *
     * @return true to be called on the thread that ticks the loop
     */
    default boolean returnsAtOnce() {
        return false;
    }

    /** Frees what the model holds. Idempotent and bounded; questions asked afterwards fail. Does nothing by default. */
    @Override
    default void close() {}

    /**
     * Wraps code that blocks until it has the answer. It runs on at most {@code threads} threads of our own and is interrupted when the
     * call is cancelled; while all of them are held, further questions fail at once with {@link ModelBusyException}.
     *
     * @param id the model's id
     * @param threads the most calls at a time, 1 or more
     * @param model the code
     * @return a model that returns at once
     */
    static ReflexModel blocking(String id, int threads, BlockingModel model) {
        return new BlockingAdapter(id, threads, model);
    }

    /**
     * Bounds the calls in flight over all loops that are given the result. Further questions wait for their turn, at most to their own
     * deadline; when every call in flight is overdue they fail at once with {@link ModelBusyException}.
     *
     * @param model the model to share; it is closed with the result
     * @param maxInFlight the most calls at a time, 1 or more
     * @return a model that returns at once
     */
    static ReflexModel limited(ReflexModel model, int maxInFlight) {
        return new ModelGate(model, maxInFlight);
    }

    /** Code that blocks until it has an answer. */
    @FunctionalInterface
    interface BlockingModel {
        /**
         * Answers a question.
         *
         * @param question what is asked
         * @param deadline the moment after which the answer is of no use
         * @return the answer
         * @throws Exception whatever goes wrong; interruption means that nobody waits any more
         */
        Answer answer(Question question, Deadline deadline) throws Exception;
    }
}
