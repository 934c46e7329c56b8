package dev.reflexloop;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands over what the model abstains from: one situation at a time, the next one when guidance came or five seconds have passed. Confined
 * to the loop's turn, but for the sink, which is called in the {@link Background}.
 */
final class Escalator {
    private static final Logger LOG = LoggerFactory.getLogger(ReflexLoop.class);
    private static final long PENDING_NANOS = 5_000_000_000L;

    private final @Nullable EscalationSink sink;
    private final GuidanceDesk guidances;
    private final Background background;
    private final LoopCounters counters;
    private final Callbacks callbacks;
    private boolean pending;
    private long escalatedNanos;

    Escalator(
            @Nullable EscalationSink sink,
            GuidanceDesk guidances,
            Background background,
            LoopCounters counters,
            Callbacks callbacks) {
        this.sink = sink;
        this.guidances = guidances;
        this.background = background;
        this.counters = counters;
        this.callbacks = callbacks;
    }

    boolean hasSink() {
        return sink != null;
    }

    /** Whether a situation that arises now is handed over. */
    boolean isDue(long nowNanos) {
        return !pending || nowNanos - escalatedNanos >= PENDING_NANOS;
    }

    void guided() {
        pending = false;
    }

    void escalate(Tick tick, Decision decision, long nowNanos) {
        EscalationSink to = sink;
        if (to == null) {
            return;
        }
        pending = true;
        escalatedNanos = nowNanos;
        Situation situation = new Situation(
                Situation.Kind.ABSTAINED,
                "The reflex of '" + tick.perception.entity() + "' abstained in tick " + tick.perception.tick(),
                options(tick),
                Situation.Waiting.LAST_GOOD);
        Escalation escalation = new Escalation(
                decision.id() + "-e", decision.id(), situation, tick.perception, tick.goal, decision.at());
        guidances.expect(escalation.id(), new Occurrence(situation, false));
        if (!background.run(() -> callbacks.run("escalation sink", () -> submit(to, escalation)))) {
            pending = false;
            counters.queueDrops.increment();
        }
    }

    private static List<Situation.Option> options(Tick tick) {
        return tick.legal.stream()
                .map(action -> new Situation.Option(action.name(), action.name(), Optional.empty()))
                .toList();
    }

    private static void submit(EscalationSink to, Escalation escalation) {
        if (to.submit(escalation) != EscalationSink.Receipt.ACCEPTED) {
            LOG.debug("Escalation {} was not accepted", escalation.id());
        }
    }
}
