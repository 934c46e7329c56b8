package dev.reflexloop.testkit;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Outcome;
import dev.reflexloop.Step;
import dev.reflexloop.TrajectoryLogger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** A trajectory log in memory, for looking at what a loop recorded. Thread-safe; does not block but where it says so. */
public final class RecordingLogger implements TrajectoryLogger {

    /**
     * What {@link TrajectoryLogger#applied} was told.
     *
     * @param step the id of the decision
     * @param tick the game's tick in which it landed
     * @param at the wall-clock time
     */
    public record Applied(String step, long tick, Instant at) {}

    private final List<String> sessions = new ArrayList<>();
    private final List<Step> steps = new ArrayList<>();
    private final List<Applied> applied = new ArrayList<>();
    private final List<Outcome> outcomes = new ArrayList<>();
    private long taken;
    private long lost;
    private boolean closed;

    /** An empty log. */
    public RecordingLogger() {}

    @Override
    public synchronized boolean header(String session, ActionSchema schema, Instant startedAt) {
        return take(sessions, session);
    }

    @Override
    public synchronized boolean step(Step step) {
        return take(steps, step);
    }

    @Override
    public synchronized boolean applied(String step, long tick, Instant at) {
        return take(applied, new Applied(step, tick, at));
    }

    @Override
    public synchronized boolean outcome(Outcome outcome) {
        return take(outcomes, outcome);
    }

    private <T> boolean take(List<T> list, T what) {
        if (closed) {
            lost++;
            return false;
        }
        list.add(what);
        taken++;
        notifyAll();
        return true;
    }

    /**
     * The runs that were announced.
     *
     * @return a copy, in order
     */
    public synchronized List<String> sessions() {
        return List.copyOf(sessions);
    }

    /**
     * The steps.
     *
     * @return a copy, in order
     */
    public synchronized List<Step> steps() {
        return List.copyOf(steps);
    }

    /**
     * What the motor layer began to carry out.
     *
     * @return a copy, in order
     */
    public synchronized List<Applied> applied() {
        return List.copyOf(applied);
    }

    /**
     * The outcomes.
     *
     * @return a copy, in order
     */
    public synchronized List<Outcome> outcomes() {
        return List.copyOf(outcomes);
    }

    /**
     * Waits until so many steps were recorded.
     *
     * @param count how many, since the start
     * @param timeout how long to wait at most
     * @return true if they were
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized boolean awaitSteps(int count, Duration timeout) throws InterruptedException {
        return Monitors.await(this, () -> steps.size() >= count, timeout);
    }

    @Override
    public synchronized long acknowledged() {
        return taken;
    }

    @Override
    public synchronized long lost() {
        return lost;
    }

    @Override
    public boolean flush(Duration timeout) {
        return true;
    }

    /** Takes nothing from now on; what was recorded stays. */
    @Override
    public synchronized void close() {
        closed = true;
    }
}
