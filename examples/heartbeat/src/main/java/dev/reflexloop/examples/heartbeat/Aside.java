package dev.reflexloop.examples.heartbeat;

import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Work that may hang, done on another thread, one piece at a time. Who asked for it waits as long as he likes and goes on; a piece that
 * hangs keeps its thread, and no further piece is begun, until it ends. Used by one thread, but for the work itself.
 *
 * @param <T> what the work results in
 */
final class Aside<T> {
    private final Executor threads;
    private @Nullable Piece<T> piece;

    Aside(Executor threads) {
        this.threads = threads;
    }

    /** One piece of work. Its thread is known while it works, so that an interrupt reaches nobody else. */
    private static final class Piece<T> implements Runnable {
        private final Callable<T> work;
        private final CompletableFuture<T> result = new CompletableFuture<>();
        private @Nullable Thread thread;

        Piece(Callable<T> work) {
            this.work = work;
        }

        @Override
        public void run() {
            synchronized (this) {
                thread = Thread.currentThread();
            }
            T value = null;
            Throwable failure = null;
            try {
                value = work.call();
            } catch (Throwable thrown) { // whatever it is: a piece that never ended would count as hanging for ever
                failure = thrown;
            }
            synchronized (this) {
                thread = null;
            }
            if (failure == null) {
                result.complete(value);
            } else {
                result.completeExceptionally(failure);
            }
        }

        synchronized void interrupt() {
            if (thread != null) {
                thread.interrupt();
            }
        }
    }

    /**
     * Begins a piece of work. Returns at once.
     *
     * @return its result to come; empty, and nothing was begun, while the last piece hangs
     */
    Optional<CompletableFuture<T>> begin(Callable<T> work) {
        Piece<T> current = piece;
        if (current != null && !current.result.isDone()) {
            return Optional.empty();
        }
        Piece<T> next = new Piece<>(work);
        piece = next;
        try {
            threads.execute(next);
        } catch (RejectedExecutionException | OutOfMemoryError refused) {
            next.result.completeExceptionally(refused);
        }
        return Optional.of(next.result);
    }

    /** Interrupts the piece that is under way, if there is one. */
    void interrupt() {
        Piece<T> current = piece;
        if (current != null) {
            current.interrupt();
        }
    }
}
