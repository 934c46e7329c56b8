package dev.reflexloop.llm.server;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A result that takes several exchanges, one after another. Cancelling it ends the one in progress. Thread-safe. */
class Relay<T> extends CompletableFuture<T> {
    private @Nullable CompletableFuture<?> exchange;

    /** Goes on with the next exchange, unless the result was cancelled meanwhile. What the steps throw is the result's failure. */
    final <S> void follow(CompletableFuture<S> next, Consumer<S> then, Consumer<Throwable> otherwise) {
        boolean cut;
        synchronized (this) {
            exchange = next;
            cut = isDone();
        }
        if (cut) {
            next.cancel(true);
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

    final <S> void follow(CompletableFuture<S> next, Consumer<S> then) {
        follow(next, then, this::fail);
    }

    final void guarded(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException thrown) { // a step may call a user's renderer
            fail(thrown);
        }
    }

    final void fail(Throwable failure) {
        Throwable cause = failure.getCause();
        completeExceptionally(failure instanceof CompletionException && cause != null ? cause : failure);
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean cancelled = super.cancel(mayInterruptIfRunning);
        if (cancelled) {
            CompletableFuture<?> current;
            synchronized (this) {
                current = exchange;
            }
            if (current != null) {
                current.cancel(true);
            }
        }
        return cancelled;
    }

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new CompletableFuture<>();
    }
}
