package dev.reflexloop;

import java.time.Instant;

/**
 * A situation that is handed to the slower mind. Immutable.
 *
 * @param id identifies it; guidance refers to it
 * @param decision the id of the decision in which it arose
 * @param situation what is going on, and what could be done
 * @param perception what the bot saw
 * @param goal the goal at that time
 * @param at the wall-clock time
 */
public record Escalation(
        String id, String decision, Situation situation, Perception perception, Goal goal, Instant at) {
    /** Checks the id and that the rest is there. */
    public Escalation {
        Check.name(id, "id of an escalation");
        Check.present(situation, "situation of escalation '" + id + "'", "say what is going on");
        Check.present(perception, "perception of escalation '" + id + "'", "give what the bot saw");
        Check.present(goal, "goal of escalation '" + id + "'", "use Goal.none()");
        Check.present(at, "time of escalation '" + id + "'", "give the wall-clock time");
    }
}
