package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The future that a decorator hands out; cancelling it cancels the call that it stands for at that moment. Thread-safe. */
class Relay extends CompletableFuture<Answer> {
    private volatile @Nullable CompletableFuture<Answer> call;

    /** A relay of one call whose answer is changed on its way. */
    static CompletableFuture<Answer> of(CompletableFuture<Answer> call, UnaryOperator<Answer> change) {
        Relay relay = new Relay();
        relay.follow(call);
        call.whenComplete((answer, failure) -> {
            if (answer == null || failure != null) {
                relay.pass(answer, failure);
                return;
            }
            try {
                relay.complete(change.apply(answer));
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError defect) {
                relay.completeExceptionally(defect);
            }
        });
        return relay;
    }

    /** From now on this stands for another call; where the answer is settled already, nobody waits for it and it is cancelled. */
    final void follow(CompletableFuture<Answer> next) {
        call = next;
        if (isDone()) {
            next.cancel(true);
        }
    }

    final void cancelCall() {
        CompletableFuture<Answer> current = call;
        if (current != null) {
            current.cancel(true);
        }
    }

    /** Hands on what came of a call, a missing answer included: the loop judges it. */
    final boolean pass(@Nullable Answer answer, @Nullable Throwable failure) {
        return failure == null ? complete(answer) : completeExceptionally(failure);
    }

    /** What a failure is about, without the wrapping that derived futures add. */
    static Throwable root(Throwable failure) {
        return failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
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
