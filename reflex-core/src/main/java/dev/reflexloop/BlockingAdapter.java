package dev.reflexloop;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Runs blocking code on a bounded number of threads, and interrupts it when nobody waits any more. */
final class BlockingAdapter implements ReflexModel {
    private static final long KEEP_ALIVE_SECONDS = 30;

    private final String id;
    private final BlockingModel model;
    private final int threads;
    private final Semaphore free;
    private final ThreadPoolExecutor executor;

    BlockingAdapter(String id, int threads, BlockingModel model) {
        this.id = Check.name(id, "id of a blocking model");
        this.threads = Check.atLeast(1, threads, "threads of blocking model '" + id + "'");
        this.model = Check.present(model, "code of blocking model '" + id + "'", "give the code that answers");
        this.free = new Semaphore(threads);
        // The semaphore bounds the calls; a bound of the pool as well would refuse a call in the moment between a
        // call's end and its
        // thread's return to the queue.
        this.executor = new ThreadPoolExecutor(
                0,
                Integer.MAX_VALUE,
                KEEP_ALIVE_SECONDS,
                TimeUnit.SECONDS,
                new SynchronousQueue<>(),
                ReflexThreads.factory("reflex-" + id));
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        if (executor.isShutdown()) {
            return CompletableFuture.failedFuture(
                    new ModelUnavailableException(id, "it was closed; make a new one", null));
        }
        if (!free.tryAcquire()) {
            return CompletableFuture.failedFuture(new ModelBusyException(
                    id,
                    "all " + threads + " of its threads are held by calls; raise their number or lower the tick rate"));
        }
        Call call = new Call(question, deadline);
        try {
            executor.execute(call);
        } catch (RuntimeException | OutOfMemoryError refused) {
            free.release();
            call.completeExceptionally(new ModelUnavailableException(id, "no thread could be started for it", refused));
        }
        return call;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }

    /** One call. Its lock orders the interrupt of a canceller before the end of the work, so that no later call is hit by it. */
    private final class Call extends CompletableFuture<Answer> implements Runnable {
        private final Question question;
        private final Deadline deadline;
        private @Nullable Thread worker;

        Call(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }

        @Override
        public void run() {
            @Nullable Answer answer = null;
            @Nullable Throwable failure = null;
            try {
                if (begin()) {
                    answer = model.answer(question, deadline);
                }
            } catch (Throwable thrown) { // a user's code, on a thread of ours: whatever it throws is its answer
                failure = thrown;
            }
            end();
            free.release(); // before the answer is seen: whoever gets it may ask again at once, and must not find
            // us busy
            if (failure != null) {
                completeExceptionally(failure);
            } else {
                complete(answer);
            }
        }

        private synchronized boolean begin() {
            if (isDone()) {
                return false;
            }
            worker = Thread.currentThread();
            return true;
        }

        private synchronized void end() {
            worker = null;
            Thread.interrupted();
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                synchronized (this) {
                    if (worker != null) {
                        worker.interrupt();
                    }
                }
            }
            return cancelled;
        }
    }
}
