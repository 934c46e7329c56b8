package dev.reflexloop;

import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stands between loops and a model: bounds the calls in flight, queues the others in order, and keeps a model that stalls in {@code ask}
 * or {@code cancel} away from the thread that ticks a loop.
 *
 * <p>A call holds its permit from its start until the <em>model's</em> future is done, not ours: a model that ignores cancelling keeps
 * the permit, so that the number of calls it really works on stays bounded. When every permit is held by a call whose deadline has
 * passed, nothing can be hoped for and new questions fail at once.
 *
 * <p>No locks: both who returns a permit and who queues a call afterwards look whether a queued call can start, so none is forgotten.
 */
final class ModelGate implements ReflexModel {
    private static final Logger LOG = LoggerFactory.getLogger(ModelGate.class);
    private static final int MAX_WAITING = 4_096;

    private final ReflexModel model;
    private final int maxInFlight;
    private final Semaphore permits;
    private final Set<Call> inFlight = ConcurrentHashMap.newKeySet();
    private final Queue<Call> waiting = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waitingCount = new AtomicInteger();
    private final AtomicInteger starters = new AtomicInteger();
    private final AtomicInteger users = new AtomicInteger(1);
    private final @Nullable ExecutorService isolation;
    private final Semaphore cancellers;
    private final Semaphore preparers;

    ModelGate(ReflexModel model, int maxInFlight) {
        this.model = Check.present(model, "model", "give one");
        this.maxInFlight = Check.atLeast(1, maxInFlight, "calls in flight of model '" + model.id() + "'");
        this.permits = new Semaphore(maxInFlight);
        this.isolation = model.returnsAtOnce()
                ? null
                : Executors.newCachedThreadPool(ReflexThreads.factory("reflex-ask-" + model.id()));
        this.cancellers = new Semaphore(maxInFlight);
        this.preparers = new Semaphore(maxInFlight);
    }

    /** The model itself if it is a gate already, a gate of its own otherwise. */
    static ModelGate around(ReflexModel model, int maxInFlight) {
        return model instanceof ModelGate gate ? gate : new ModelGate(model, maxInFlight);
    }

    ReflexModel model() {
        return model;
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return ask(question, deadline, () -> {});
    }

    /** Asks, and says so when an answer arrives that nobody waits for any more. */
    CompletableFuture<Answer> ask(Question question, Deadline deadline, Runnable onLateAnswer) {
        Call call = new Call(question, deadline, onLateAnswer);
        if (waiting.isEmpty() && permits.tryAcquire()) {
            start(call);
        } else if (allOverdue()) {
            call.completeExceptionally(new ModelBusyException(
                    id(), "all " + maxInFlight + " calls in flight are overdue; the model hangs or is far too slow"));
        } else if (waitingCount.incrementAndGet() > MAX_WAITING) {
            waitingCount.decrementAndGet();
            call.completeExceptionally(new ModelBusyException(
                    id(), MAX_WAITING + " questions wait for it already; use a faster model or tick less often"));
        } else {
            waiting.add(call);
            startWaiting();
        }
        return call;
    }

    private boolean allOverdue() {
        if (permits.availablePermits() > 0) {
            return false;
        }
        int overdue = 0;
        for (Call call : inFlight) {
            if (!call.deadline.expired()) {
                return false;
            }
            overdue++;
        }
        return overdue >= maxInFlight; // fewer: a call is just being started or finished, and its permit is not lost
    }

    /** Starts what can start. Only one thread is in here at a time: a call that ends at once would otherwise start the next one in its own stack. */
    private void startWaiting() {
        if (starters.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            while (!waiting.isEmpty() && permits.tryAcquire()) {
                Call next = waiting.poll();
                if (next != null) {
                    waitingCount.decrementAndGet();
                }
                if (next == null || next.isDone()) {
                    permits.release();
                } else {
                    start(next);
                }
            }
            seen = starters.addAndGet(-seen);
        } while (seen != 0);
    }

