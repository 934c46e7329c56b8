package dev.reflexloop;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What came of a step. Immutable.
 *
 * @param step the id of the decision
 * @param reward how good it was, -1 to 1
 * @param label "chosen" or "rejected" where it is known already; later stages may decide otherwise
 * @param reasons why, in short words such as {@code entered_area}
 * @param closedBy who said so
 * @param at the wall-clock time
 */
public record Outcome(
        String step, double reward, Optional<String> label, List<String> reasons, ClosedBy closedBy, Instant at) {

    /** Who closed a step. */
    public enum ClosedBy {
        /** The game reported what came of it. */
        GAME,
        /** Nothing was reported in time. */
        TIMEOUT,
        /** The loop was closed first. */
        SHUTDOWN
    }

    /** Checks and copies. */
    public Outcome {
        Check.name(step, "step of an outcome");
        Check.finite(reward, "reward of step '" + step + "'");
        if (reward < -1 || reward > 1) {
            throw new IllegalArgumentException(
                    "reward of step '" + step + "' is " + reward + "; scale it into -1 to 1");
        }
        Check.present(label, "label of step '" + step + "'", "use Optional.empty()");
        reasons = List.copyOf(reasons);
        Check.present(closedBy, "closedBy of step '" + step + "'", "use GAME");
        Check.present(at, "at of step '" + step + "'", "give the time");
    }

    /**
     * What the game reports.
     *
     * @param decision the decision that was carried out
     * @param reward how good it was, -1 to 1
     * @param reasons why, in short words
     * @return the outcome, at the system's time
     */
    public static Outcome of(Decision decision, double reward, String... reasons) {
        Check.present(decision, "decision of an outcome", "give the decision that was carried out");
        return new Outcome(decision.id(), reward, Optional.empty(), List.of(reasons), ClosedBy.GAME, Instant.now());
    }
}
