package dev.reflexloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The legal actions of a tick: the schema's mask without what it may not contain, less what cools down, plus the idle action. Confined to
 * one tick at a time of one loop.
 */
final class LegalMask {
    private static final Logger LOG = LoggerFactory.getLogger(LegalMask.class);

    private final ActionSchema schema;
    private final Executor background;
    private final String name;
    private final List<Action> actions;
    private final Action idle;
    private final @Nullable Action abstain;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final boolean[] mask;
    private final boolean[] cooling;
    private final long[] coolUntilNanos;
    private final boolean anyCooldown;
    private boolean warned;
    private long problems;

    /**
     * Reads the schema once.
     *
     * @param background where log lines are written, off the tick's thread
     * @throws IllegalArgumentException if it has no action, two of one name, or an idle or abstain action that is none of them
     */
    LegalMask(ActionSchema schema, Executor background) {
        this.schema = Check.present(schema, "action schema", "give one");
        this.background = background;
        this.name = Check.name(schema.name(), "name of an action schema");
        List<Action> offered = Check.present(schema.actions(), "actions of schema '" + name + "'", "return a list");
        if (offered.isEmpty() || offered.size() > ActionSchema.MAX_OPTIONS) {
            throw new IllegalArgumentException("schema '" + name + "' has " + offered.size()
                    + " actions; a schema has 1 to " + ActionSchema.MAX_OPTIONS + " of them");
        }
        boolean cooldowns = false;
        for (Action action : offered) {
            Check.present(action, "an action of schema '" + name + "'", "leave it out");
            if (indexes.putIfAbsent(action.name(), indexes.size()) != null) {
                throw new IllegalArgumentException("schema '" + name + "' has two actions named '" + action.name()
                        + "'; give each a name of its own");
            }
            cooldowns |= !action.cooldown().isZero();
        }
        this.actions = List.copyOf(offered);
        this.idle = own(schema.idle(), "idle");
        Optional<Action> abstains =
                Check.present(schema.abstain(), "abstain action of schema '" + name + "'", "use Optional.empty()");
        this.abstain = abstains.isPresent() ? own(abstains.get(), "abstain") : null;
        if (idle.equals(abstain)) {
            throw new IllegalArgumentException("action '" + idle.name() + "' of schema '" + name
                    + "' is both its idle and its abstain action; a model that idles would escalate every time");
        }
        this.anyCooldown = cooldowns;
        this.mask = new boolean[actions.size()];
        this.cooling = new boolean[actions.size()];
        this.coolUntilNanos = new long[actions.size()];
    }

    private Action own(@Nullable Action given, String role) {
        Action action =
                Check.present(given, "the " + role + " action of schema '" + name + "'", "name one of its actions");
        if (!actions.contains(action)) {
            throw new IllegalArgumentException("the " + role + " action '" + action.name() + "' of schema '" + name
                    + "' is none of its actions; add it");
        }
        return action;
    }

    /** What a schema offered that it may not, and what it threw, since the start. */
    long problems() {
        return problems;
    }

    Action idle() {
        return idle;
    }

    boolean isAbstain(Action action) {
        return action.equals(abstain);
    }

    @Nullable
    Action byName(String name) {
        Integer index = indexes.get(name);
        return index == null ? null : actions.get(index);
    }

    /** Starts the cooldown of an action that was served. */
    void served(Action action, long nowNanos) {
        if (!action.cooldown().isZero()) {
            int index = indexes.getOrDefault(action.name(), -1);
            if (index >= 0) {
                cooling[index] = true;
                coolUntilNanos[index] = nowNanos + Check.nanos(action.cooldown());
            }
        }
    }

    /** The legal actions in the schema's order; empty if the schema offered none, and then only the idle action is. */
    List<Action> legal(Perception perception, long nowNanos) {
        int known;
        try {
            List<Action> offered = schema.legal(perception);
            if (offered == actions && !anyCooldown) {
                return actions;
            }
            known = mark(offered, nowNanos);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            problem("threw from legal()", failure);
            return List.of();
        }
        if (known == 0) {
            problem("offered none of its actions", null);
            return List.of();
        }
        mask[indexes.getOrDefault(idle.name(), 0)] = true;
        int count = 0;
        for (boolean each : mask) {
            count += each ? 1 : 0;
        }
        if (count == mask.length) {
            return actions;
        }
        List<Action> legal = new ArrayList<>(count);
        for (int i = 0; i < mask.length; i++) {
            if (mask[i]) {
                legal.add(actions.get(i));
            }
        }
        return List.copyOf(legal);
    }

    /** Marks what is offered and does not cool down; returns how many of the offered actions are the schema's own. */
    private int mark(@Nullable List<Action> offered, long nowNanos) {
        Arrays.fill(mask, false);
        int known = 0;
        for (Action action : offered == null ? List.<Action>of() : offered) {
            Integer index = action == null ? null : indexes.get(action.name());
            if (index == null) {
                problem("offered the action " + (action == null ? "null" : "'" + action.name() + "'"), null);
            } else {
                known++;
                mask[index] = !isCooling(index, nowNanos);
            }
        }
        return known;
    }

    private boolean isCooling(int index, long nowNanos) {
        if (cooling[index] && nowNanos - coolUntilNanos[index] >= 0) {
            cooling[index] = false;
        }
        return cooling[index];
    }

    /** The targets of the legal actions, by action name. */
    Map<String, List<Target>> targets(List<Action> legal, Perception perception) {
        Map<String, List<Target>> all = Map.of();
        for (Action action : legal) {
            List<Target> sound = targets(action, perception);
            if (!sound.isEmpty()) {
                if (all.isEmpty()) {
                    all = new LinkedHashMap<>();
                }
                all.put(action.name(), sound);
            }
        }
        return all;
    }

    /** The targets of one action, without what a schema may not offer. */
    List<Target> targets(Action action, Perception perception) {
        try {
            List<Target> offered = schema.targets(action, perception);
            if (offered == null) {
                problem("offered null as the targets of '" + action.name() + "'", null);
                return List.of();
            }
            return offered.isEmpty() ? List.of() : sound(offered, action);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            problem("threw from targets()", failure);
            return List.of();
        }
    }

    private List<Target> sound(List<Target> offered, Action action) {
        Set<String> ids = new HashSet<>();
        List<Target> sound = new ArrayList<>();
        for (Target target : offered) {
            if (target != null && sound.size() < ActionSchema.MAX_OPTIONS && ids.add(target.id())) {
                sound.add(target);
            } else {
                problem("offered a target of '" + action.name() + "' that is null, there twice or one too many", null);
            }
        }
        return sound;
    }

    private void problem(String what, @Nullable Throwable failure) {
        problems++;
        if (!warned) {
            warned = true;
            background.execute(() -> LOG.warn(
                    "Schema '{}' {}; such offers are dropped and counted, and the idle action stays legal (said once, then at DEBUG)",
                    name,
                    what,
                    failure));
        } else if (LOG.isDebugEnabled()) {
            background.execute(() -> LOG.debug("Schema '{}' {}", name, what, failure));
        }
    }

    static Question question(ActionSchema schema, Perception perception, Goal goal) {
        LegalMask mask = new LegalMask(schema, Runnable::run);
        List<Action> legal = mask.legal(perception, 0);
        if (legal.isEmpty()) {
            legal = List.of(mask.idle());
        }
        return new Question(perception, goal, schema, legal, mask.targets(legal, perception), List.of());
    }
}
