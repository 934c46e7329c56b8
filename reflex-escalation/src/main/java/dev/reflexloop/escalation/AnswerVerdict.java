package dev.reflexloop.escalation;

import dev.reflexloop.Guidance;
import java.util.Optional;

/**
 * What the inbox says to an answer. Immutable.
 *
 * @param kind whether it was taken, and if not, why
 * @param reason the same in words, for whoever answered
 * @param guidance what was given to the loop; only where the answer was taken
 */
public record AnswerVerdict(Kind kind, String reason, Optional<Guidance> guidance) {
    /** Whether an answer was taken. */
    public enum Kind {
        /** It became guidance, which was given to the loop; guidance to do nothing where it stops the bot. */
        TAKEN,
        /** It could not be read. */
        UNREADABLE,
        /** It is longer than any answer is. */
        TOO_LONG,
        /** It holds neither an option nor a goal. */
        EMPTY,
        /** No escalation with this id is known, or it does not say which one of several it answers. */
        UNKNOWN,
        /** The escalation does not offer this option. */
        NOT_OFFERED,
        /** Another answer came first. */
        ALREADY_ANSWERED,
        /** The escalation waited too long. */
        EXPIRED,
        /** Nobody takes guidance for this bot; the escalation goes on waiting. */
        NOBODY_LISTENS,
        /** The inbox is closed. */
        CLOSED
    }

    static AnswerVerdict refused(Kind kind, String reason) {
        return new AnswerVerdict(kind, reason, Optional.empty());
    }

    /**
     * Whether the answer became guidance.
     *
     * @return true if it did
     */
    public boolean isTaken() {
        return kind == Kind.TAKEN;
    }
}
