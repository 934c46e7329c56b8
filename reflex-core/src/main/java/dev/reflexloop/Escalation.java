package dev.reflexloop;

import java.time.Instant;
import java.util.List;

/**
 * A situation that is handed to the slower mind. Immutable.
 *
 * @param id identifies it; guidance refers to it
 * @param decision the id of the decision in which it arose
 * @param situation what is going on, in words
 * @param options what could be done: the game's choices where it offers some, the legal actions otherwise
 * @param perception what the bot saw
 * @param goal the goal at that time
 * @param at the wall-clock time
 */
public record Escalation(
        String id,
        String decision,
        String situation,
        List<String> options,
        Perception perception,
        Goal goal,
        Instant at) {
    /** Checks and copies. */
    public Escalation {
        Check.name(id, "id of an escalation");
        Check.present(situation, "situation of escalation '" + id + "'", "say what is going on");
        options = List.copyOf(options);
    }
}
