package dev.reflexloop.examples.morrowind;

import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Situation;
import dev.reflexloop.escalation.EscalationInbox;
import dev.reflexloop.escalation.FileEscalationSink;
import dev.reflexloop.escalation.InboxEntry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;

/**
 * What is asked of the strategist, and where: dialogues, quests, dilemmas and what is unknown, through {@code escalation.txt} and
 * {@code escalation-answer.json}. Thread-safe.
 */
final class Counsel implements AutoCloseable {
    private static final Duration SHORTEST_LOOK = Duration.ofMillis(20);
    private static final List<Situation.Kind> KINDS =
            List.of(Situation.Kind.DIALOGUE, Situation.Kind.QUEST, Situation.Kind.DILEMMA, Situation.Kind.UNKNOWN);

    private final EscalationInbox inbox;
    private final FileEscalationSink sink;

    /** Opens the inbox of a folder. */
    Counsel(Options options) {
        inbox = EscalationInbox.builder(options.folder().inbox())
                .lookEvery(atLeast(options.atSpeed(Duration.ofMillis(200))))
                .build();
        sink = FileEscalationSink.builder(options.folder().escalation())
                .inbox(inbox)
                .pause(atLeast(options.atSpeed(Duration.ofSeconds(1))))
                .build();
    }

    private static Duration atLeast(Duration duration) {
        return duration.compareTo(SHORTEST_LOOK) < 0 ? SHORTEST_LOOK : duration;
    }

    /** Hands over what the pilot marks as a situation; while it is asked about, the bot waits. */
    static EscalationPolicy policy() {
        EscalationPolicy.Builder policy =
                EscalationPolicy.builder().waiting(Situation.Kind.UNKNOWN, Situation.Waiting.IDLE);
        for (Situation.Kind kind : KINDS) {
            String mark = kind.name().toLowerCase(Locale.ROOT);
            policy.when(
                    kind,
                    seen -> seen.text(Sight.SITUATION, "").equals(mark),
                    seen -> seen.text(Sight.WORDS, "Somebody waits for an answer."),
                    Counsel::options);
        }
        return policy.build();
    }

    /** The choices with what carries them out; the legal actions where the pilot offers none. */
    private static List<Situation.Option> options(Question question) {
        Perception seen = question.perception();
        List<Map<String, Fact>> offered = Sight.records(seen, Sight.OPTIONS);
        if (offered.isEmpty()) {
            return Situation.Option.legalActions(question);
        }
        List<Situation.Option> options = new ArrayList<>();
        for (int i = 0; i < offered.size(); i++) {
            options.add(new Situation.Option(
                    seen.choices().get(i),
                    Sight.text(offered.get(i), Sight.ACTION, Tactic.TALK.label()),
                    Optional.of(Sight.text(offered.get(i), Sight.ID, ""))));
        }
        return options;
    }

    EscalationInbox inbox() {
        return inbox;
    }

    FileEscalationSink sink() {
        return sink;
    }

    /** Waits until the inbox knows what became of every answer that was taken, or the time is over. */
    void settle(Duration most) {
        long end = System.nanoTime() + most.toNanos();
        while (inbox.entries().stream().anyMatch(Counsel::isOpen) && System.nanoTime() < end) {
            LockSupport.parkNanos(SHORTEST_LOOK.toNanos());
        }
    }

    private static boolean isOpen(InboxEntry entry) {
        return entry.response()
                .filter(response ->
                        response.option().isPresent() && response.fate().isEmpty())
                .isPresent();
    }

    @Override
    public void close() {
        sink.close();
        inbox.close();
    }
}
