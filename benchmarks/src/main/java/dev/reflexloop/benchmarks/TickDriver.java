package dev.reflexloop.benchmarks;

import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.HdrHistogram.Histogram;

/**
 * Ticks at a fixed rate, as a game does, and says how late each tick was done. Immutable; each drive is confined to the thread that calls.
 *
 * <p>A latency counts from the moment at which the tick was due, not from the one at which it began. So a stall is told by every tick that
 * it held up, and not only by the one that it hit (coordinated omission).
 */
public final class TickDriver {
    private static final int DEFAULT_LIMIT_MILLIS = 200;

    /**
     * What a drive measured. Immutable.
     *
     * @param ticks how many ticks there were
     * @param p50Millis half of them were done at most this late after they were due, in milliseconds
     * @param p99Millis 99 of 100
     * @param p999Millis 999 of 1,000
     * @param maxMillis the latest
     * @param misses ticks that were done later than the budget
     */
    public record Report(
            long ticks, double p50Millis, double p99Millis, double p999Millis, double maxMillis, long misses) {

        /**
         * Whether 1 of 100 ticks was later than a limit.
         *
         * @param limit the limit
         * @return true if p99 is above it
         */
        public boolean isSlowerThan(Duration limit) {
            return p99Millis > limit.toNanos() / 1e6;
        }
    }

    private final ReflexClock clock;
    private final long periodNanos;
    private final long budgetNanos;

    /**
     * A driver.
     *
     * @param period from one tick to the next; above zero
     * @param budget how late a tick may be done; a later one is a miss
     * @param clock where time comes from
     */
    public TickDriver(Duration period, Duration budget, ReflexClock clock) {
        this.clock = clock;
        this.periodNanos = period.toNanos();
        this.budgetNanos = budget.toNanos();
        if (periodNanos <= 0 || budgetNanos <= 0) {
            throw new IllegalArgumentException(
                    "a tick driver has period " + period + " and budget " + budget + "; both must be above zero");
        }
    }

    /**
     * Ticks on the calling thread. A tick that is due while another still runs begins as soon as that one is done; none is left out.
     *
     * @param ticks how many; 1 or more
     * @param tick what a tick does; is given its number, from 0
     * @return what was measured
     * @throws InterruptedException if the thread was interrupted while it waited for the next tick
     */
    public Report drive(int ticks, IntConsumer tick) throws InterruptedException {
        Histogram nanos = new Histogram(Duration.ofHours(1).toNanos(), 3);
        long misses = 0;
        long start = clock.nanos() + periodNanos;
        for (int i = 0; i < ticks; i++) {
            long due = start + i * periodNanos;
            clock.await(new CompletableFuture<>(), due);
            tick.accept(i);
            long late = clock.nanos() - due;
            nanos.recordValue(late);
            if (late > budgetNanos) {
                misses++;
            }
        }
        return new Report(
                ticks,
                Machine.millis(nanos, 50),
                Machine.millis(nanos, 99),
                Machine.millis(nanos, 99.9),
                Machine.millis(nanos, 100),
                misses);
    }

    /** Drives a loop; exit status 1 when p99 is above the limit, which is 200 ms by default. */
    static int run(List<String> arguments) throws InterruptedException {
        Options options = new Options("tick", arguments, Set.of("rate", "seconds", "budget", "limit", "model"));
        long rate = options.number("rate", 30, 30);
        Duration budget = Duration.ofMillis(options.number("budget", 50, 50));
        Duration limit = Duration.ofMillis(options.number("limit", DEFAULT_LIMIT_MILLIS, DEFAULT_LIMIT_MILLIS));
        int ticks = Math.toIntExact(options.number("seconds", 60, 2) * rate);
        Perception[] perceptions = Arena.perceptions(1_024);
        Report report;
        Results results = new Results("tick", options.command());
        try (ReflexLoop loop = ReflexLoop.builder(Arena.schema(), model(options.text("model", "instant")))
                .budget(budget)
                .build()) {
            report = new TickDriver(Duration.ofNanos(1_000_000_000 / rate), budget, ReflexClock.system())
                    .drive(ticks, i -> loop.outcome(Outcome.of(loop.decide(perceptions[i % perceptions.length]), 0)));
            results.count("servedByModel", loop.stats().served(Served.MODEL));
        }
        results.count("ticks", report.ticks())
                .count("ticksPerSecond", rate)
                .figure("p50Millis", report.p50Millis())
                .figure("p99Millis", report.p99Millis())
                .figure("p999Millis", report.p999Millis())
                .figure("maxMillis", report.maxMillis())
                .count("budgetMisses", report.misses())
                .print()
                .write(options.results());
        if (report.isSlowerThan(limit)) {
            System.err.println("p99 is " + report.p99Millis() + " ms, above the limit of " + limit.toMillis() + " ms");
            return 1;
        }
        return 0;
    }

    private static ReflexModel model(String name) {
        Map<String, ReflexModel> models =
                Map.of("instant", Arena.instant(true), "isolated", Arena.instant(false), "silent", Arena.silent());
        ReflexModel model = models.get(name);
        if (model == null) {
            throw new IllegalArgumentException("--model=" + name + " is none of " + models.keySet());
        }
        return model;
    }
}
