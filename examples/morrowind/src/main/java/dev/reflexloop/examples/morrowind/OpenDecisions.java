package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Outcome;
import dev.reflexloop.Step;
import dev.reflexloop.TrajectoryLogger;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Passes records on to a log, and remembers the decisions of which nobody has said what came of them, oldest first: also those that were
 * never written, because a newer one came first. Thread-safe.
 */
final class OpenDecisions implements TrajectoryLogger {
    private final TrajectoryLogger log;

    /** By id, whether the pilot took it. */
    private final Map<String, Boolean> open = new LinkedHashMap<>();

    OpenDecisions(TrajectoryLogger log) {
        this.log = log;
    }

    /** The pilot took a decision: those before it that it did not take, because it never will. */
    synchronized List<String> passedOver(String taken) {
        if (open.replace(taken, true) == null) {
            return List.of();
        }
        List<String> passed = new ArrayList<>();
        Iterator<Map.Entry<String, Boolean>> all = open.entrySet().iterator();
        for (Map.Entry<String, Boolean> each = all.next(); !each.getKey().equals(taken); each = all.next()) {
            if (!each.getValue()) {
                passed.add(each.getKey());
            }
        }
        return passed;
    }

    /** All of them. */
    synchronized List<String> all() {
        return List.copyOf(open.keySet());
    }

    @Override
    public boolean header(String session, ActionSchema schema, Instant startedAt) {
        return log.header(session, schema, startedAt);
    }

    @Override
    public synchronized boolean step(Step step) {
        open.put(step.decision().id(), false);
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
