package dev.reflexloop.console.web;

import dev.reflexloop.ReflexException;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.console.logfile.LogFiles;
import dev.reflexloop.console.logfile.LogKind;
import dev.reflexloop.escalation.AnswerVerdict;
import dev.reflexloop.escalation.InboxEntry;
import dev.reflexloop.escalation.StrategistReply;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All the inboxes that bots in other processes keep in some folders, also those that appear later. Thread-safe. */
final class FoundDesk implements EscalationDesk {
    private static final Logger LOG = LoggerFactory.getLogger(ConsoleServer.class);

    private final List<Path> places;

    /**
     * A desk.
     *
     * @param places inboxes, and folders of some
     */
    FoundDesk(List<Path> places) {
        this.places = List.copyOf(places);
    }

    private List<EscalationDesk> desks() {
        List<Path> present = places.stream().filter(Files::exists).toList();
        return LogFiles.find(present).entrySet().stream()
                .filter(each -> each.getValue() == LogKind.INBOX)
                .map(Map.Entry::getKey)
                .map(EscalationDesk::files)
                .toList();
    }

    @Override
    public List<InboxEntry> waiting() {
        List<InboxEntry> waiting = new ArrayList<>();
        for (EscalationDesk desk : desks()) {
            try {
                waiting.addAll(desk.waiting());
            } catch (ReflexException unreadable) {
                LOG.debug("An inbox cannot be read; the others are", unreadable);
            }
        }
        waiting.sort(Comparator.comparing(InboxEntry::at));
        return waiting;
    }

    @Override
    public AnswerVerdict answer(String escalation, StrategistReply reply, String by) {
        for (EscalationDesk desk : desks()) {
            AnswerVerdict verdict = desk.answer(escalation, reply, by);
            if (verdict.kind() != AnswerVerdict.Kind.UNKNOWN) {
                return verdict;
            }
        }
        return new AnswerVerdict(
                AnswerVerdict.Kind.UNKNOWN, "no inbox in " + places + " has this escalation", Optional.empty());
    }
}
