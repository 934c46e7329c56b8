package dev.reflexloop.console;

import dev.reflexloop.escalation.AnswerVerdict;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.StrategistReply;
import java.nio.file.Path;
import java.time.Duration;
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

    /**
     * The desk of bots in other processes, which hand over by a {@link dev.reflexloop.escalation.FileEscalationSink}. Its inbox is read, and an
     * answer is the file that it documents; who answers is not told to it. An answer takes until the bot has taken it, half a second where
     * it runs; after five seconds it is withdrawn.
     *
     * @param place the folder of the escalations' files, one of these files, or an inbox's file
     * @return the desk; where files cannot be read it throws {@link dev.reflexloop.ReflexException}, which says which and why
     */
    static EscalationDesk files(Path place) {
        return new FileEscalationDesk(place, Duration.ofSeconds(5));
    }
}
