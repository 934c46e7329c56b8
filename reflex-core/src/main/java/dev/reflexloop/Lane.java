package dev.reflexloop;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One loop under a runner: its perception, action and learning stages (the {@link Reasoner} is its reasoning stage). The monitor guards the
 * two mailboxes and is never held while users' code runs; each stage is run by one thread at a time.
 */
final class Lane {
    private static final Logger LOG = LoggerFactory.getLogger(ReflexRunner.class);
    private static final int ACTIONS = 3;
    private static final int EXPERIENCES = 10;

    private final DefaultReflexLoop loop;
    private final PerceptionSource source;
    private final Pilot pilot;
    private final Consumer<Experience> learner;
    private final @Nullable Driver driver;
    private final boolean dryRun;
    private final long cooldownNanos;
    private final Consumer<ReflexRunner.StageEvent> onStage;
    private final ReflexClock clock;
    private final AtomicLong failures = new AtomicLong();

    private final Deque<Intent> actions = new ArrayDeque<>(ACTIONS);
    private final Deque<Experience> lessons = new ArrayDeque<>(EXPERIENCES);
    private boolean applying;
    private boolean wakeUpComing;
    private boolean learning;
    private boolean released;
    private boolean everActed;
    private long actedNanos;
    private long decidedInNanos;
    private volatile long lastTick = -1;
    private @Nullable LookTimes looks;

    Lane(
            DefaultReflexLoop loop,
            PerceptionSource source,
            Pilot pilot,
            Consumer<Experience> learner,
            @Nullable Driver driver,
            boolean dryRun,
            long cooldownNanos,
            Consumer<ReflexRunner.StageEvent> onStage) {
        this.loop = loop;
        this.source = source;
        this.pilot = pilot;
        this.learner = learner;
        this.driver = driver;
        this.dryRun = dryRun;
        this.cooldownNanos = cooldownNanos;
        this.onStage = onStage;
        this.clock = loop.clock();
        loop.onExperience(this::experienced);
    }

    /** Begins to look, for the first time after a delay and then every period. */
    void begin(Driver threads, long firstNanos, long periodNanos) {
        loop.reasoner().drivenBy(threads, (tick, intent, began) -> reasoned(tick.perception, intent, began));
        looks = new LookTimes(periodNanos, System.nanoTime() + firstNanos);
        threads.later(this::perceive, firstNanos);
    }

    /** Ends the stages; an action on its way to the pilot is the last one. */
    void release() {
        synchronized (this) {
            released = true;
            actions.clear();
        }
        loop.reasoner().release();
        loop.onExperience(experience -> {});
    }

    void sweep() {
        loop.expire();
    }

    // ---- perception and reasoning

    private void perceive() {
        LookTimes times = Objects.requireNonNull(looks);
        Driver threads = Objects.requireNonNull(driver);
        long delay = times.putOff(uselessNanos(), System.nanoTime());
        if (delay == 0) {
            Driver.survive(this::lookAndThink);
            delay = times.untilNext(System.nanoTime());
        }
        if (!isReleased()) {
            threads.later(this::perceive, delay);
        }
    }

    private void lookAndThink() {
        Perception perception = look();
        if (perception != null) {
            loop.reasoner().offerAndThink(perception);
        }
    }

    /**
     * How long nothing that is seen could be carried out at once: the throttle is closed, or the cooldown would still hold up an action decided
     * as slowly as the last one. While a perception waits already, a newer one is never useless.
     */
    private long uselessNanos() {
        if (loop.reasoner().hasMail()) {
            return 0;
        }
        long throttled = loop.reasoner().waitNanos();
        synchronized (this) {
            return actions.isEmpty() ? Math.max(throttled, coolingNanos() - decidedInNanos) : throttled;
        }
    }

    private synchronized boolean isReleased() {
        return released;
    }

    private @Nullable Perception look() {
        long began = clock.nanos();
        Optional<Perception> seen;
        try {
            seen = source.perceive();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            failed("perception source", failure);
            return null;
        }
        Perception perception = seen == null ? null : seen.orElse(null);
        if (perception != null) {
            lastTick = perception.tick();
            tell(ReflexRunner.Stage.PERCEPTION, perception.tick(), began);
        }
        return perception;
    }

    private void reasoned(Perception perception, Intent intent, long began) {
        tell(ReflexRunner.Stage.REASONING, perception.tick(), began);
        boolean urgent = perception.urgency() == Urgency.URGENT;
        synchronized (this) {
            if (released) {
                return;
            }
            if (urgent) {
                loop.counters().dropped("action", actions.size());
                actions.clear();
            } else if (actions.size() == ACTIONS) {
                actions.removeFirst();
                loop.counters().dropped("action", 1);
            }
            actions.addLast(intent);
        }
        if (driver != null) {
            driver.execute(this::act);
        }
    }

