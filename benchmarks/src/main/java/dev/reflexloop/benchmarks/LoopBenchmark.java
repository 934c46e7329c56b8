package dev.reflexloop.benchmarks;

import dev.reflexloop.AlertSink;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * What {@link ReflexLoop#decide} costs beside its model: every call is timed, on one thread, with a model that answers at once and
 * perceptions that were built before. The game reports the outcome of each step, between two timed calls.
 *
 * <p>Figures without a name in front are of a loop with the log off, back to back. {@code logged} has the trajectory log on,
 * {@code isolated} a model that is not known to return at once and is therefore asked from a thread of its own, {@code unreported} a game
 * that never reports an outcome, {@code guarded} a loop with a {@link LoopGuard}, {@code paced} 100 decisions a second with everything cold in between, as a game has it.
 */
final class LoopBenchmark {
    private static final int PERCEPTIONS = 1_024;
    private static final int BURST = 1_000;
    private static final long PACE_NANOS = 10_000_000;
    private static final Duration FLUSH = Duration.ofSeconds(10);

    /** What happens between two timed calls. */
    private interface Between {
        void after(int number, Decision decision);
    }

    private final Perception[] perceptions = Arena.perceptions(PERCEPTIONS);
    private final int warmUp;
    private final int decisions;
    private final Results results;

    private LoopBenchmark(Options options) {
        this.warmUp = (int) options.number("warm-up", 400_000, 20_000);
        this.decisions = (int) options.number("decisions", 1_000_000, 20_000);
        this.results = new Results("loop", options.command());
    }

    static int run(List<String> arguments) {
        Options options = new Options("loop", arguments, Set.of("warm-up", "decisions"));
        LoopBenchmark benchmark = new LoopBenchmark(options);
        benchmark.plain();
        benchmark.unreported();
        benchmark.isolated();
        benchmark.logged();
        benchmark.guarded();
        benchmark.paced(options.isShort() ? 50 : 2_000);
        benchmark.results.print().write(options.results());
        return 0;
    }

    private static ReflexLoop.Builder loop(boolean returnsAtOnce) {
        return ReflexLoop.builder(Arena.schema(), Arena.instant(returnsAtOnce)).session("bench");
    }

    private static Between reporting(ReflexLoop loop) {
        return (number, decision) -> loop.outcome(Outcome.of(decision, 0));
    }

    private void plain() {
        try (ReflexLoop loop = loop(true).build()) {
            time(loop, warmUp, reporting(loop));
            Histogram nanos = time(loop, decisions, reporting(loop));
            results.figure("overheadP50Micros", Machine.micros(nanos, 50));
            results.figure("overheadP99Micros", Machine.micros(nanos, 99));
            results.figure("overheadP999Micros", Machine.micros(nanos, 99.9));
            results.figure("overheadMaxMicros", Machine.micros(nanos, 100));
            results.figure("allocatedBytesPerDecision", allocated(loop, reporting(loop)));
            results.count("decisions", nanos.getTotalCount());
            requireServedByModel(loop);
        }
    }

    private void unreported() {
        try (ReflexLoop loop = loop(true).build()) {
            Between nothing = (number, decision) -> {};
            time(loop, warmUp, nothing);
            report("unreported", time(loop, decisions, nothing));
            results.figure("unreportedBytesPerDecision", allocated(loop, nothing));
            requireServedByModel(loop);
        }
    }

    private void isolated() {
        try (ReflexLoop loop = loop(false).build()) {
            time(loop, warmUp / 4, reporting(loop));
            report("isolated", time(loop, decisions / 4, reporting(loop)));
            requireServedByModel(loop);
        }
    }

    private void logged() {
        try (TemporaryFolder folder = new TemporaryFolder();
                TrajectoryLogger logger = TrajectoryLogger.file(folder.resolve("loop.jsonl"));
                ReflexLoop loop = loop(true).logger(logger).build()) {
            Between flushing = (number, decision) -> {
                loop.outcome(Outcome.of(decision, 0));
                if (number % BURST == 0 && !logger.flush(FLUSH)) {
                    throw new IllegalStateException("the log did not keep up: " + logger.lost() + " records are lost");
                }
            };
            time(loop, warmUp / 4, flushing);
            report("logged", time(loop, decisions / 4, flushing));
            results.figure("loggedBytesPerDecision", allocated(loop, flushing));
            results.count("loggedLostRecords", logger.lost());
        }
    }

    /** A guard that never stops, so that every decision is the model's. */
    private void guarded() {
        LoopGuard guard = LoopGuard.builder(AlertSink.disabled())
                .patience(Duration.ofDays(1))
                .steady(0, Duration.ZERO)
                .build();
        try (ReflexLoop loop = loop(true).goal(Goal.of("win")).guard(guard).build()) {
            time(loop, warmUp / 4, reporting(loop));
            report("guarded", time(loop, decisions / 4, reporting(loop)));
            results.figure("guardedBytesPerDecision", allocated(loop, reporting(loop)));
            requireServedByModel(loop);
        }
    }

    private void paced(int count) {
        try (ReflexLoop loop = loop(true).build()) {
            time(loop, warmUp / 4, reporting(loop));
            long start = System.nanoTime();
            report("paced", time(loop, count, (number, decision) -> {
                loop.outcome(Outcome.of(decision, 0));
                long left;
                while ((left = start + number * PACE_NANOS - System.nanoTime()) > 0) {
                    LockSupport.parkNanos(left);
                }
            }));
        }
    }

    private void report(String name, Histogram nanos) {
        results.figure(name + "P50Micros", Machine.micros(nanos, 50));
        results.figure(name + "P99Micros", Machine.micros(nanos, 99));
    }

    private Histogram time(ReflexLoop loop, int count, Between between) {
        Histogram nanos = new Histogram(Duration.ofMinutes(1).toNanos(), 3);
        for (int i = 1; i <= count; i++) {
            Perception perception = perceptions[i % PERCEPTIONS];
            long began = System.nanoTime();
            Decision decision = loop.decide(perception);
            nanos.recordValue(System.nanoTime() - began);
            between.after(i, decision);
        }
        return nanos;
    }

    /** Bytes that the calling thread allocates in {@code decide}, on average. */
    private double allocated(ReflexLoop loop, Between between) {
        int count = decisions / 10;
        long bytes = 0;
        for (int i = 1; i <= count; i++) {
            Perception perception = perceptions[i % PERCEPTIONS];
            long before = Machine.allocatedBytes();
            Decision decision = loop.decide(perception);
            bytes += Machine.allocatedBytes() - before;
            between.after(i, decision);
        }
        return (double) bytes / count;
    }

    /** A benchmark of fallbacks would be fast and worth nothing. */
    private static void requireServedByModel(ReflexLoop loop) {
        long all = loop.stats().decisions();
        long byModel = loop.stats().served(Served.MODEL);
        if (byModel < all * 0.999) {
            throw new IllegalStateException(
                    "only " + byModel + " of " + all + " decisions were the model's; nothing was measured");
        }
    }
}
