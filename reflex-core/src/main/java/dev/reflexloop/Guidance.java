package dev.reflexloop;

import java.time.Duration;
import java.util.Optional;

/**
 * What the slower mind says: an action, a new goal, or both. Immutable.
 *
 * @param id identifies it in the trajectory log
 * @param action the name of the action to take; it is taken once, in the first tick within the lease in which it is legal
 * @param goal the goal from now on
 * @param lease how long the action holds, counted from {@link ReflexLoop#guide(Guidance)}
 */
public record Guidance(String id, Optional<String> action, Optional<Goal> goal, Duration lease) {
    /** Checks the id and the lease. */
    public Guidance {
        Check.name(id, "id of a guidance");
        Check.present(action, "action of guidance '" + id + "'", "use Optional.empty()");
        Check.present(goal, "goal of guidance '" + id + "'", "use Optional.empty()");
        Check.positive(lease, "lease of guidance '" + id + "'");
    }

    /**
     * An action to take.
     *
     * @param id identifies it
     * @param action the action's name
     * @param lease how long it holds
     * @return the guidance
     */
    public static Guidance action(String id, String action, Duration lease) {
        return new Guidance(id, Optional.of(action), Optional.empty(), lease);
    }
}
