package dev.reflexloop.escalation;

import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Situation;
import java.time.Instant;
import java.util.Optional;

/**
 * One escalation in an inbox, as it was when it was asked for. Immutable.
 *
 * @param id the id of the escalation
 * @param entity the bot
 * @param tick the bot's tick
 * @param situation what is going on; long texts are cut
 * @param goal the bot's goal at that time
 * @param at the wall-clock time of the escalation
 * @param times how often it came: 1, and one more for every further escalation that was folded into it
 * @param state whether it waits
 * @param response how it was answered; only where it was
 */
public record InboxEntry(
        String id,
        String entity,
        long tick,
        Situation situation,
        Goal goal,
        Instant at,
        int times,
        State state,
        Optional<Response> response) {
    /** Whether an escalation waits. */
    public enum State {
        /** It waits for an answer. */
        PENDING,
        /** It was answered. */
        ANSWERED,
        /** It waited too long, or came again from a new run of its bot. */
        EXPIRED
    }

    /**
     * An answer that was taken.
     *
     * @param guidance the id of the guidance that it became
     * @param option the option that was chosen; empty where only a goal was set, or the bot stopped
     * @param goal the goal that was set
     * @param by who answered
     * @param at the wall-clock time
     * @param fate what became of the option in the loop; empty until the loop has said so
     */
    public record Response(
            String guidance,
            Optional<Situation.Option> option,
            Optional<Goal> goal,
            String by,
            Instant at,
            Optional<Guidance.Fate> fate) {}
}
