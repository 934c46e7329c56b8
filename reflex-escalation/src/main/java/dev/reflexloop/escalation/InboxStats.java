package dev.reflexloop.escalation;

import dev.reflexloop.Guidance;
import java.util.Map;

/**
 * Counters of an inbox since it was opened. Immutable.
 *
 * @param accepted escalations that were taken, without the folded ones
 * @param folded escalations that repeated one that waited
 * @param rejected escalations that were not taken: known already, no room, closed, or the disk refused
 * @param answered answers that became guidance
 * @param refused answers that did not, by reason
 * @param expired escalations that waited too long
 * @param fates what became of the guidance in the loop, as far as the loop said so
 * @param fileFailures failures to write the inbox's file, or a file that others share with it
 * @param listenerFailures what takers of guidance and of replies threw
 */
public record InboxStats(
        long accepted,
        long folded,
        long rejected,
        long answered,
        Map<AnswerVerdict.Kind, Long> refused,
        long expired,
        Map<Guidance.Fate, Long> fates,
        long fileFailures,
        long listenerFailures) {
    /** Copies. */
    public InboxStats {
        refused = Map.copyOf(refused);
        fates = Map.copyOf(fates);
    }

    static InboxStats of(InboxRegister register, InboxAnswers answers, long fileFailures, long listenerFailures) {
        return new InboxStats(
                register.accepted(),
                register.folded(),
                register.rejected(),
                answers.answered(),
                answers.refused(),
                register.expired(),
                answers.fates(),
                fileFailures,
                listenerFailures);
    }
}
