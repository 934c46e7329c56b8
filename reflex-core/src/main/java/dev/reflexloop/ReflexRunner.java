package dev.reflexloop;

import java.time.Duration;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/**
 * Drives loops on threads of its own: each through four stages, joined by bounded mailboxes, that go on side by side.
 *
 * <ul>
 *   <li>PERCEPTION asks the source, every 0.5 s by default; a little later where what it sees would only wait, and grow old;
 *   <li>REASONING takes the newest of at most 5 perceptions and decides; the others are superseded;
 *   <li>ACTION hands intents to the pilot, with a cooldown; of more than 3 the oldest is dropped, and one whose lease has passed is dropped
 *       as stale;
 *   <li>LEARNING hands closed steps to the learner; of more than 10 the oldest is dropped, its outcome being in the log already.
 * </ul>
 *
 * <p>A loop is a state machine, not four threads: a thousand of them share the runner's few. Loops of the same model share its calls in
 * flight. In sequential mode the same happens on the thread that calls {@link #run(Duration)}, one stage after the other. In a dry run
 * everything is decided and logged, but the pilot is never called.
 *
 * <p>Thread-safe. Loops, models and logs belong to whoever made them and stay open when the runner is closed.
 */
public final class ReflexRunner implements AutoCloseable {

    /** The stages of a loop. */
    public enum Stage {
        /** Looks at the game. */
        PERCEPTION,
        /** Decides. */
        REASONING,
        /** Hands the decision to the motor layer. */
        ACTION,
        /** Learns from what came of it. */
        LEARNING
    }

    /**
     * One pass through a stage. Immutable.
     *
     * @param stage which
     * @param session whose
     * @param tick the tick of the perception that it worked on, -1 if there was none
     * @param at the wall-clock time at its end
     * @param beganNanos when it began, on the loop's clock
     * @param endedNanos when it ended, on the loop's clock
     */
    public record StageEvent(Stage stage, String session, long tick, Instant at, long beganNanos, long endedNanos) {}

    private static final long SWEEP_NANOS = 1_000_000_000;

    private final Driver driver;
    private final long periodNanos;
    private final long actionCooldownNanos;
    private final boolean dryRun;
    private final boolean sequential;
    private final Consumer<StageEvent> onStage;
    private final ReflexClock clock;
    private final List<Lane> lanes = new CopyOnWriteArrayList<>();
    private final Map<ReflexModel, ModelGate> gates = new IdentityHashMap<>();
    private boolean started;
    private volatile boolean closed;

    private ReflexRunner(Builder builder) {
        this.driver = new Driver("reflex-runner", builder.threads);
        this.periodNanos = Check.nanos(builder.period);
        this.actionCooldownNanos = Check.nanos(builder.actionCooldown);
        this.dryRun = builder.dryRun;
        this.sequential = builder.sequential;
        this.onStage = builder.onStage;
        this.clock = builder.clock;
    }

    /**
     * Starts a runner.
     *
     * @return a builder, one thread at a time
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Adds a loop; it is driven from now on if the runner was started, and from its start otherwise.
     *
     * @param loop the loop, driven by this runner only
     * @param source where it looks
     * @param pilot what it moves
     * @return this runner
     * @throws IllegalStateException if the runner is closed
     */
    public ReflexRunner add(ReflexLoop loop, PerceptionSource source, Pilot pilot) {
        return add(loop, source, pilot, experience -> {});
    }

    /**
     * Adds a loop with somebody who learns from it.
     *
     * @param loop the loop, driven by this runner only
     * @param source where it looks
     * @param pilot what it moves
     * @param learner takes each closed step, on a thread of the runner, one at a time
     * @return this runner
     * @throws IllegalStateException if the runner is closed
     */
    public synchronized ReflexRunner add(
            ReflexLoop loop, PerceptionSource source, Pilot pilot, Consumer<Experience> learner) {
        if (closed) {
            throw new IllegalStateException("the runner is closed; make a new one");
        }
        if (!(loop instanceof DefaultReflexLoop own)) {
            throw new IllegalArgumentException(
                    "a runner drives loops that ReflexLoop.builder built; " + loop.getClass() + " is none");
        }
        ReflexModel model = own.gate().model();
        ModelGate shared = gates.get(model);
        if (shared == null || !own.share(shared)) {
            gates.put(model, own.gate());
        }
        Lane lane = new Lane(
                own,
                Check.present(source, "perception source", "use PerceptionSource.disabled()"),
                Check.present(pilot, "pilot", "use Pilot.disabled()"),
                Check.present(learner, "learner", "leave it out"),
                sequential ? null : driver,
                dryRun,
                actionCooldownNanos,
                onStage);
        lanes.add(lane);
        if (started) {
            begin(lane, 0);
        }
        return this;
    }