    private void start(Call call) {
        inFlight.add(call);
        if (isolation == null) {
            call.run();
            return;
        }
        try {
            isolation.execute(call);
        } catch (RuntimeException | OutOfMemoryError refused) {
            finish(call, null, new ModelUnavailableException(id(), "no thread could be started to ask it", refused));
        }
    }

    private void finish(Call call, @Nullable Answer answer, @Nullable Throwable failure) {
        if (!inFlight.remove(call)) {
            return; // a future of a strange kind reported twice; its permit is back already
        }
        permits.release();
        if (failure != null) {
            call.completeExceptionally(failure);
        } else if (!call.complete(answer)) {
            call.onLateAnswer.run();
        }
        startWaiting();
    }

    /** Passes the hint on without waiting; while as many hints as calls in flight are being worked at, further ones are dropped. */
    @Override
    public void prepare(Question expected) {
        if (!preparers.tryAcquire()) {
            return;
        }
        Runnable hint = () -> {
            try {
                model.prepare(expected);
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
                LOG.debug("Model '{}' threw while it prepared", id(), failure);
            } finally {
                preparers.release();
            }
        };
        if (isolation == null) {
            hint.run();
            return;
        }
        try {
            isolation.execute(hint);
        } catch (RuntimeException | OutOfMemoryError refused) {
            preparers.release();
        }
    }

    @Override
    public String id() {
        return model.id();
    }

    @Override
    public String settings() {
        return model.settings();
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    @Override
    public void close() {
        if (isolation != null) {
            isolation.shutdownNow();
        }
        model.close();
    }

    /** Claims the gate for one more loop; false if the last one has left and its threads are gone. */
    boolean retain() {
        return users.getAndUpdate(count -> count == 0 ? 0 : count + 1) > 0;
    }

    /** Gives a claim back; the last one frees the threads of the gate but leaves the model to its owner. */
    void release() {
        if (users.decrementAndGet() == 0 && isolation != null) {
            isolation.shutdown();
        }
    }

    private final class Call extends CompletableFuture<Answer> implements Runnable {
        private final Question question;
        private final Deadline deadline;
        private final Runnable onLateAnswer;
        private volatile @Nullable CompletableFuture<Answer> inner;

        Call(Question question, Deadline deadline, Runnable onLateAnswer) {
            this.question = question;
            this.deadline = deadline;
            this.onLateAnswer = onLateAnswer;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }

        @Override
        public void run() {
            if (isDone() || deadline.expired()) {
                finish(this, null, new ModelBusyException(id(), "the deadline passed before it could be asked"));
                return;
            }
            CompletableFuture<Answer> asked;
            try {
                asked = model.ask(question, deadline);
                if (asked == null) {
                    throw new ModelUnavailableException(
                            id(), "it returned null instead of a future; mend the model", null);
                }
            } catch (Throwable failure) { // a user's code: whatever it throws is its answer
                finish(this, null, failure);
                return;
            }
            inner = asked;
            if (isDone()) {
                stop(asked);
            }
            try {
                asked.whenComplete((answer, failure) -> finish(this, answer, failure));
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError strange) {
                finish(this, null, strange);
            }
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            CompletableFuture<Answer> asked = inner;
            if (cancelled && asked != null) {
                stop(asked);
            }
            return cancelled;
        }

        private void stop(CompletableFuture<Answer> asked) {
            if (isolation == null) {
                cancelQuietly(asked);
            } else if (cancellers.tryAcquire()) {
                try {
                    isolation.execute(() -> {
                        cancelQuietly(asked);
                        cancellers.release();
                    });
                } catch (RuntimeException closed) {
                    cancellers.release();
                }
            }
        }

        private void cancelQuietly(CompletableFuture<Answer> asked) {
            try {
                asked.cancel(true);
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
                LOG.debug("Model '{}' threw while it was cancelled", id(), failure);
            }
        }
    }
}
