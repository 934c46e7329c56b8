package dev.reflexloop.llm;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A future for models that make several calls for one answer, one after another: cancelling it cancels the call that it stands for at that
 * moment. Thread-safe.
 *
 * <p>A call that is followed when the answer is settled already is cancelled, because nobody waits for it.
 *
 * @param <T> the answer
 */
public class Relay<T> extends CompletableFuture<T> {
    private volatile @Nullable CompletableFuture<?> call;

    /** A relay that stands for nothing yet. */
    public Relay() {}

    /**
     * A relay of one call whose answer is changed on its way. A missing answer is passed on as it is.
     *
     * @param call the call
     * @param change what is done to its answer; what it throws is the relay's failure
     * @param <T> the answer
     * @return the relay
     */
    public static <T> Relay<T> of(CompletableFuture<T> call, UnaryOperator<T> change) {
        Relay<T> relay = new Relay<>();
        relay.follow(call);
        call.whenComplete((answer, failure) -> {
            if (answer == null || failure != null) {
                relay.pass(answer, failure);
            } else {
                relay.guarded(() -> relay.complete(change.apply(answer)));
            }
        });
        return relay;
    }

    /**
     * From now on this stands for another call, whose end the caller looks after. Where this is done already, the call is cancelled.
     *
     * @param next the call
     */
    public final void follow(CompletableFuture<?> next) {
        call = next;
        if (isDone()) {
            next.cancel(true);
        }
    }

    /**
     * Goes on with the next call. Where this is done already, the call is cancelled and nothing more happens.
     *
     * @param next the call
     * @param then the step after it; what it throws is this relay's failure
     * @param otherwise the step after a call that failed; what it throws is this relay's failure
     * @param <S> what the call answers
     */
    public final <S> void follow(CompletableFuture<S> next, Consumer<S> then, Consumer<Throwable> otherwise) {
        follow(next);
        if (isDone()) {
            return;
        }
        next.whenComplete((value, failure) -> guarded(() -> {
            if (failure != null) {
                otherwise.accept(failure);
            } else {
                then.accept(value);
            }
        }));
    }

    /**
     * Goes on with the next call, and fails as it does. Where this is done already, the call is cancelled and nothing more happens.
     *
     * @param next the call
     * @param then the step after it; what it throws is this relay's failure
     * @param <S> what the call answers
     */
    public final <S> void follow(CompletableFuture<S> next, Consumer<S> then) {
        follow(next, then, this::fail);
    }

    /**
     * Does a step that may call a user's code: what it throws is this relay's failure.
     *
     * @param step the step
     */
    public final void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            fail(thrown);
        }
    }

    /**
     * Hands on what came of a call, a missing answer included: the loop judges it.
     *
     * @param answer the answer, where there is one
     * @param failure why there is none
     * @return false if this was done already
     */
    public final boolean pass(@Nullable T answer, @Nullable Throwable failure) {
        return failure == null ? complete(answer) : completeExceptionally(failure);
    }

    /**
     * Fails with what a failure is about.
     *
     * @param failure the failure, also as derived futures wrap it
     */
    public final void fail(Throwable failure) {
        completeExceptionally(root(failure));
    }

    /**
     * What a failure is about, without the wrapping that derived futures add.
     *
     * @param failure the failure
     * @return its cause, or itself where it is no wrapping
     */
    public static Throwable root(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }

    /** Cancels the call that this stands for, where there is one. */
    public final void cancelCall() {
        CompletableFuture<?> current = call;
        if (current != null) {
            current.cancel(true);
        }
    }

    /* Either follow() sees that this is done, or this sees the call that follow() left: both are volatile. */
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            cancelCall();
        }
        return cancelled;
    }
}
