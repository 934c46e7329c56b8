package dev.reflexloop;

import java.util.Collection;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a loop calls of its guard. This one restrains nothing. */
sealed class Restraint implements LoopGuard permits MissionGuard {
    static final Restraint NONE = new Restraint();

    private static final Mission NO_MISSION = new Mission("unguarded", Goal.none(), 0, Optional.empty());

    Restraint() {}

    /** Begins to guard a loop; called once, before it is driven. */
    void attach(
            String session,
            Goal first,
            Action idle,
            ReflexClock clock,
            LoopTelemetry telemetry,
            Background background,
            Callbacks callbacks) {}

    /** The loop was not built after all: the guard is as it was before it was attached. */
    void detach() {}

    /** Another goal was set. Any thread, one at a time. */
    void goal(Goal next) {}

    /** Whether the loop must hold still. One volatile read. */
    boolean stopped() {
        return false;
    }

    /**
     * The choice to serve in the place of the one that the model prefers now; null to follow the model. Belongs to the loop's turn, like the
     * next one.
     */
    @Nullable
    Steady steady(Tick tick, Answer answer, Action chosen, Optional<Target> target) {
        return null;
    }

    /** Looks at a decision that was just served from a sound perception. */
    void observe(Decision decision, long nowNanos) {}

    /** An outcome came. Any thread. */
    void outcome(Outcome outcome) {}

    /** The loop is closed; called after its background was, on the closing thread. */
    void close() {}

    /** The settings, in one order always, because they are written into records. */
    @Override
    public String toString() {
        return "none";
    }

    // ---- for everybody

    @Override
    public Mission mission() {
        return NO_MISSION;
    }

    @Override
    public Next signal(String mission, Signal signal, Collection<String> actions) {
        return signal == Signal.CONTINUE ? Next.GO_ON : Next.STOP;
    }

    @Override
    public void progressed() {}

    @Override
    public void resume() {}
}
