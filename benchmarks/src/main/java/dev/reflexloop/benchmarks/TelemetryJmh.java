package dev.reflexloop.benchmarks;

import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import java.time.Instant;
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
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;

/**
 * What it costs to say what happens: {@code off} on a bus that keeps nothing, {@code ring} on one that keeps the newest events and that nobody
 * reads.
 *
 * <p>{@code offNanos} and {@code ringNanos} are the means of publishing one event of nine fields as a bot does: asked first whether the bus is
 * on, made anew, its fields copied. {@code offTickNanos} and {@code ringTickNanos} are the medians of a whole tick of a loop with its outcome,
 * which says two things about itself.
 */
@State(Scope.Thread)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class TelemetryJmh {
    private static final int PERCEPTIONS = 1_024;

    /** Whether anything is kept. */
    @Param({"false", "true"})
    public boolean kept;

    private final Perception[] perceptions = Arena.perceptions(PERCEPTIONS);
    private final Instant at = Instant.now();
    private final Map<String, Double> odds = Map.of("fight", 0.5, "flee", 0.25, "wait", 0.25);
    private TelemetryBus told = TelemetryBus.off();
    private ReflexLoop loop = build();
    private long next;

    /** For JMH. */
    public TelemetryJmh() {}

    private ReflexLoop build() {
        return ReflexLoop.builder(Arena.schema(), Arena.instant(true))
                .telemetry(told)
                .build();
    }

    /** Makes the bus of a trial and its loop. */
    @Setup
    public void open() {
        told = kept ? TelemetryBus.builder().build() : TelemetryBus.off();
        loop.close();
        loop = build();
    }

    /** Closes them. */
    @TearDown
    public void close() {
        loop.close();
        told.close();
    }

    /** Publishes one event. */
    @Benchmark
    @BenchmarkMode(Mode.AverageTime)
    public void publish() {
        long tick = next++;
        if (told.isOn()) {
            told.publish(new TelemetryEvent(
                    at,
                    TelemetryEvent.Level.INFO,
                    "bot",
                    "moved",
                    "bot-7",
                    tick,
                    Map.of(
                            "id", "bench-1",
                            "action", "fight",
                            "served", "MODEL",
                            "latencyMicros", tick,
                            "model", "bench",
                            "probabilities", odds,
                            "legalMass", 0.5,
                            "escalated", true,
                            "session", "bench")));
        }
    }

    /**
     * One tick.
     *
     * @return its decision
     */
    @Benchmark
    @BenchmarkMode(Mode.SampleTime)
    public Decision tick() {
        Decision decision = loop.decide(perceptions[(int) (next++ & (PERCEPTIONS - 1))]);
        loop.outcome(Outcome.of(decision, 0));
        return decision;
    }

    static int run(List<String> arguments) {
        Options options = new Options("telemetry", arguments, Set.of());
        try {
            Results results = new Results("telemetry", options.command());
            for (RunResult result : new Runner(LoopJmh.options(TelemetryJmh.class, options)
                            .shouldFailOnError(true)
                            .build())
                    .run()) {
                String name = "true".equals(result.getParams().getParam("kept")) ? "ring" : "off";
                if (result.getParams().getMode() == Mode.AverageTime) {
                    results.figure(name + "Nanos", result.getPrimaryResult().getScore());
                    results.figure(name + "Bytes", LoopJmh.bytes(result));
                } else {
                    results.figure(
                            name + "TickNanos",
                            result.getPrimaryResult().getStatistics().getPercentile(50));
                    results.figure(name + "TickBytes", LoopJmh.bytes(result));
                }
            }
            results.print().write(options.results());
            return 0;
        } catch (RunnerException failure) {
            throw new IllegalStateException("JMH could not run: " + failure.getMessage(), failure);
        }
    }
}
