package dev.reflexloop.llm.nano;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The threads of a model and the questions that wait for them. Thread-safe.
 *
 * <p>A question that finds the queue full fails as busy. A cancelled one leaves the queue at once, so that it takes nobody's place.
 */
final class Workers implements AutoCloseable {
    private static final long CLOSE_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String model;
    private final Scorer scorer;
    private final BlockingQueue<Call> queue;
    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean closed;

    Workers(String model, int count, int capacity, Scorer scorer, ModelShape shape) {
        this.model = model;
        this.scorer = scorer;
        this.queue = new ArrayBlockingQueue<>(capacity);
        for (int i = 0; i < count; i++) {
            Workspace work = new Workspace(shape);
            threads.add(ReflexThreads.create("reflex-nano-" + model + "-" + i, () -> run(work)));
        }
        threads.forEach(Thread::start);
    }

    CompletableFuture<Answer> submit(Question question, Deadline deadline) {
        Call call = new Call(question, deadline);
        if (closed) {
            call.completeExceptionally(closedModel());
        } else if (!queue.offer(call)) {
            call.completeExceptionally(new ModelBusyException(
                    model, queue.size() + " questions wait for it already; give it more threads or tick less often"));
        } else if (closed && queue.remove(call)) {
            // It was closed in between, and nobody may be left to take the call out.
            call.completeExceptionally(closedModel());
        }
        return call;
    }

    private ModelUnavailableException closedModel() {
        return new ModelUnavailableException(model, "it was closed; load it again", null);
    }

    private void run(Workspace work) {
        while (!closed) {
            try {
                queue.take().answer(work);
            } catch (InterruptedException interrupted) {
                // Only close() ends a worker; whoever else interrupts a thread of ours is not listened to.
            }
        }
    }

    /** Ends the threads; returns after at most a second. Idempotent. */
    @Override
    public void close() {
        closed = true;
        threads.forEach(Thread::interrupt);
        for (Call call = queue.poll(); call != null; call = queue.poll()) {
            call.completeExceptionally(closedModel());
        }
        long until = System.nanoTime() + CLOSE_NANOS;
        try {
            for (Thread thread : threads) {
                if (thread != Thread.currentThread()) {
                    TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, until - System.nanoTime()));
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** One question on its way. */
    private final class Call extends CompletableFuture<Answer> implements Kernel.Stop {
        private final Question question;
        private final Deadline deadline;
        private final long askedAt = System.nanoTime();

        Call(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            if (cancelled) {
                queue.remove(this);
            }
            return cancelled;
        }

        @Override
        public boolean stopped() {
            return isDone() || closed || deadline.expired();
        }

        void answer(Workspace work) {
            if (isDone()) {
                return;
            }
            try {
                work.stopWhen(this);
                Answer answer = stopped() ? null : scorer.answer(question, System.nanoTime() - askedAt, work);
                if (answer != null) {
                    complete(answer);
                } else {
                    completeExceptionally(closed ? closedModel() : tooLate());
                }
            } catch (Throwable failure) { // a renderer may be a user's code: whatever it throws is the answer
                completeExceptionally(failure);
            }
        }

        private ModelBusyException tooLate() {
            return new ModelBusyException(
                    model,
                    "the deadline passed before it was through; use a smaller model, a faster machine or a longer budget");
        }
    }
}
