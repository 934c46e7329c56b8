package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexException;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.UnusableModelException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one llama-server running, on a thread of its own. Thread-safe.
 *
 * <p>The thread starts the process, waits for its health, then for its end; after an end that nobody asked for it starts anew, at first at
 * once, then after doubling pauses, and gives up when there were too many ends within a minute. A first start that fails is not repeated.
 */
final class Supervisor implements AutoCloseable {
    /** What it takes to start the server. */
    record Plan(
            String name,
            String model,
            List<String> command,
            Map<String, String> environment,
            ListeningPlace place,
            Endpoint endpoint,
            Duration startWithin,
            int restartsPerMinute,
            Consumer<LlamaServer.State> listener) {

        /** The environment holds the key. */
        @Override
        public String toString() {
            return name + " " + command;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(LlamaServer.class);
    private static final long MINUTE_NANOS = TimeUnit.MINUTES.toNanos(1);
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 5_000;
    private static final long POLL_MILLIS = 25;
    private static final Duration HEALTH_WITHIN = Duration.ofSeconds(2);
    private static final long END_MILLIS = 3_000;
    private static final int TAIL = 12;

    private final Plan plan;
    private final ServerLog log;
    private final ServerClient client;
    private final Thread thread;
    private final CompletableFuture<Void> started = new CompletableFuture<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Deque<Long> ends = new ArrayDeque<>();
    private volatile LlamaServer.State state = LlamaServer.State.STARTING;
    private volatile @Nullable KeptProcess process;
    private final AtomicLong restarts = new AtomicLong();

    Supervisor(Plan plan, ServerLog log) {
        this.plan = plan;
        this.log = log;
        this.client = new ServerClient(plan.endpoint(), plan.name());
        this.thread = ReflexThreads.create("reflex-llama-" + plan.name(), this::run);
    }

    /** Starts, and waits until the server is healthy or the first start has failed. */
    void start() {
        thread.start();
        try {
            started.get();
        } catch (ExecutionException failure) {
            close();
            throw failure.getCause() instanceof ReflexException known
                    ? known
                    : new UnusableModelException(plan.model(), "llama-server could not be started", failure.getCause());
        } catch (InterruptedException interrupted) {
            close();
            Thread.currentThread().interrupt();
            throw new UnusableModelException(
                    plan.model(), "the thread that waited for llama-server to start was interrupted", interrupted);
        }
    }

    LlamaServer.State state() {
        return state;
    }

    long restarts() {
        return restarts.get();
    }

    Optional<ProcessHandle> program() {
        return Optional.ofNullable(process).flatMap(KeptProcess::program);
    }

    private boolean isClosing() {
        return closing.getCount() == 0;
    }

    private void run() {
        try {
            launch();
            enter(LlamaServer.State.RUNNING);
            started.complete(null);
            while (awaitEndOf(process)) {
                restart();
            }
        } catch (UnusableModelException failure) {
            if (!started.completeExceptionally(failure) && !isClosing()) {
                enter(LlamaServer.State.FAILED);
                LOG.error("llama-server '{}' stays down: {}", plan.name(), failure.getMessage());
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            started.completeExceptionally(interrupted);
        } catch (RuntimeException | Error unexpected) {
            started.completeExceptionally(unexpected);
            throw unexpected;
        }
    }

    /** Waits; true when the end came unasked. */
    private boolean awaitEndOf(@Nullable KeptProcess running) throws InterruptedException {
        if (running == null) {
            return false;
        }
        int code = running.awaitEnd();
        running.close();
        if (isClosing()) {
            return false;
        }
        ends.addLast(System.nanoTime());
        LOG.warn("llama-server '{}' ended with exit code {}; it is started again", plan.name(), code);
        enter(LlamaServer.State.RESTARTING);
        return true;
    }

    private void restart() throws InterruptedException {
        long down = System.nanoTime();
        String reason = "it ended";
        while (!isClosing()) {
            while (!ends.isEmpty() && System.nanoTime() - ends.getFirst() > MINUTE_NANOS) {
                ends.removeFirst();
            }
            int recent = ends.size();
            if (recent > plan.restartsPerMinute()) {
                throw new UnusableModelException(
                        plan.model(),
                        reason + ", " + recent + " times within a minute; its last lines:\n  " + log.tail(TAIL),
                        null);
            }
            long pause =
                    recent <= 1 ? 0 : Math.min(LONGEST_PAUSE_MILLIS, FIRST_PAUSE_MILLIS << Math.min(20, recent - 2));
            if (closing.await(pause, TimeUnit.MILLISECONDS)) {
                return;
            }
            try {
                launch();
                restarts.incrementAndGet();
                LOG.info("llama-server '{}' is back after {} ms", plan.name(), (System.nanoTime() - down) / 1_000_000);
                enter(LlamaServer.State.RUNNING);
                return;
            } catch (UnusableModelException failure) {
                reason = "it could not be started again";
                ends.addLast(System.nanoTime());
                LOG.debug("llama-server '{}' did not come back", plan.name(), failure);
            }
        }
    }

    /** Starts a process and waits for its health. */
    private void launch() throws InterruptedException {
        KeptProcess starting = null;
        try {
            plan.place().check();
            starting = KeptProcess.start(plan.command(), plan.environment(), thread.getName(), log::add);
            process = starting;
            if (isClosing()) { // close() may have looked before the line above
                throw new IOException("it was closed while it started");
            }
            starting.awaitStart();
            awaitHealth(starting);
        } catch (IOException failure) {
            if (starting != null) {
                starting.close();
            }
            throw new UnusableModelException(
                    plan.model(), "llama-server could not be started: " + failure.getMessage(), failure);
        }
    }

    private void awaitHealth(KeptProcess starting) throws IOException, InterruptedException {
        Deadline patience = Deadline.in(plan.startWithin(), ReflexClock.system());
        while (!isHealthy()) {
            if (starting.endedWithin(POLL_MILLIS)) {
                int code = starting.awaitEnd();
                throw new IOException(
                        "it ended with exit code " + code + hint() + "; its last lines:\n  " + log.tail(TAIL));
            }
            if (patience.expired()) {
                throw new IOException("it was not healthy within " + plan.startWithin()
                        + "; give it more with startWithin(...), or a smaller model; its last lines:\n  "
                        + log.tail(TAIL));
            }
        }
    }

    private String hint() {
        return log.tail(TAIL).contains("invalid argument")
                ? " (it does not know an argument: update llama.cpp, or correct arguments(...))"
                : "";
    }

    private boolean isHealthy() throws InterruptedException {
        Deadline deadline = Deadline.in(HEALTH_WITHIN, ReflexClock.system());
        CompletableFuture<Boolean> health = client.get("/health", deadline, reply -> true);
        try {
            return health.get(HEALTH_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException notYet) {
            health.cancel(true);
            return false;
        }
    }

    private void enter(LlamaServer.State next) {
        state = next;
        try {
            plan.listener().accept(next);
        } catch (RuntimeException | LinkageError | AssertionError thrown) { // a user's code
            LOG.warn("The listener of llama-server '{}' threw; it goes on without", plan.name(), thrown);
        }
    }

    /** Ends the process and the thread; returns within some seconds. Idempotent. */
    @Override
    public void close() {
        synchronized (closing) {
            if (isClosing()) {
                return;
            }
            closing.countDown();
        }
        Optional.ofNullable(process).ifPresent(KeptProcess::close);
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        client.close();
        plan.place().clear();
        log.close();
        enter(LlamaServer.State.CLOSED);
    }
}
