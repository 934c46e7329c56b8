package dev.reflexloop.benchmarks;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * Perceptions of a recorded game, in their order, under the mask that each had: it is a schema whose legal actions are those of the record.
 * Immutable.
 */
final class Recording implements ActionSchema {
    private final TrajectoryRecord.Header header;
    private final List<Perception> perceptions = new ArrayList<>();
    private final Map<Perception, List<Action>> legal = new IdentityHashMap<>();
    private final Action idle;

    private Recording(TrajectoryRecord.Header header, List<TrajectoryRecord.Decided> steps) {
        this.header = header;
        Map<String, Action> byName = new HashMap<>();
        header.actions().forEach(action -> byName.put(action.name(), action));
        List<Action> always = new ArrayList<>(header.actions());
        for (TrajectoryRecord.Decided step : steps) {
            List<Action> offered = new ArrayList<>();
            for (String name : step.legal()) {
                Action action = byName.get(name);
                if (action != null) {
                    offered.add(action);
                }
            }
            always.retainAll(offered);
            perceptions.add(step.perception());
            legal.put(step.perception(), List.copyOf(offered));
        }
        if (perceptions.isEmpty() || always.isEmpty()) {
            throw new IllegalArgumentException("the recording has " + perceptions.size()
                    + " decisions and no action that is legal in all of them; give a trajectory log of a played game");
        }
        this.idle = always.get(always.size() - 1);
    }

    /** Reads the decisions of the first run's schema, except those that were forced or made from a bad perception. */
    static Recording read(Path file) {
        TrajectoryRecord.Header header = null;
        List<TrajectoryRecord.Decided> steps = new ArrayList<>();
        for (TrajectoryRecord each : TrajectoryReader.readAll(file)) {
            if (each instanceof TrajectoryRecord.Header first && header == null) {
                header = first;
            } else if (each instanceof TrajectoryRecord.Decided step
                    && step.legal().size() > 1) {
                steps.add(step);
            }
        }
        if (header == null) {
            throw new IllegalArgumentException(file + " has no header; give a trajectory log");
        }
        return new Recording(header, steps);
    }

    List<Perception> perceptions() {
        return perceptions;
    }

    @Override
    public String name() {
        return header.schema();
    }

    @Override
    public List<Action> actions() {
        return header.actions();
    }

    @Override
    public Action idle() {
        return idle;
    }

    @Override
    public List<Action> legal(Perception perception) {
        return legal.getOrDefault(perception, header.actions());
    }
}
