package dev.reflexloop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The closed set of actions of a bot, and which of them are legal now. Start from {@link #of(Class, Enum)} or {@link #builder(String)};
 * implement it where the game itself knows what is legal.
 *
 * <p>{@link #actions()}, {@link #idle()} and {@link #abstain()} never change during the life of a schema. {@link #legal(Perception)}
 * and {@link #targets(Action, Perception)} are called on the thread that ticks the loop: they must be quick and thread-safe where one
 * schema serves several loops. What they throw, or return from outside the schema, is dropped by the loop and counted, and the idle
 * action stays legal.
 */
public interface ActionSchema {
    /** The most actions, and the most targets of one action, that a schema may offer. */
    int MAX_OPTIONS = 255;

    /**
     * The schema's name, written into trajectory logs and models.
     *
     * @return the name
     */
    String name();

    /**
     * All actions, in the order in which they are shown to models.
     *
     * @return one to {@value #MAX_OPTIONS} actions with different names; unmodifiable
     */
    List<Action> actions();

    /**
     * The one action that is legal in every tick.
     *
     * @return one of {@link #actions()}, without a cooldown
     */
    Action idle();

    /**
     * The mask of this tick. Cooldowns are applied by the loop afterwards, and the idle action is always added.
     *
     * @param perception what the bot sees now
     * @return the legal ones among {@link #actions()}
     */
    List<Action> legal(Perception perception);

    /**
     * The action by which a model says that it cannot judge; choosing it escalates.
     *
     * @return one of {@link #actions()}, or empty (the default)
     */
    default Optional<Action> abstain() {
        return Optional.empty();
    }

    /**
     * What an action can be aimed at in this tick.
     *
     * @param action a legal action
     * @param perception what the bot sees now
     * @return the targets, at most {@value #MAX_OPTIONS}; empty (the default) where the action needs none
     */
    default List<Target> targets(Action action, Perception perception) {
        return List.of();
    }

    /**
     * A schema of an enum's constants, all of them legal always. Names are the constants' in lower case.
     *
     * @param type the enum
     * @param idle the constant that is the idle action
     * @param <E> the enum
     * @return the schema, named like the enum
     */
    static <E extends Enum<E>> ActionSchema of(Class<E> type, E idle) {
        Builder builder = builder(type.getSimpleName().toLowerCase(Locale.ROOT));
        Arrays.stream(type.getEnumConstants()).forEach(each -> builder.action(Action.of(nameOf(each))));
        return builder.idle(nameOf(idle)).build();
    }

    private static String nameOf(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /**
     * Starts a schema.
     *
     * @param name the schema's name
     * @return a builder, one thread at a time
     */
    static Builder builder(String name) {
        return new Builder(name);
    }

    /** Collects the actions of a schema. One thread at a time. */
    final class Builder {
        private final String name;
        private final Map<String, Action> actions = new LinkedHashMap<>();
        private final Map<String, Predicate<Perception>> rules = new LinkedHashMap<>();
        private final Map<String, Function<Perception, List<Target>>> targets = new LinkedHashMap<>();
        private @Nullable String idle;
        private @Nullable String abstain;

        private Builder(String name) {
            this.name = Check.name(name, "name of an action schema");
        }

        /**
         * Adds an action that is always legal.
         *
         * @param action the action
         * @return this builder
         */
        public Builder action(Action action) {
            Check.present(action, "an action of schema '" + name + "'", "leave it out");
            if (actions.putIfAbsent(action.name(), action) != null) {
                throw new IllegalArgumentException("schema '" + name + "' has two actions named '" + action.name()
                        + "'; give each a name of its own");
            }
            return this;
        }

        /**
         * Adds an action that is always legal.
         *
         * @param action its name
         * @param description what it does
         * @return this builder
         */
        public Builder action(String action, String description) {
            return action(Action.of(action, description));
        }

        /**
         * Adds an action that is legal only when a rule says so.
         *
         * @param action the action
         * @param legalWhen the rule; quick, and thread-safe where loops share the schema
         * @return this builder
         */
        public Builder action(Action action, Predicate<Perception> legalWhen) {
            action(action);
            rules.put(
                    action.name(),
                    Check.present(
                            legalWhen,
                            "rule of action '" + action.name() + "'",
                            "leave it out for an action that is always legal"));
            return this;
        }

        /**
         * Says what an action can be aimed at.
         *
         * @param action the name of an action that was added
         * @param source the targets of a tick
         * @return this builder
         */
        public Builder targets(String action, Function<Perception, List<Target>> source) {
            require(action, "action with targets");
            targets.put(action, Check.present(source, "targets of action '" + action + "'", "leave it out"));
            return this;
        }

        /**
         * Names the action that is always legal. Required.
         *
         * @param action the name of an action that was added without a rule and without a cooldown
         * @return this builder
         */
        public Builder idle(String action) {
            this.idle = action;
            return this;
        }

        /**
         * Names the action by which a model abstains. Default: none.
         *
         * @param action the name of an action that was added
         * @return this builder
         */
        public Builder abstain(String action) {
            this.abstain = action;
            return this;
        }

        /**
         * Builds the schema.
         *
         * @return an immutable schema, thread-safe as far as its rules are
         * @throws IllegalArgumentException if it has no action, too many, or no idle action that is always legal and not the abstain action
         */
        public ActionSchema build() {
            if (actions.isEmpty() || actions.size() > MAX_OPTIONS) {
                throw new IllegalArgumentException("schema '" + name + "' has " + actions.size() + " actions; add 1 to "
                        + MAX_OPTIONS + " of them");
            }
            Action idleAction = require(idle, "idle action");
            if (rules.containsKey(idleAction.name()) || !idleAction.cooldown().isZero()) {
                throw new IllegalArgumentException("idle action '" + idleAction.name() + "' of schema '" + name
                        + "' has a rule or a cooldown; the idle action must be legal in every tick");
            }
            Optional<Action> abstainAction =
                    abstain == null ? Optional.empty() : Optional.of(require(abstain, "abstain action"));
            if (idleAction.name().equals(abstain)) {
                throw new IllegalArgumentException("action '" + abstain + "' of schema '" + name
                        + "' is both its idle and its abstain action; a model that idles would escalate every time");
            }
            return new RuleSchema(
                    name,
                    new ArrayList<>(actions.values()),
                    idleAction,
                    abstainAction,
                    Map.copyOf(rules),
                    Map.copyOf(targets));
        }

        private Action require(@Nullable String action, String role) {
            Action found = action == null ? null : actions.get(action);
            if (found == null) {
                throw new IllegalArgumentException(role + " of schema '" + name + "' is '" + action
                        + "', which is none of its actions " + actions.keySet() + "; name one of them");
            }
            return found;
        }
    }
}
