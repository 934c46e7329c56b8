package dev.reflexloop.examples.robocode;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Step;
import dev.reflexloop.TrajectoryLogger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Passes records on to a log, and remembers the decisions that have no outcome yet: also those that the robot never took up, because the
 * round was over or a newer one had come. Thread-safe.
 */
final class OpenDecisions implements TrajectoryLogger {
    private final TrajectoryLogger log;
    private final Map<String, Decision> open = new LinkedHashMap<>();

    OpenDecisions(TrajectoryLogger log) {
        this.log = log;
    }

    /** The decisions without an outcome, oldest first. */
    synchronized List<Decision> open() {
        return new ArrayList<>(open.values());
    }

    @Override
    public boolean header(String session, ActionSchema schema, Instant startedAt) {
        return log.header(session, schema, startedAt);
    }

    @Override
    public synchronized boolean step(Step step) {
        open.put(step.decision().id(), step.decision());
        return log.step(step);
    }

    @Override
    public boolean applied(String step, long tick, Instant at) {
        return log.applied(step, tick, at);
    }

    @Override
    public synchronized boolean outcome(Outcome outcome) {
        open.remove(outcome.step());
        return log.outcome(outcome);
    }

    @Override
    public long acknowledged() {
        return log.acknowledged();
    }

    @Override
    public long lost() {
        return log.lost();
    }

    @Override
    public boolean flush(Duration timeout) {
        return log.flush(timeout);
    }

    /** Nothing: the log belongs to whoever opened it. */
    @Override
    public void close() {}
}
