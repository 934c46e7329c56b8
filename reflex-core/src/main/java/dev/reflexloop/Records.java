package dev.reflexloop;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is kept of decisions: their steps until the outcome is known, and the lines of the log. Thread-safe, but for {@link #step}, which
 * belongs to the loop's turn; the lock of the open steps is only ever taken last. What the logger throws is nobody else's affair.
 */
final class Records {
    private static final int MAX_OPEN_STEPS = 10_000;

    /** Takes closed steps; called on the thread that closed them. */
    interface ExperienceListener {
        void closed(Experience experience);
    }

    private final String session;
    private final ReflexClock clock;
    private final ActionSchema schema;
    private final TrajectoryLogger logger;
    private final @Nullable FallbackPolicy teacher;
    private final Action idle;
    private final LoopTelemetry telemetry;
    private final Callbacks callbacks;
    private final OpenSteps openSteps;
    private volatile ExperienceListener experiences = experience -> {};

    Records(ReflexLoop.Builder builder, Action idle, LoopTelemetry telemetry, Callbacks callbacks) {
        this.session = builder.session;
        this.clock = builder.clock;
        this.schema = builder.schema;
        this.logger = builder.logger;
        this.teacher = builder.teacher;
        this.idle = idle;
        this.telemetry = telemetry;
        this.callbacks = callbacks;
        this.openSteps = new OpenSteps(MAX_OPEN_STEPS, Check.nanos(builder.outcomeTimeout));
    }

    /** Begins the log; called once, before the first decision. */
    void begin() {
        Instant startedAt = clock.instant();
        callbacks.run("trajectory logger", () -> logger.header(session, schema, startedAt));
    }

    void onExperience(ExperienceListener listener) {
        this.experiences = listener;
    }

    /** A decision was served. */
    void step(Tick tick, Decision decision, Optional<Decision> lastGood, long now, Instant at) {
        Optional<String> taught = Optional.empty();
        if (teacher != null) {
            Action lesson = callbacks.ask("teacher", idle, () -> teacher.choose(tick.perception, tick.legal, lastGood));
            taught = Optional.of(lesson.name());
        }
        Step step = new Step(session, decision, taught);
        callbacks.run("trajectory logger", () -> logger.step(step));
        for (Experience expired : openSteps.open(decision, now, at)) {
            closed(expired);
        }
    }

    /** The motor layer began to carry a decision out. */
    void applied(Decision decision, long tick) {
        callbacks.run("trajectory logger", () -> logger.applied(decision.id(), tick, clock.instant()));
    }

    /** Closes a step by the game; null if it is not open. */
    @Nullable
    Experience close(Outcome outcome) {
        return openSteps.close(outcome);
    }

    /** Closes what has waited too long. */
    void expire(long nowNanos) {
        openSteps.expire(nowNanos, clock.instant()).forEach(this::closed);
    }

    /** Closes everything, now and from now on. */
    void shutdown() {
        openSteps.shutdown(clock.instant()).forEach(this::closed);
    }

    /** The decisions whose steps are open, oldest first. */
    List<Decision> open() {
        return openSteps.decisions();
    }

    LoopStats.Closure closure() {
        return openSteps.closure();
    }

    /** Tells of a step that is closed. */
    void closed(Experience experience) {
        telemetry.closed(experience);
        callbacks.run("trajectory logger", () -> logger.outcome(experience.outcome()));
        experiences.closed(experience);
    }
}
