package dev.reflexloop.benchmarks;

import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.HdrHistogram.Histogram;

/**
 * A model that hangs for ever: every tick must return its fallback in time, and nothing may pile up.
 *
 * <p>The figures without a name in front are of a model that never answers but lets go of a call that is cancelled, so that the loop asks
 * and waits in every tick. {@code deaf} is one that never lets go, {@code stuck} one that does not even return from {@code ask}; the loop
 * gives those up at once when its three calls are overdue. A control thread in the same JVM only parks for the budget and measures by how
 * much it overslept: what it sees as well is not ours.
 */
final class HungBenchmark {
    private static final Duration BUDGET = Duration.ofMillis(5);
    private static final long GRACE_NANOS = 2_000_000;
    /** Below a tenth of all ticks even in the short form, so that as many steps are open when memory is measured first as at the end. */
    private static final Duration OUTCOME_TIMEOUT = Duration.ofMillis(500);

    private final Perception[] perceptions = Arena.perceptions(1_024);
    private final int ticks;
    private final Results results;

    private HungBenchmark(Options options) {
        this.ticks = Math.toIntExact(options.number("ticks", 100_000, 2_000));
        this.results = new Results("hung", options.command());
    }

    static int run(List<String> arguments) {
        Options options = new Options("hung", arguments, Set.of("ticks"));
        HungBenchmark benchmark = new HungBenchmark(options);
        benchmark.silent();
        benchmark.gaveUp("deaf", Arena.deaf());
        benchmark.stuck();
        benchmark.results.print().write(options.results());
        return 0;
    }

    private static ReflexLoop loop(ReflexModel model) {
        return ReflexLoop.builder(Arena.schema(), model)
                .budget(BUDGET)
                .outcomeTimeout(OUTCOME_TIMEOUT)
                .build();
    }

    private void silent() {
        ControlThread control = new ControlThread(BUDGET);
        try (ReflexLoop loop = loop(Arena.silent())) {
            int first = ticks / 10;
            tick(loop, first, new Histogram(3));
            long heapBefore = Machine.heapAfterCollection();
            int threadsBefore = Machine.threads();
            control.start();
            Histogram nanos = new Histogram(3);
            long onTime = tick(loop, ticks, nanos);
            Histogram overslept = control.stop();
            results.count("ticks", ticks)
                    .figure("onTimeShare", (double) onTime / ticks)
                    .count("servedByFallback", loop.stats().served(Served.FALLBACK) - first)
                    .figure("p50Millis", Machine.millis(nanos, 50))
                    .figure("p999OverBudgetMillis", overBudget(nanos, 99.9))
                    .figure("maxOverBudgetMillis", overBudget(nanos, 100))
                    .figure("controlP999Millis", Machine.millis(overslept, 99.9))
                    .figure("controlMaxMillis", Machine.millis(overslept, 100))
                    .count("threadsBefore", threadsBefore)
                    .count("threadsAfter", Machine.threads())
                    .count("heapBytesBefore", heapBefore)
                    .count("heapBytesAfter", Machine.heapAfterCollection());
        } finally {
            control.stop();
        }
    }

    private static double overBudget(Histogram nanos, double percentile) {
        return Math.max(0, nanos.getValueAtPercentile(percentile) - BUDGET.toNanos()) / 1e6;
    }

    /** A model whose calls end only with the benchmark. */
    private void stuck() {
        CountDownLatch end = new CountDownLatch(1);
        try {
            gaveUp("stuck", Arena.model("stuck", false, (question, deadline) -> {
                boolean ended = false;
                while (!ended) {
                    try {
                        end.await();
                        ended = true;
                    } catch (InterruptedException ignored) {
                        // hung for ever, interrupts or not
                    }
                }
                return new CompletableFuture<>();
            }));
        } finally {
            end.countDown();
        }
    }

    private void gaveUp(String name, ReflexModel model) {
        try (ReflexLoop loop = loop(model)) {
            tick(loop, ticks / 10, new Histogram(3));
            long heapBefore = Machine.heapAfterCollection();
            int threadsBefore = Machine.threads();
            Histogram nanos = new Histogram(3);
            long onTime = tick(loop, ticks, nanos);
            results.figure(name + "OnTimeShare", (double) onTime / ticks)
                    .figure(name + "P50Millis", Machine.millis(nanos, 50))
                    .figure(name + "P999OverBudgetMillis", overBudget(nanos, 99.9))
                    .count(name + "ThreadsGrown", Machine.threads() - threadsBefore)
                    .count(name + "HeapBytesGrown", Machine.heapAfterCollection() - heapBefore);
        }
    }

    /** Ticks back to back; counts the ticks that were within the budget and the grace, and served by the fallback. */
    private long tick(ReflexLoop loop, int count, Histogram nanos) {
        long onTime = 0;
        for (int i = 0; i < count; i++) {
            long began = System.nanoTime();
            Decision decision = loop.decide(perceptions[i % perceptions.length]);
            long took = System.nanoTime() - began;
            nanos.recordValue(took);
            if (took <= BUDGET.toNanos() + GRACE_NANOS && decision.served() == Served.FALLBACK) {
                onTime++;
            }
        }
        return onTime;
    }
}
