package dev.reflexloop.examples.robocode;

import dev.reflexloop.Decision;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A tactic in force, and what came of it: the energy that its shots cost the enemies and that was lost while it was in force. Thread-safe.
 */
final class Deed {
    private static final double EXCHANGE_SCALE = 25;
    private static final double EXCHANGE_WEIGHT = 0.7;
    private static final double RESULT_WEIGHT = 0.3;

    private final Tactic tactic;
    private final Optional<Decision> decision;
    private double dealt;
    private double taken;

    Deed(Tactic tactic, Optional<Decision> decision) {
        this.tactic = tactic;
        this.decision = decision;
    }

    Tactic tactic() {
        return tactic;
    }

    /** The decision behind it, where a loop made it. */
    Optional<Decision> decision() {
        return decision;
    }

    synchronized void dealt(double energy) {
        dealt += energy;
    }

    synchronized void taken(double energy) {
        taken += energy;
    }

    /**
     * How good it was: the energy exchanged, and how the round ended.
     *
     * @param result how the round ended for us, -1 (first to die) to 1 (won)
     * @return -1 to 1
     */
    synchronized double reward(double result) {
        return EXCHANGE_WEIGHT * Math.tanh((dealt - taken) / EXCHANGE_SCALE) + RESULT_WEIGHT * result;
    }

    /** In short words what came of it. */
    synchronized List<String> reasons() {
        List<String> reasons = new ArrayList<>();
        if (dealt > 0) {
            reasons.add("dealt_damage");
        }
        if (taken > 0) {
            reasons.add("took_damage");
        }
        return reasons;
    }
}
