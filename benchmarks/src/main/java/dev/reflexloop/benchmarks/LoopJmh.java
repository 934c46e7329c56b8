package dev.reflexloop.benchmarks;

import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The same question as {@link LoopBenchmark}'s asked by JMH: one whole tick, the report of the outcome included, in a JVM of its own. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class LoopJmh {
    private static final int PERCEPTIONS = 1_024;

    /** Whether the loop knows that the model returns at once, and asks it on the thread that ticks. */
    @Param({"true", "false"})
    public boolean returnsAtOnce;

    private final Perception[] perceptions = Arena.perceptions(PERCEPTIONS);
    private ReflexLoop loop = build();
    private int next;

    /** For JMH. */
    public LoopJmh() {}

    private ReflexLoop build() {
        return ReflexLoop.builder(Arena.schema(), Arena.instant(returnsAtOnce)).build();
    }

    /** Builds the loop of a trial. */
    @Setup
    public void open() {
        loop.close();
        loop = build();
    }

    /** Closes it. */
    @TearDown
    public void close() {
        loop.close();
    }

    /**
     * One tick.
     *
     * @return its decision
     */
    @Benchmark
    public Decision tick() {
        Decision decision = loop.decide(perceptions[next++ & (PERCEPTIONS - 1)]);
        loop.outcome(Outcome.of(decision, 0));
        return decision;
    }

    static int run(List<String> arguments) {
        Options options = new Options("jmh", arguments, Set.of());
        try {
            Results results = new Results("loop", options.command());
            for (RunResult result : new Runner(options(LoopJmh.class, options)
                            .shouldFailOnError(true)
                            .build())
                    .run()) {
                String name = "true".equals(result.getParams().getParam("returnsAtOnce")) ? "jmh" : "jmhIsolated";
                results.figure(
                        name + "P50Micros",
                        result.getPrimaryResult().getStatistics().getPercentile(50));
                results.figure(
                        name + "P99Micros",
                        result.getPrimaryResult().getStatistics().getPercentile(99));
                results.figure(name + "BytesPerTick", bytes(result));
            }
            results.print().write(options.results());
            return 0;
        } catch (RunnerException failure) {
            throw new IllegalStateException("JMH could not run: " + failure.getMessage(), failure);
        }
    }

    /** How a benchmark is run: one fork, some seconds, with the profiler that counts allocated bytes. */
    static OptionsBuilder options(Class<?> benchmark, Options options) {
        TimeValue iteration = options.isShort() ? TimeValue.milliseconds(200) : TimeValue.seconds(2);
        OptionsBuilder jmh = new OptionsBuilder();
        jmh.include("\\." + benchmark.getSimpleName() + "\\.")
                .forks(1)
                .warmupIterations(options.isShort() ? 1 : 3)
                .warmupTime(iteration)
                .measurementIterations(options.isShort() ? 1 : 5)
                .measurementTime(iteration)
                .addProfiler(GCProfiler.class);
        return jmh;
    }

    /** Bytes allocated by one operation, in all threads. */
    static double bytes(RunResult result) {
        for (Map.Entry<String, ?> secondary : result.getSecondaryResults().entrySet()) {
            if (secondary.getKey().endsWith("gc.alloc.rate.norm") && secondary.getValue() instanceof Result<?> bytes) {
                return bytes.getScore();
            }
        }
        throw new IllegalStateException("JMH's GC profiler counted nothing");
    }
}
