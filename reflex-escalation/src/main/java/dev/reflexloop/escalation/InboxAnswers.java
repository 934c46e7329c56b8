package dev.reflexloop.escalation;

import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is said to the escalations of an inbox, and what became of it. Confined to the inbox's lock, but for {@link #ended}, which is
 * thread-safe and never waits.
 */
final class InboxAnswers {
    private static final Logger LOG = LoggerFactory.getLogger(EscalationInbox.class);
    private static final int MAX_REASON = 300;
    private static final int MAX_WAITING_FATES = 10_000;

    private record Ending(String guidance, Guidance.Fate fate) {}

    private final ReflexClock clock;
    private final Duration lease;
    private final InboxLedger ledger;
    private final Queue<Ending> endings = new ArrayBlockingQueue<>(MAX_WAITING_FATES);
    private final Map<AnswerVerdict.Kind, Long> refused = new EnumMap<>(AnswerVerdict.Kind.class);
    private final Map<Guidance.Fate, Long> fates = new EnumMap<>(Guidance.Fate.class);
    private long answered;

    InboxAnswers(ReflexClock clock, Duration lease, InboxLedger ledger) {
        this.clock = clock;
        this.lease = lease;
        this.ledger = ledger;
    }

    /** Judges an answer and notes it, whether it is taken or not; no escalation means that it answers none that is known. */
    AnswerVerdict judge(
            InboxState.@Nullable Held held, String escalation, StrategistReply reply, Takers takers, String by) {
        if (held == null) {
            return refuse(
                    Optional.empty(),
                    AnswerVerdict.refused(
                            AnswerVerdict.Kind.UNKNOWN, "no escalation has the id '" + cut(escalation) + "'"),
                    by);
        }
        boolean somebodyListens = takers.guide(held.submitted.entity()).isPresent();
        Judgement judgement = Judgement.of(held, reply, somebodyListens, lease);
        AnswerVerdict verdict = judgement.verdict();
        Guidance guidance = verdict.guidance().orElse(null);
        if (guidance == null) {
            return refuse(Optional.of(held.id()), verdict, by);
        }
        ledger.note(new InboxLine.Answered(
                held.id(),
                guidance.id(),
                judgement.option(),
                guidance.goal().map(Goal::text),
                cut(by),
                clock.instant()));
        answered++;
        return verdict;
    }

    AnswerVerdict refuse(Optional<String> entry, AnswerVerdict verdict, String by) {
        ledger.note(new InboxLine.Refused(entry, verdict.kind(), cut(verdict.reason()), cut(by), clock.instant()));
        return count(verdict, by);
    }

    /** Counts a refusal; all that is left to do once the file is closed. */
    AnswerVerdict count(AnswerVerdict verdict, String by) {
        refused.merge(verdict.kind(), 1L, Long::sum);
        LOG.info("An answer by {} was refused: {}", cut(by), verdict.reason());
        return verdict;
    }

    private static String cut(String text) {
        return Texts.cut(text, MAX_REASON);
    }

    // ---- fates

    void ended(Guidance guidance, Guidance.Fate fate) {
        if (!endings.offer(new Ending(guidance.id(), fate))) {
            LOG.debug("The fate of guidance {} is not recorded, because too many wait", guidance.id());
        }
    }

    void noteEndings() {
        for (Ending each = endings.poll(); each != null; each = endings.poll()) {
            if (ledger.state().knowsGuidance(each.guidance())) {
                fates.merge(each.fate(), 1L, Long::sum);
                ledger.note(new InboxLine.Ended(each.guidance(), each.fate(), clock.instant()));
            }
        }
    }

    // ---- counters

    long answered() {
        return answered;
    }

    Map<AnswerVerdict.Kind, Long> refused() {
        return refused;
    }

    Map<Guidance.Fate, Long> fates() {
        return fates;
    }
}
