package dev.reflexloop.benchmarks;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Intent;
import dev.reflexloop.Perception;
import dev.reflexloop.PerceptionSource;
import dev.reflexloop.Pilot;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexRunner;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.Urgency;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * Many loops in one JVM: each perceives, decides and acts twice a second under one {@link ReflexRunner} with its defaults.
 *
 * <p>{@code lateTicks} counts decisions that were served after their deadline, and whole periods by which a perception came later than one
 * period after the one before. {@code cores} is the process's processor time over the wall time, everything included: perceiving,
 * logging, collecting garbage, and this measurement.
 */
final class LoopsBenchmark {
    private static final Duration PERIOD = Duration.ofMillis(500);
    private static final Duration FLUSH = Duration.ofSeconds(10);

    /** What a run measured. */
    private record Run(
            long lateTicks,
            long decisions,
            long byModel,
            double cores,
            int threads,
            Histogram seenToMoved,
            long lostRecords) {}

    private final int loops;
    private final int threads;
    private final Duration warmUp;
    private final Duration duration;

    private LoopsBenchmark(Options options) {
        this.loops = Math.toIntExact(options.number("loops", 1_000, 1_000));
        this.threads = Math.toIntExact(options.number("threads", 6, 6));
        this.warmUp = Duration.ofSeconds(options.number("warm-up", 20, 3));
        this.duration = Duration.ofSeconds(options.number("seconds", 60, 5));
    }

    static int run(List<String> arguments) {
        Options options = new Options("loops", arguments, Set.of("loops", "threads", "warm-up", "seconds"));
        LoopsBenchmark benchmark = new LoopsBenchmark(options);
        Results results = new Results("loops", options.command());
        Run logOff = benchmark.run(TrajectoryLogger.disabled());
        Run logOn;
        try (TemporaryFolder folder = new TemporaryFolder();
                TrajectoryLogger logger = TrajectoryLogger.file(folder.resolve("loops.jsonl"))) {
            logOn = benchmark.run(logger);
        }
        results.count("loops", benchmark.loops)
                .count("threads", logOn.threads())
                .count("lateTicks", logOn.lateTicks())
                .figure("cores", logOn.cores())
                .count("decisions", logOn.decisions())
                .count("servedByModel", logOn.byModel())
                .count("lostRecords", logOn.lostRecords())
                .figure("perceivedToMovedP50Millis", Machine.millis(logOn.seenToMoved(), 50))
                .figure("perceivedToMovedP99Millis", Machine.millis(logOn.seenToMoved(), 99))
                .figure("coresLogOff", logOff.cores())
                .count("lateTicksLogOff", logOff.lateTicks())
                .figure("perceivedToMovedP99MillisLogOff", Machine.millis(logOff.seenToMoved(), 99))
                .print()
                .write(options.results());
        return 0;
    }

    private Run run(TrajectoryLogger logger) {
        Meter meter = new Meter();
        ActionSchema schema = Arena.schema();
        ReflexModel model = Arena.instant(true);
        List<ReflexLoop> all = new ArrayList<>(loops);
        try (ReflexRunner runner =
                ReflexRunner.builder().threads(threads).period(PERIOD).build()) {
            for (int i = 0; i < loops; i++) {
                ReflexLoop loop = ReflexLoop.builder(schema, model)
                        .session("loop-" + i)
                        .logger(logger)
                        .outcomeTimeout(Duration.ofSeconds(2))
                        .build();
                Bot bot = new Bot("bot-" + i, meter);
                all.add(loop);
                runner.add(loop, bot, bot);
            }
            runner.start();
            rest(System.nanoTime() + warmUp.toNanos());
            return measure(all, meter, logger);
        } finally {
            all.forEach(ReflexLoop::close);
        }
    }

    private Run measure(List<ReflexLoop> all, Meter meter, TrajectoryLogger logger) {
        meter.open = true;
        long lateBefore = all.stream().mapToLong(loop -> loop.stats().late()).sum();
        long decidedBefore =
                all.stream().mapToLong(loop -> loop.stats().decisions()).sum();
        long modelBefore = all.stream()
                .mapToLong(loop -> loop.stats().served(Served.MODEL))
                .sum();
        long cpuBefore = Machine.processNanos();
        long began = System.nanoTime();
        rest(began + duration.toNanos());
        double wall = System.nanoTime() - began;
        double cores = (Machine.processNanos() - cpuBefore) / wall;
        meter.open = false;
        int reflexThreads = reflexThreads();
        long late = all.stream().mapToLong(loop -> loop.stats().late()).sum() - lateBefore;
        if (logger.acknowledged() > 0) {
            logger.flush(FLUSH);
        }
        return new Run(
                late + meter.late.sum(),
                all.stream().mapToLong(loop -> loop.stats().decisions()).sum() - decidedBefore,
                all.stream()
                                .mapToLong(loop -> loop.stats().served(Served.MODEL))
                                .sum()
                        - modelBefore,
                cores,
                reflexThreads,
                meter.seenToMoved,
                logger.lost());
    }

    private static int reflexThreads() {
        return (int) Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("reflex-"))
                .count();
    }

    private static void rest(long untilNanos) {
        long left;
        while ((left = untilNanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
        }
    }

    /** What all bots measure while it is open. */
    private static final class Meter {
        final LongAdder late = new LongAdder();
        final Histogram seenToMoved =
                new ConcurrentHistogram(Duration.ofMinutes(1).toNanos(), 3);
        volatile boolean open;
    }

    /** One bot: sees twelve facts, and notes when it saw and when it moved. The runner hands it over between its stages. */
    private static final class Bot implements PerceptionSource, Pilot {
        private static final int REMEMBERED = 8;
        private static final Map<String, Fact> FACTS = Arena.perceptions(1)[0].facts();

        private final String entity;
        private final Meter meter;
        private final long[] seenNanos = new long[REMEMBERED];
        private long tick;
        private long lastNanos;

        Bot(String entity, Meter meter) {
            this.entity = entity;
            this.meter = meter;
        }

        @Override
        public Optional<Perception> perceive() {
            long now = System.nanoTime();
            if (meter.open && tick > 0) {
                meter.late.add(Math.max(0, (now - lastNanos) / PERIOD.toNanos() - 1));
            }
            lastNanos = now;
            synchronized (seenNanos) {
                seenNanos[(int) (++tick % REMEMBERED)] = now;
            }
            return Optional.of(new Perception(entity, tick, Instant.now(), FACTS, List.of(), Urgency.NORMAL));
        }

        @Override
        public void apply(Intent intent) {
            if (meter.open) {
                long seen = intent.decision()
                        .map(decision -> decision.perception().tick())
                        .orElse(0L);
                synchronized (seenNanos) {
                    meter.seenToMoved.recordValue(System.nanoTime() - seenNanos[(int) (seen % REMEMBERED)]);
                }
            }
        }
    }
}
