package dev.reflexloop;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes decisions final: the shield's veto, the hand-over to the strategist, the intent that the motor layer reads, and whoever keeps count.
 * Belongs to the loop's turn, but for {@link #latest()}, which is one volatile read after the decision is complete.
 */
final class Serving {
    private final String session;
    private final ReflexClock clock;
    private final long leaseNanos;
    private final Shield shield;
    private final LegalMask mask;
    private final Aim aim;
    private final Restraint guard;
    private final Escalator escalator;
    private final Records records;
    private final LoopCounters counters;
    private final Callbacks callbacks;
    private volatile Intent latest;
    private Optional<Decision> lastGood = Optional.empty();
    private long sequence;

    Serving(
            ReflexLoop.Builder builder,
            LegalMask mask,
            Aim aim,
            Restraint guard,
            Escalator escalator,
            Records records,
            LoopCounters counters,
            Callbacks callbacks) {
        this.session = builder.session;
        this.clock = builder.clock;
        this.leaseNanos = Check.nanos(builder.lease);
        this.shield = builder.shield;
        this.mask = mask;
        this.aim = aim;
        this.guard = guard;
        this.escalator = escalator;
        this.records = records;
        this.counters = counters;
        this.callbacks = callbacks;
        this.latest = new Intent(0, mask.idle(), Optional.empty(), Optional.empty(), clock.nanos(), Long.MAX_VALUE);
    }

    Intent latest() {
        return latest;
    }

    /** The last decision that a model made. */
    Optional<Decision> lastGood() {
        return lastGood;
    }

    /** Serves what the situation says that the bot does while it waits. */
    void hold(Tick tick, Cause cause, @Nullable Action preferred, Optional<Target> target) {
        Situation.Waiting waiting = requireNonNull(tick.occurrence).situation.waiting();
        if (waiting == Situation.Waiting.MODEL && preferred != null) {
            serve(tick, preferred, target, Served.HOLD, cause, null);
        } else if (waiting == Situation.Waiting.IDLE) {
            serve(tick, mask.idle(), Served.HOLD, cause);
        } else {
            Decision last =
                    lastGood.filter(each -> tick.legal.contains(each.action())).orElse(null);
            if (waiting == Situation.Waiting.LAST_GOOD && last != null) {
                serve(tick, last.action(), aim.again(tick, last), Served.HOLD, cause, null);
            } else {
                serve(tick, fallbackOf(tick), Served.HOLD, cause);
            }
        }
    }

    Action fallbackOf(Tick tick) {
        Action chosen = tick.fallback;
        return chosen == null ? mask.idle() : chosen;
    }

    void serve(Tick tick, Action action, Served served, @Nullable Cause cause) {
        serve(tick, action, aim.first(tick, action), served, cause, null);
    }

    void serve(
            Tick tick,
            Action chosen,
            Optional<Target> target,
            Served served,
            @Nullable Cause cause,
            @Nullable String guidanceId) {
        Optional<Action> veto = callbacks.ask(
                "shield", Optional.<Action>empty(), () -> shield.veto(tick.perception, chosen, tick.legal));
        boolean vetoed = veto.isPresent() && !veto.get().equals(chosen);
        Action action = !vetoed ? chosen : tick.legal.contains(veto.get()) ? veto.get() : mask.idle();
        Instant at = clock.instant();
        long now = clock.nanos();
        String id = session + "-" + ++sequence;
        boolean escalated = tick.occurrence != null && escalator.handOver(tick, id, at);
        Decision decision = new Decision(
                id,
                at,
                tick.perception,
                tick.goal,
                tick.legal,
                action,
                vetoed ? aim.first(tick, action) : target,
                vetoed ? Served.SHIELD : served,
                vetoed ? Optional.of(Cause.VETOED) : Optional.ofNullable(cause),
                Optional.ofNullable(tick.answer),
                Duration.ofNanos(now - tick.enteredNanos),
                now - tick.deadline.atNanos() > 0,
                vetoed ? Optional.of(chosen) : Optional.empty(),
                escalated,
                Optional.ofNullable(guidanceId),
                tick.occurrence == null ? Optional.empty() : Optional.of(tick.occurrence.situation));
        tick.decision = decision;
        Intent intent = new Intent(sequence, action, decision.target(), Optional.of(decision), now, leaseNanos);
        tick.intent = intent;
        latest = intent;
        if (decision.served() == Served.MODEL || decision.served() == Served.CACHE) {
            lastGood = Optional.of(decision);
        }
        mask.served(action, now);
        counters.count(decision);
        if (tick.sound) {
            guard.observe(decision, now);
        }
        records.step(tick, decision, lastGood, now, at);
    }
}
