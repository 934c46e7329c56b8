package dev.reflexloop;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what is handed over when, and whether the bot waits. Confined to the loop's turn, but for the sink, which is called in the
 * {@link Background}.
 */
final class Escalator {
    /*
     * Two kinds of situation go through here.
     *
     * A recognised one lasts from the first tick in which the policy recognises it to the first sound tick in which it does not, or in which
     * it recognises another. Ticks without a sound perception change nothing, because nobody looked.
     *
     *     none --recognised--> waiting --guidance without an action--> released (the model goes on)
     *                            |  ^
     *                            |  +-- guidance with an action, whatever its fate: the bot goes on waiting, anew, for the game to move on
     *                            +--nobody spoke for waitAtMost--> given up (the model goes on)
     *     any of them --not recognised any more--> over: guidance for it is outdated
     *
     * It is handed over in its first tick, and again when askAgainAfter has passed since it was handed over and since the strategist spoke
     * last. Waiting ends by itself, so that a bot whose strategist is dead does not stand still for ever.
     *
     * A measured one (doubt, novelty, the model abstains or asks) is about one answer, and the next answer is another matter. So one is
     * pending at a time: the next is handed over when guidance for it has met its fate, or after patience. The bot waits while answers are
     * doubtful in a row, for as long as its patience lasts, counted from the first of them or since the strategist spoke; then it goes on
     * with the model, or with the fallback where the model abstains. One good answer, or guidance that is taken, ends the row.
     *
     * Nothing is lost silently. What the sink refuses, by its receipt or by throwing, is counted and may be handed over again after a
     * back-off: one second, doubled with each refusal in a row up to askAgainAfter. What is over the budget is counted, a lasting situation
     * once, and is handed over when the window has room, if it is still there. The bot waits all the same.
     */
    private static final Logger LOG = LoggerFactory.getLogger(ReflexLoop.class);
    private static final long FIRST_BACK_OFF_NANOS = 1_000_000_000L;
    private static final int MOST_DOUBLINGS = 20;

    private final @Nullable EscalationSink sink;
    private final @Nullable EscalationPolicy policy;
    private final LegalMask mask;
    private final GuidanceDesk guidances;
    private final Background background;
    private final LoopCounters counters;
    private final Callbacks callbacks;
    private final LoopTelemetry telemetry;
    private final ReflexClock clock;
    private final long patienceNanos;
    private final long askAgainNanos;
    private final long waitAtMostNanos;
    private final SlidingWindow lastMinute;

    private @Nullable Occurrence lasting;
    private @Nullable Occurrence pending;
    private boolean doubting;
    private long doubtingSinceNanos;
    private volatile @Nullable BackOff backOff;

    private record BackOff(long fromNanos, long nanos, int refusals) {}

    Escalator(
            ReflexLoop.Builder builder,
            LegalMask mask,
            GuidanceDesk guidances,
            LoopCounters counters,
            LoopTelemetry telemetry,
            Callbacks callbacks,
            Background background) {
        this.sink = builder.sink;
        this.policy = sink == null ? null : builder.policy;
        this.mask = mask;
        this.guidances = guidances;
        this.background = background;
        this.counters = counters;
        this.telemetry = telemetry;
        this.callbacks = callbacks;
        this.clock = builder.clock;
        this.patienceNanos = Check.nanos(builder.patience);
        this.askAgainNanos = Check.nanos(builder.askAgainAfter);
        this.waitAtMostNanos = Check.nanos(builder.waitAtMost);
        this.lastMinute = new SlidingWindow(sink == null ? 1 : builder.escalationsPerMinute);
    }

    boolean hasSink() {
        return sink != null;
    }

    /** Whether there is a policy to be asked. Without a sink there is none: nobody could answer, so nothing is worth waiting for. */
    boolean looks() {
        return policy != null;
    }

    /** Looks at what a tick is about, before anybody is asked. */
    void look(Tick tick, Question question) {
        EscalationPolicy asked = policy;
        if (asked == null) {
            return;
        }
        Optional<Situation> seen =
                callbacks.ask("escalation policy", Optional.<Situation>empty(), () -> asked.recognize(question));
        Occurrence before = lasting;
        Situation now = seen.isEmpty() ? null : sound(seen.get());
        if (before != null && (now == null || !before.situation.isSame(now))) {
            before.end();
            before = null;
        }
        if (now != null && before == null) {
            before = new Occurrence(now, true, tick.enteredNanos);
        }
        if (before != null && before.isAnswered()) {
            before.renew();
        }
        lasting = before;
        tick.occurrence = before;
    }