    /** All stages on the calling thread. */
    @SuppressWarnings("ReferenceEquality") // this very decision, not one like it
    void stepThrough() {
        Perception perception = look();
        if (perception != null) {
            long began = clock.nanos();
            Decision decision = loop.decide(perception);
            Intent intent = loop.latest();
            if (intent.decision().filter(latest -> latest == decision).isPresent()) {
                reasoned(perception, intent, began);
            }
        }
        act();
        loop.expire();
        learn();
    }

    // ---- action

    private void act() {
        Intent next;
        while ((next = nextAction()) != null) {
            try {
                apply(next);
            } finally {
                synchronized (this) {
                    applying = false;
                }
            }
        }
    }

    /** The next action, which the caller then applies; null while another thread applies one, or all cool down. */
    private synchronized @Nullable Intent nextAction() {
        if (applying || released) {
            return null;
        }
        Intent next = firstFresh();
        if (next == null) {
            return null;
        }
        long wait = isUrgent(next) ? 0 : coolingNanos();
        if (wait > 0) {
            if (driver != null && !wakeUpComing) {
                wakeUpComing = true;
                driver.later(this::wakeUp, wait);
            }
            return null;
        }
        actions.removeFirst();
        applying = true;
        everActed = true;
        actedNanos = clock.nanos();
        decidedInNanos =
                next.decision().map(decision -> decision.latency().toNanos()).orElse(0L);
        return next;
    }

    /** Drops what has become stale in the mailbox, which costs no cooldown. Called under the monitor. */
    private @Nullable Intent firstFresh() {
        Intent first = actions.peekFirst();
        while (first != null && first.stale(clock.nanos())) {
            actions.removeFirst();
            loop.counters().stale.increment();
            first = actions.peekFirst();
        }
        return first;
    }

    /** How long the cooldown still lasts. Called under the monitor. */
    private long coolingNanos() {
        return everActed ? cooldownNanos - (clock.nanos() - actedNanos) : 0;
    }

    private void wakeUp() {
        synchronized (this) {
            wakeUpComing = false;
        }
        act();
    }

    private static boolean isUrgent(Intent intent) {
        return intent.decision()
                .filter(decision -> decision.perception().urgency() == Urgency.URGENT)
                .isPresent();
    }

    private void apply(Intent intent) {
        long began = clock.nanos();
        if (intent.stale(began)) {
            loop.counters().stale.increment();
            return;
        }
        long tick =
                intent.decision().map(decision -> decision.perception().tick()).orElse(-1L);
        if (!dryRun) {
            try {
                pilot.apply(intent);
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
                failed("pilot", failure);
                return;
            }
            intent.decision().ifPresent(decision -> loop.applied(decision, Math.max(tick, lastTick)));
        }
        tell(ReflexRunner.Stage.ACTION, tick, began);
    }

    // ---- learning

    private void experienced(Experience experience) {
        synchronized (this) {
            if (released) {
                return;
            }
            if (lessons.size() == EXPERIENCES) {
                lessons.removeFirst();
                loop.counters().dropped("experience", 1);
            }
            lessons.addLast(experience);
            if (learning || driver == null) {
                return;
            }
            learning = true;
        }
        driver.execute(this::learn);
    }

    private void learn() {
        Experience next;
        while ((next = nextLesson()) != null) {
            long began = clock.nanos();
            try {
                learner.accept(next);
            } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
                failed("learner", failure);
            }
            tell(ReflexRunner.Stage.LEARNING, next.decision().perception().tick(), began);
        }
    }

    private synchronized @Nullable Experience nextLesson() {
        Experience next = lessons.pollFirst();
        if (next == null) {
            learning = false;
        }
        return next;
    }

    // ---- telling

    private void tell(ReflexRunner.Stage stage, long tick, long began) {
        try {
            onStage.accept(
                    new ReflexRunner.StageEvent(stage, loop.session(), tick, clock.instant(), began, clock.nanos()));
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            failed("stage listener", failure);
        }
    }

    private void failed(String what, Throwable failure) {
        loop.counters().callbackFailures.increment();
        if (failures.getAndIncrement() == 0) {
            LOG.warn(
                    "The {} of session {} failed; it is called again next time (said once, then at DEBUG)",
                    what,
                    loop.session(),
                    failure);
        } else {
            LOG.debug("The {} of session {} failed", what, loop.session(), failure);
        }
    }
}
