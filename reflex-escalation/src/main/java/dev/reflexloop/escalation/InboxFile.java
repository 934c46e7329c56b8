package dev.reflexloop.escalation;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What stands in an inbox's file, for who watches from another process. Immutable; the file is read once and neither locked nor written. In
 * the inbox's own process ask the {@link EscalationInbox}: some systems drop a lock when its process closes the file anywhere.
 *
 * <p>How long an escalation waits only its inbox knows: one whose process has ended is pending here until another opens the file.
 *
 * @param entries the escalations in their order
 * @param refusals the answers that were not taken, in their order, as far back as the file goes
 */
public record InboxFile(List<InboxEntry> entries, List<Refusal> refusals) {
    /**
     * An answer that was not taken.
     *
     * @param escalation what it answers, where that is known
     * @param verdict why it was not taken
     * @param by who answered
     * @param at the wall-clock time
     */
    public record Refusal(Optional<String> escalation, AnswerVerdict verdict, String by, Instant at) {}

    /** Copies. */
    public InboxFile {
        entries = List.copyOf(entries);
        refusals = List.copyOf(refusals);
    }

    /**
     * Reads a file.
     *
     * @param file an inbox's file
     * @return what stands in it; a last line that is being written is left out
     * @throws EscalationException if it cannot be read, or is no inbox of a version that is known
     */
    public static InboxFile read(Path file) {
        List<InboxLine> lines;
        try {
            lines = InboxJournal.read(file);
        } catch (IOException failure) {
            throw new EscalationException(
                    file.toString(),
                    "it cannot be read (" + failure
                            + "); name an inbox, as an escalation sink keeps one beside its file",
                    failure);
        }
        InboxState state = new InboxState();
        lines.forEach(state::apply);
        return new InboxFile(
                state.all().stream().map(InboxState.Held::entry).toList(),
                lines.stream()
                        .filter(InboxLine.Refused.class::isInstance)
                        .map(InboxLine.Refused.class::cast)
                        .map(line -> new Refusal(
                                line.entry(),
                                AnswerVerdict.refused(line.because(), line.reason()),
                                line.by(),
                                line.at()))
                        .toList());
    }

    /**
     * What waits for an answer.
     *
     * @return the pending entries, the oldest first
     */
    public List<InboxEntry> pending() {
        return entries.stream()
                .filter(entry -> entry.state() == InboxEntry.State.PENDING)
                .toList();
    }
}
