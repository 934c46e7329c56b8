package dev.reflexloop;

import java.time.Duration;
import java.util.Optional;

/**
 * What the slower mind says: an action, a new goal, or both. Immutable.
 *
 * @param id identifies it in the trajectory log
 * @param escalation the id of the escalation that it answers; empty where nobody asked
 * @param action the name of the action to take; it is taken once, in the first tick within the lease in which it is legal
 * @param target the id of the target to aim the action at, which must be offered then; without one the first that is offered
 * @param goal the goal from now on
 * @param lease how long the action holds, counted from {@link ReflexLoop#guide(Guidance)}
 */
public record Guidance(
        String id,
        Optional<String> escalation,
        Optional<String> action,
        Optional<String> target,
        Optional<Goal> goal,
        Duration lease) {
    /** What became of a guidance. Each with an action meets exactly one fate; one without meets one only where its goal is not taken. */
    public enum Fate {
        /** It was served. */
        APPLIED,
        /** Its lease passed before there was a tick to take it in. */
        EXPIRED,
        /** The schema has no such action; or its lease passed, and in every tick of it the action, or its target, was not legal. */
        ILLEGAL,
        /** The situation that it answers was over when it came, so its goal was not taken either; or ended before its action was taken. */
        OUTDATED,
        /** It answers an escalation that this loop did not make, or that was answered already. */
        UNKNOWN,
        /** A newer guidance took its place. */
        REPLACED,
        /** The loop was closed before it was taken. */
        CLOSED,
        /** The shield put another action in its place. */
        VETOED
    }

    /** Checks the id and the lease. */
    public Guidance {
        Check.name(id, "id of a guidance");
        Check.present(escalation, "escalation of guidance '" + id + "'", "use Optional.empty()");
        Check.present(action, "action of guidance '" + id + "'", "use Optional.empty()");
        Check.present(target, "target of guidance '" + id + "'", "use Optional.empty()");
        Check.present(goal, "goal of guidance '" + id + "'", "use Optional.empty()");
        Check.positive(lease, "lease of guidance '" + id + "'");
    }

    /**
     * An action that nobody asked for.
     *
     * @param id identifies it
     * @param action the action's name
     * @param lease how long it holds
     * @return the guidance
     */
    public static Guidance action(String id, String action, Duration lease) {
        return new Guidance(id, Optional.empty(), Optional.of(action), Optional.empty(), Optional.empty(), lease);
    }

    /**
     * The answer to an escalation: one of its options.
     *
     * @param id identifies it
     * @param escalation what is answered
     * @param option one of its options
     * @param lease how long it holds
     * @return the guidance
     */
    public static Guidance answer(String id, Escalation escalation, Situation.Option option, Duration lease) {
        return new Guidance(
                id,
                Optional.of(escalation.id()),
                Optional.of(option.action()),
                option.target(),
                Optional.empty(),
                lease);
    }
}
