package dev.reflexloop.console;

import dev.reflexloop.escalation.AnswerVerdict;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.StrategistReply;
import java.util.List;

/** Where a person sees what a bot handed over, and answers it. Implementations are thread-safe. */
public interface EscalationDesk {

    /**
     * What waits for an answer. May read files.
     *
     * @return the entries, the oldest first
     */
    List<InboxEntry> waiting();

    /**
     * Answers an escalation. May write files.
     *
     * @param escalation its id
     * @param reply an option, a goal, or both
     * @param by who answers, for the record
     * @return whether the answer was taken, and why not
     */
    AnswerVerdict answer(String escalation, StrategistReply reply, String by);

    /**
     * The desk of a bot that runs in this process.
     *
     * @param inbox the bot's inbox, which remains the caller's to close
     * @return its desk
     */
    static EscalationDesk of(EscalationInbox inbox) {
        return new EscalationDesk() {
            @Override
            public List<InboxEntry> waiting() {
                return inbox.pending();
            }

            @Override
            public AnswerVerdict answer(String escalation, StrategistReply reply, String by) {
                return inbox.answer(escalation, reply, by);
            }
        };
    }
}
