package dev.reflexloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final List<Action> actions;
    private final Action idle;
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
     * @throws IllegalArgumentException if it has no action, two of one name, or an idle or abstain action that is none of them
     */
    LegalMask(ActionSchema schema) {
        this.schema = Check.present(schema, "action schema", "give one");
        this.actions = List.copyOf(schema.actions());
        this.idle = schema.idle();
        if (actions.isEmpty() || actions.size() > ActionSchema.MAX_OPTIONS) {
            throw new IllegalArgumentException("schema '" + schema.name() + "' has " + actions.size()
                    + " actions; a schema has 1 to " + ActionSchema.MAX_OPTIONS + " of them");
        }
        boolean cooldowns = false;
        for (Action action : actions) {
            if (indexes.putIfAbsent(action.name(), indexes.size()) != null) {
                throw new IllegalArgumentException("schema '" + schema.name() + "' has two actions named '"
                        + action.name() + "'; give each a name of its own");
            }
            cooldowns |= !action.cooldown().isZero();
        }
        requireOwn(idle, "idle");
        schema.abstain().ifPresent(action -> requireOwn(action, "abstain"));
        this.anyCooldown = cooldowns;
        this.mask = new boolean[actions.size()];
        this.cooling = new boolean[actions.size()];
        this.coolUntilNanos = new long[actions.size()];
    }

    private void requireOwn(Action action, String role) {
        if (!actions.contains(action)) {
            throw new IllegalArgumentException("the " + role + " action '" + action.name() + "' of schema '"
                    + schema.name() + "' is none of its actions; add it");
        }
    }

    /** What a schema offered that it may not, and what it threw, since the start. */
    long problems() {
        return problems;
    }

    Action idle() {
        return idle;
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
                coolUntilNanos[index] = nowNanos + action.cooldown().toNanos();
            }
        }
    }

    /** The legal actions in the schema's order; empty if the schema offered none, and then only the idle action is. */
    List<Action> legal(Perception perception, long nowNanos) {
        List<Action> offered;
        try {
            offered = schema.legal(perception);
        } catch (RuntimeException failure) {
            problem("threw from legal()", failure);
            return List.of();
        }
        if (offered == actions && !anyCooldown) {
            return actions;
        }
        Arrays.fill(mask, false);
        int count = 0;
        for (Action action : offered == null ? List.<Action>of() : offered) {
            Integer index = action == null ? null : indexes.get(action.name());
            if (index == null) {
                problem("offered the action " + (action == null ? "null" : "'" + action.name() + "'"), null);
            } else if (!mask[index] && !isCooling(index, nowNanos)) {
                mask[index] = true;
                count++;
            }
        }
        if (offered == null || offered.isEmpty()) {
            problem("offered no action at all", null);
            return List.of();
        }
        int idleIndex = indexes.getOrDefault(idle.name(), 0);
        if (!mask[idleIndex]) {
            mask[idleIndex] = true;
            count++;
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
            List<Target> sound = soundTargets(action, perception);
            if (!sound.isEmpty()) {
                if (all.isEmpty()) {
                    all = new LinkedHashMap<>();
                }
                all.put(action.name(), sound);
            }
        }
        return all;
    }

    private List<Target> soundTargets(Action action, Perception perception) {
        List<Target> offered;
        try {
            offered = schema.targets(action, perception);
        } catch (RuntimeException failure) {
            problem("threw from targets()", failure);
            return List.of();
        }
        if (offered == null) {
            problem("offered null as the targets of '" + action.name() + "'", null);
            return List.of();
        }
        if (offered.isEmpty()) {
            return offered;
        }
        Set<String> ids = new HashSet<>();
        List<Target> sound = new ArrayList<>(offered.size());
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
        if (warned) {
            LOG.debug("Schema '{}' {}", schema.name(), what, failure);
        } else {
            warned = true;
            LOG.warn(
                    "Schema '{}' {}; such offers are dropped and counted, and the idle action stays legal (said once, then at DEBUG)",
                    schema.name(),
                    what,
                    failure);
        }
    }

    static Question question(ActionSchema schema, Perception perception, Goal goal) {
        LegalMask mask = new LegalMask(schema);
        List<Action> legal = mask.legal(perception, 0);
        if (legal.isEmpty()) {
            legal = List.of(schema.idle());
        }
        return new Question(perception, goal, schema, legal, mask.targets(legal, perception), List.of());
    }
}
