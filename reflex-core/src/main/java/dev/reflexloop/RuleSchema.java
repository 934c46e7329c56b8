package dev.reflexloop;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** The schema that a builder makes. */
final class RuleSchema implements ActionSchema {
    private final String name;
    private final List<Action> actions;
    private final Action idle;
    private final Optional<Action> abstain;
    private final Map<String, Predicate<Perception>> rules;
    private final Map<String, Function<Perception, List<Target>>> targets;

    RuleSchema(
            String name,
            List<Action> actions,
            Action idle,
            Optional<Action> abstain,
            Map<String, Predicate<Perception>> rules,
            Map<String, Function<Perception, List<Target>>> targets) {
        this.name = name;
        this.actions = List.copyOf(actions);
        this.idle = idle;
        this.abstain = abstain;
        this.rules = rules;
        this.targets = targets;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Action> actions() {
        return actions;
    }

    @Override
    public Action idle() {
        return idle;
    }

    @Override
    public Optional<Action> abstain() {
        return abstain;
    }

    @Override
    public List<Action> legal(Perception perception) {
        if (rules.isEmpty()) {
            return actions;
        }
        List<Action> legal = new ArrayList<>(actions.size());
        for (Action action : actions) {
            Predicate<Perception> rule = rules.get(action.name());
            if (rule == null || rule.test(perception)) {
                legal.add(action);
            }
        }
        return legal;
    }

    @Override
    public List<Target> targets(Action action, Perception perception) {
        Function<Perception, List<Target>> source = targets.get(action.name());
        return source == null ? List.of() : source.apply(perception);
    }
}