    /** Whether the bot waits in a situation that was recognised. */
    boolean waits(Tick tick) {
        Occurrence it = tick.occurrence;
        return it != null && !it.isReleased() && tick.enteredNanos - it.sinceNanos < waitAtMostNanos;
    }

    /** Looks at a sound answer; true if it is doubtful and the bot waits. */
    boolean doubts(Tick tick, Question question, Answer answer) {
        EscalationPolicy asked = policy;
        if (asked == null) {
            doubting = false;
            return false;
        }
        Optional<Situation> doubt =
                callbacks.ask("escalation policy", Optional.<Situation>empty(), () -> asked.doubt(question, answer));
        if (doubt.isEmpty()) {
            doubting = false;
            return false;
        }
        return measured(tick, sound(doubt.get()));
    }

    /** The model abstained; true if the bot waits. */
    boolean abstained(Tick tick, Question question) {
        return measured(
                tick,
                new Situation(
                        Situation.Kind.ABSTAINED,
                        "The reflex of '" + tick.perception.entity() + "' abstained in tick " + tick.perception.tick(),
                        Situation.Option.legalActions(question),
                        Situation.Waiting.LAST_GOOD));
    }

    private boolean measured(Tick tick, Situation situation) {
        long now = tick.enteredNanos;
        Occurrence before = pending;
        if (before != null && before.isAnswered()) {
            guided();
        }
        tick.occurrence = new Occurrence(situation, false, now);
        if (!doubting) {
            doubting = true;
            doubtingSinceNanos = now;
        }
        return now - doubtingSinceNanos < patienceNanos;
    }

    /** Guidance is taken, or was told of its fate: what was pending is done. */
    void guided() {
        pending = null;
        doubting = false;
    }

    /** Leaves out the options that could never be taken. */
    private Situation sound(Situation said) {
        List<Situation.Option> kept = new ArrayList<>(said.options().size());
        for (Situation.Option option : said.options()) {
            Action action = mask.byName(option.action());
            if (action != null && !mask.isAbstain(action)) {
                kept.add(option);
            }
        }
        if (kept.size() == said.options().size()) {
            return said;
        }
        counters.callbackFailures.increment();
        return new Situation(said.kind(), said.words(), kept, said.waiting());
    }

    // ---- handing over

    /** Hands the situation of a tick that is being served over, if it is time to; true if it did. */
    boolean handOver(Tick tick, String decision, Instant at) {
        Occurrence it = tick.occurrence;
        EscalationSink to = sink;
        long now = tick.enteredNanos;
        if (it == null || to == null || !isDue(it, now) || backsOff(now)) {
            return false;
        }
        if (lastMinute.isFull(now)) {
            if (!it.countedOverBudget) {
                it.countedOverBudget = true;
                counters.escalationsOverBudget.increment();
            }
            return false;
        }
        String id = decision + "-e";
        Escalation escalation = new Escalation(id, decision, it.situation, tick.perception, tick.goal, at);
        guidances.expect(id, it);
        it.handedOver(now);
        if (!background.run(() -> submit(to, escalation, it))) {
            counters.dropped("escalation", 1);
            telemetry.refused(escalation);
            refused(it);
            return false;
        }
        lastMinute.add(now);
        if (!it.lasting) {
            pending = it;
        }
        return true;
    }

    private boolean isDue(Occurrence it, long now) {
        if (it.lasting) {
            return !it.asked || it.isRefused() || Math.min(now - it.askedNanos, now - it.sinceNanos) >= askAgainNanos;
        }
        Occurrence before = pending;
        return before == null || before.isRefused() || now - before.askedNanos >= patienceNanos;
    }

    private boolean backsOff(long now) {
        BackOff current = backOff;
        return current != null && now - current.fromNanos() < current.nanos();
    }

    private void submit(EscalationSink to, Escalation escalation, Occurrence it) {
        EscalationSink.Receipt receipt =
                callbacks.ask("escalation sink", EscalationSink.Receipt.REJECTED, () -> to.submit(escalation));
        if (receipt == EscalationSink.Receipt.ACCEPTED) {
            backOff = null;
            telemetry.handedOver(escalation);
            return;
        }
        LOG.debug("Escalation {} was not accepted", escalation.id());
        counters.rejected(escalation);
        refused(it);
    }

    private void refused(Occurrence it) {
        BackOff before = backOff;
        int refusals = before == null ? 0 : Math.min(MOST_DOUBLINGS, before.refusals() + 1);
        backOff = new BackOff(clock.nanos(), Math.min(askAgainNanos, FIRST_BACK_OFF_NANOS << refusals), refusals);
        it.refuse();
    }
}