    /**
     * Begins to drive the loops on the runner's threads, and returns. Loops start spread over one period, so that they do not pulse.
     *
     * @throws IllegalStateException if the runner is sequential, closed, or was started before
     */
    public synchronized void start() {
        if (sequential || closed || started) {
            throw new IllegalStateException(
                    sequential
                            ? "a sequential runner has no threads to start; call run"
                            : "the runner was " + (closed ? "closed" : "started") + " before; make a new one");
        }
        started = true;
        int number = 0;
        for (Lane lane : lanes) {
            begin(lane, periodNanos * number++ / lanes.size());
        }
        driver.everyPeriod(() -> lanes.forEach(Lane::sweep), SWEEP_NANOS, SWEEP_NANOS);
    }

    private void begin(Lane lane, long firstNanos) {
        lane.begin(driver, firstNanos, periodNanos);
    }

    /**
     * Drives the loops for some time and returns when it is over or the runner is closed: on the runner's threads, which are closed at its
     * end, or on the calling one in sequential mode, where it can be called again. An interrupt ends it early; the thread's flag stays set.
     *
     * @param duration how long
     */
    public void run(Duration duration) {
        long endNanos = clock.nanos() + Check.nanos(Check.positive(duration, "duration of a run"));
        if (!sequential) {
            start();
        }
        try {
            if (sequential) {
                runHere(endNanos);
            } else {
                long leftNanos;
                while (!closed && (leftNanos = endNanos - clock.nanos()) > 0) {
                    clock.await(new CompletableFuture<>(), clock.nanos() + Math.min(leftNanos, periodNanos));
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            if (!sequential) {
                close();
            }
        }
    }

    private void runHere(long endNanos) throws InterruptedException {
        long nextNanos = clock.nanos();
        while (!closed && clock.nanos() - endNanos < 0) {
            lanes.forEach(Lane::stepThrough);
            nextNanos += periodNanos;
            clock.await(new CompletableFuture<>(), nextNanos - endNanos < 0 ? nextNanos : endNanos);
        }
    }

    /** Ends the driving: nothing is perceived, decided or applied afterwards. Waits for the stages, at most two seconds. Idempotent. */
    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        lanes.forEach(Lane::release);
        driver.close();
    }

    /** Collects the options of a runner. One thread at a time. */
    public static final class Builder {
        private int threads = Math.max(2, Math.min(8, Runtime.getRuntime().availableProcessors()));
        private Duration period = Duration.ofMillis(500);
        private Duration actionCooldown = Duration.ofMillis(500);
        private boolean dryRun;
        private boolean sequential;
        private Consumer<StageEvent> onStage = event -> {};
        private ReflexClock clock = ReflexClock.system();

        private Builder() {}

        /**
         * Sets how many threads the stages share; one more watches deadlines. Stages overlap as far as there are threads for them. Default: the
         * processors of the machine, at least 2 and at most 8.
         *
         * @param count 1 or more
         * @return this builder
         */
        public Builder threads(int count) {
            this.threads = Check.atLeast(1, count, "threads of a runner");
            return this;
        }

        /**
         * Sets how often each source is asked. Default: 0.5 s.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder period(Duration duration) {
            this.period = Check.positive(duration, "period");
            return this;
        }

        /**
         * Sets the shortest time between two intents handed to one pilot; those of urgent perceptions do not wait. Default: 0.5 s.
         *
         * @param duration zero or more
         * @return this builder
         */
        public Builder actionCooldown(Duration duration) {
            this.actionCooldown = Check.notNegative(duration, "action cooldown");
            return this;
        }

        /**
         * Decides and logs, but never calls a pilot. Default: off.
         *
         * @return this builder
         */
        public Builder dryRun() {
            this.dryRun = true;
            return this;
        }

        /**
         * Runs the stages one after the other on the thread that calls {@link #run(Duration)}. Default: side by side.
         *
         * @return this builder
         */
        public Builder sequential() {
            this.sequential = true;
            return this;
        }

        /**
         * Hears of each pass through a stage, on the thread that did it. Default: nobody.
         *
         * @param listener the listener; quick
         * @return this builder
         */
        public Builder onStage(Consumer<StageEvent> listener) {
            this.onStage = Check.present(listener, "stage listener", "leave it out");
            return this;
        }

        /**
         * Sets the clock by which {@link ReflexRunner#run(Duration)} waits. Default: {@link ReflexClock#system()}.
         *
         * @param source the clock
         * @return this builder
         */
        public Builder clock(ReflexClock source) {
            this.clock = Check.present(source, "clock", "use ReflexClock.system()");
            return this;
        }

        /**
         * Builds the runner.
         *
         * @return a runner without loops, not yet started
         */
        public ReflexRunner build() {
            return new ReflexRunner(this);
        }
    }
}
