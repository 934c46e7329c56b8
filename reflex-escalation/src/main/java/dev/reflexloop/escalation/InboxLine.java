package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Situation;
import java.time.Instant;
import java.util.Optional;

/** One event in an inbox, and one line of its file. */
sealed interface InboxLine {
    /** When it happened, on the inbox's wall clock. */
    Instant at();

    /** An escalation came. */
    record Submitted(
            String id,
            String decision,
            String entity,
            long tick,
            Situation situation,
            Goal goal,
            Instant escalatedAt,
            Instant at)
            implements InboxLine {
        private static final int MAX_WORDS = 4_000;
        private static final int MAX_OPTION = 500;

        static Submitted of(Escalation escalation, Instant now) {
            Situation full = escalation.situation();
            Situation cut = new Situation(
                    full.kind(),
                    Texts.cut(full.words(), MAX_WORDS),
                    full.options().stream()
                            .map(each -> new Situation.Option(
                                    Texts.cut(each.text(), MAX_OPTION), each.action(), each.target()))
                            .toList(),
                    full.waiting());
            return new Submitted(
                    escalation.id(),
                    String.valueOf(escalation.decision()),
                    escalation.perception().entity(),
                    escalation.perception().tick(),
                    cut,
                    Goal.of(Texts.cut(escalation.goal().text(), MAX_WORDS)),
                    escalation.at(),
                    now);
        }
    }

    /** The same situation came again under another id. */
    record Repeated(String entry, String id, Instant escalatedAt, Instant at) implements InboxLine {}

    /** It is about to be put where a strategist looks. */
    record Shown(String entry, Instant at) implements InboxLine {}

    /** An answer was taken; option 0 means that only a goal was set, or the bot stopped. */
    record Answered(String entry, String guidance, int option, Optional<String> goal, String by, Instant at)
            implements InboxLine {}

    /** An answer was not taken. */
    record Refused(Optional<String> entry, AnswerVerdict.Kind because, String reason, String by, Instant at)
            implements InboxLine {}

    /** It waited too long. */
    record Expired(String entry, Instant at) implements InboxLine {}

    /** The loop said what became of a guidance. */
    record Ended(String guidance, Guidance.Fate fate, Instant at) implements InboxLine {}
}
