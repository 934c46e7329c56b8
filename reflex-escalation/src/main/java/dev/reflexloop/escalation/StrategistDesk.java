package dev.reflexloop.escalation;

import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Signal;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has a {@link Strategist} answer what is handed over. Thread-safe.
 *
 * <pre>{@code
 * EscalationInbox inbox = EscalationInbox.builder(folder.resolve("escalation-inbox.jsonl")).build();
 * StrategistDesk desk = StrategistDesk.builder(inbox, ChatStrategist.builder(chat).build()).build();
 * ReflexLoop loop = ReflexLoop.builder(schema, model).escalateTo(desk).onGuidance(inbox)...build();
 * inbox.guides(loop::guide);
 * }</pre>
 *
 * <p>Escalations go into the inbox, and from a bounded queue to the strategist, one at a time and in order; one that was answered by
 * somebody else or expired meanwhile is left out. What the strategist says is an answer to the inbox like any other: a {@link
 * FileEscalationSink} may show the same inbox to a person, and the first answer wins. A desk asks about what was submitted to it, not about
 * what waited in the inbox before it was opened, because the loop that wanted to know is gone.
 *
 * <p>While a strategist writes its plan, the plan is the bot's goal, sentence by sentence: its first sentences, up to 200 characters, at most
 * every {@link Builder#planEvery(Duration)}, for as long as nobody else has answered. These are {@linkplain Goal#draft(String) drafts}: where the
 * loop has a guard, a mission begins when the reply is there, with the goal that it names, or else, if it wants to go on, with the plan. Of a reply that is dropped,
 * the plan so far stays the goal that the model is shown, until another goal is set.
 *
 * <p>A reply that cannot be read is asked for once more; when the second cannot be read either, an alert is raised and the escalation is left
 * to others. A strategist that takes too long is interrupted and its reply dropped. One that goes on all the same keeps its thread; what
 * comes then fails until it is through.
 */
public final class StrategistDesk implements EscalationSink {
    private static final Logger LOG = LoggerFactory.getLogger(StrategistDesk.class);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long CLOSE_MILLIS = 2_000;

    private final EscalationInbox inbox;
    private final Strategist strategist;
    private final String name;
    private final AlertSink alerts;
    private final Duration timeout;
    private final Duration planEvery;
    private final int retries;
    private final BlockingQueue<Escalation> queue;
    private final Semaphore places;
    private final ThreadPoolExecutor worker;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong plans = new AtomicLong();
    private boolean failing;

    private final LongAdder asked = new LongAdder();
    private final LongAdder answered = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unreadable = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final LongAdder timedOut = new LongAdder();
    private final LongAdder rejected = new LongAdder();

    private StrategistDesk(Builder builder) {
        this.inbox = builder.inbox;
        this.strategist = builder.strategist;
        this.name = builder.name;
        this.alerts = builder.alerts;
        this.timeout = builder.timeout;
        this.planEvery = builder.planEvery;
        this.retries = builder.retries;
        this.queue = new ArrayBlockingQueue<>(builder.capacity);
        this.places = new Semaphore(builder.capacity);
        this.worker = new ThreadPoolExecutor(
                1, 1, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(1), ReflexThreads.factory("reflex-" + name));
        this.thread = ReflexThreads.create("reflex-desk-" + name, this::work);
        thread.start();
    }

    /**
     * Starts the settings of a desk.
     *
     * @param inbox where escalations are kept and answers go; closed by the caller after the desk
     * @param strategist who is asked
     * @return a builder, one thread at a time
     */
    public static Builder builder(EscalationInbox inbox, Strategist strategist) {
        return new Builder(inbox, strategist);
    }

    @Override
    public Receipt submit(Escalation escalation) {
        if (isClosed() || !places.tryAcquire()) {
            rejected.increment();
            return Receipt.REJECTED;
        }
        Receipt receipt = inbox.submit(escalation);
        boolean isNew = receipt == Receipt.ACCEPTED
                && inbox.find(escalation.id())
                        .map(entry -> entry.id().equals(escalation.id()))
                        .orElse(false);
        if (!isNew || !queue.offer(escalation)) {
            places.release();
        }
        return receipt;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private void work() {
        try {
            while (!isClosed()) {
                Escalation next = queue.take();
                places.release();
                try {
                    consult(next);
                } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
                    failed("the desk could not finish with its reply", thrown);
                }
            }
        } catch (InterruptedException atClose) {
            Thread.currentThread().interrupt();
        }
    }

    private void consult(Escalation escalation) throws InterruptedException {
        int failures = 0;
        int garbled = 0;
        while (waits(escalation)) {
            PlanUpdates plan = new PlanUpdates(inbox.clock(), planEvery, goal -> plan(escalation, goal));
            StrategistReply reply = ask(escalation, plan);
            if (reply == null) {
                if (failures++ == retries
                        || closed.await(FIRST_PAUSE_MILLIS << Math.min(failures, 10), TimeUnit.MILLISECONDS)) {
                    return;
                }
                continue;
            }
            AnswerVerdict verdict = inbox.answer(escalation.id(), reply, name);
            (verdict.isTaken() ? answered : refused).increment();
            if (!reply.isParseFailure()) {
                return;
            }
            unreadable.increment();
            if (garbled++ > 0) {
                alert(escalation);
                return;
            }
        }
    }

    private boolean waits(Escalation escalation) {
        return inbox.find(escalation.id())
                .map(entry -> entry.state() == InboxEntry.State.PENDING)
                .orElse(false);
    }

    private void plan(Escalation escalation, Goal goal) {
        if (!waits(escalation)) {
            return;
        }
        inbox.give(
                escalation.perception().entity(),
                new Guidance(
                        escalation.id() + "-plan" + plans.incrementAndGet(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.of(goal),
                        timeout));
    }

    /** Asks once; null if there was no reply. */
    private @Nullable StrategistReply ask(Escalation escalation, PlanUpdates plan) throws InterruptedException {
        asked.increment();
        Future<StrategistReply> call;
        try {
            call = worker.submit(() -> strategist.consider(escalation, plan));
        } catch (RejectedExecutionException busy) {
            failed("it still works on an escalation that it was to give up", null);
            return null;
        }
        try {
            StrategistReply reply = Optional.ofNullable(call.get(timeout.toNanos(), TimeUnit.NANOSECONDS))
                    .orElseGet(StrategistReply::unreadable);
            if (failing) {
                failing = false;
                LOG.info("Strategist {} answers again", name);
            }
            Optional<Goal> goal = plan.end();
            return reply.goal().isPresent() || goal.isEmpty() || reply.signal() != Signal.CONTINUE
                    ? reply
                    : reply.withGoal(goal.get().text());
        } catch (TimeoutException tooLong) {
            timedOut.increment();
            problem("it did not answer within " + timeout + "; its reply is dropped", null);
        } catch (ExecutionException failure) {
            failed("it failed", failure.getCause());
        } finally {
            plan.end();
            call.cancel(true);
            worker.purge();
        }
        return null;
    }

    private void failed(String reason, @Nullable Throwable failure) {
        failed.increment();
        problem(reason, failure);
    }

    private void problem(String reason, @Nullable Throwable failure) {
        if (failing || isClosed()) {
            LOG.debug("Strategist {}: {}", name, reason, failure);
        } else {
            failing = true;
            LOG.warn(
                    "Strategist {}: {}{}. Said once until it answers again",
                    name,
                    reason,
                    failure == null ? "" : " (" + failure + ")");
        }
    }

    private void alert(Escalation escalation) {
        Alert alert = new Alert(
                escalation.id() + "-unreadable",
                Alert.Level.WARNING,
                escalation.goal().text(),
                "Strategist " + name + " answered an escalation of '"
                        + escalation.perception().entity() + "' twice in a way that could not be read",
                inbox.clock().instant());
        inbox.give("alert sink of strategist " + name, () -> alerts.raise(alert));
    }

    /**
     * The counters at this moment.
     *
     * @return a snapshot
     */
    public DeskStats stats() {
        return new DeskStats(
                asked.sum(),
                answered.sum(),
                refused.sum(),
                unreadable.sum(),
                failed.sum(),
                timedOut.sum(),
                rejected.sum());
    }

    /** Interrupts the strategist and ends the threads; waits at most two seconds. What was not answered stays in the inbox. Idempotent. */
    @Override
    public void close() {
        closed.countDown();
        thread.interrupt();
        worker.shutdownNow();
        try {
            thread.join(CLOSE_MILLIS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public String toString() {
        return "StrategistDesk[" + name + "]";
    }

    /** Settings of a desk. One thread at a time. */
    public static final class Builder {
        private final EscalationInbox inbox;
        private final Strategist strategist;
        private String name = "strategist";
        private AlertSink alerts = AlertSink.disabled();
        private int capacity = 16;
        private int retries;
        private Duration timeout = Duration.ofMinutes(1);
        private Duration planEvery = Duration.ofSeconds(2);

        private Builder(EscalationInbox inbox, Strategist strategist) {
            this.inbox = inbox;
            this.strategist = strategist;
        }

        /**
         * Names the strategist in records, threads and logs. Default: {@code strategist}.
         *
         * @param text a short name
         * @return this builder
         */
        public Builder name(String text) {
            if (text.isBlank()) {
                throw new IllegalArgumentException("name of a strategist is blank; give it a short name");
            }
            this.name = text;
            return this;
        }

        /**
         * Bounds the escalations that wait for the strategist; what comes when it is full is rejected. Default: 16.
         *
         * @param escalations 1 or more
         * @return this builder
         */
        public Builder capacity(int escalations) {
            this.capacity = atLeast(1, escalations, "capacity");
            return this;
        }

        /**
         * Sets how long the strategist may think. Default: 1 minute.
         *
         * @param duration above zero, for each time that it is asked
         * @return this builder
         */
        public Builder timeout(Duration duration) {
            this.timeout = positive(duration, "timeout");
            return this;
        }

        /**
         * Sets how often a strategist that fails or takes too long is asked again about the same escalation, after a pause of one second
         * that doubles. Default: 0.
         *
         * @param times 0 or more
         * @return this builder
         */
        public Builder retries(int times) {
            this.retries = atLeast(0, times, "retries");
            return this;
        }

        /**
         * Sets how often a plan that is being written may change the goal. Default: 2 seconds.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder planEvery(Duration duration) {
            this.planEvery = positive(duration, "planEvery");
            return this;
        }

        /**
         * Sets who hears that two replies could not be read. Leave it out where the inbox has a guard: that raises an alert of its own.
         * Default: nobody.
         *
         * @param sink takes the alert; closed by the caller
         * @return this builder
         */
        public Builder alerts(AlertSink sink) {
            this.alerts = sink;
            return this;
        }

        private static int atLeast(int minimum, int value, String what) {
            if (value < minimum) {
                throw new IllegalArgumentException(
                        what + " of a strategist's desk is " + value + "; give at least " + minimum);
            }
            return value;
        }

        private static Duration positive(Duration duration, String what) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(
                        what + " of a strategist's desk is " + duration + "; give a duration above zero");
            }
            return duration;
        }

        /**
         * Opens the desk and starts its threads.
         *
         * @return an open desk, to be closed by the caller
         */
        public StrategistDesk build() {
            return new StrategistDesk(this);
        }
    }
}
