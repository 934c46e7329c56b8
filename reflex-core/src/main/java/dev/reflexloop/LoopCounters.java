package dev.reflexloop;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/** The counters of one loop; what is counted is told on the telemetry bus as well. Plain fields belong to the loop's turn and are read under it; adders may be touched from any thread. */
final class LoopCounters {
    /** Latencies in microseconds up to a minute, within 1 %: 11 KB for a loop, because a process may have thousands of them. */
    private static final long HIGHEST_MICROS = 60_000_000;

    private final long[] served = new long[Served.values().length];
    private final long[] because = new long[Cause.values().length];
    private final Histogram latencyMicros = new Histogram(HIGHEST_MICROS, 2);
    private final LoopTelemetry telemetry;
    private final LongAdder queueDrops = new LongAdder();
    private final LongAdder escalationsRejected = new LongAdder();
    private final AtomicLongArray guidanceFates = new AtomicLongArray(Guidance.Fate.values().length);
    private long late;
    private long escalated;

    final LongAdder stale = new LongAdder();
    final LongAdder superseded = new LongAdder();
    final LongAdder preempted = new LongAdder();
    final LongAdder lateAnswers = new LongAdder();
    final LongAdder callbackFailures = new LongAdder();
    final LongAdder escalationsOverBudget = new LongAdder();

    LoopCounters(LoopTelemetry telemetry) {
        this.telemetry = telemetry;
    }

    /** Something did not fit into the mailbox for it. */
    void dropped(String what, long count) {
        if (count > 0) {
            queueDrops.add(count);
            telemetry.dropped(what, count);
        }
    }

    /** The sink did not take an escalation. */
    void rejected(Escalation escalation) {
        escalationsRejected.increment();
        telemetry.refused(escalation);
    }

    void ended(Guidance guidance, Guidance.Fate fate) {
        guidanceFates.incrementAndGet(fate.ordinal());
        telemetry.ended(guidance, fate);
    }

    void count(Decision decision) {
        served[decision.served().ordinal()]++;
        if (decision.because().isPresent()) {
            because[decision.because().get().ordinal()]++;
        }
        if (decision.late()) {
            late++;
        }
        if (decision.escalated()) {
            escalated++;
        }
        latencyMicros.recordValue(
                Math.min(HIGHEST_MICROS, Math.max(0, decision.latency().toNanos() / 1_000)));
        telemetry.served(decision);
    }

    LoopStats snapshot(LoopStats.Closure closure, long schemaProblems) {
        Map<Served, Long> servedCounts = counts(Served.class, each -> served[each.ordinal()]);
        return new LoopStats(
                latencyMicros.getTotalCount(),
                servedCounts,
                counts(Cause.class, each -> because[each.ordinal()]),
                late,
                escalated,
                stale.sum(),
                superseded.sum(),
                preempted.sum(),
                queueDrops.sum(),
                lateAnswers.sum(),
                callbackFailures.sum() + schemaProblems,
                escalationsRejected.sum(),
                escalationsOverBudget.sum(),
                counts(Guidance.Fate.class, each -> guidanceFates.get(each.ordinal())),
                closure,
                new LoopStats.Latency(percentile(50), percentile(99), percentile(99.9), percentile(100)));
    }

    private static <E extends Enum<E>> Map<E, Long> counts(Class<E> type, ToLongFunction<E> count) {
        Map<E, Long> counts = new EnumMap<>(type);
        for (E each : type.getEnumConstants()) {
            if (count.applyAsLong(each) > 0) {
                counts.put(each, count.applyAsLong(each));
            }
        }
        return counts;
    }

    private Duration percentile(double percent) {
        return Duration.ofNanos(1_000 * latencyMicros.getValueAtPercentile(percent));
    }
}
