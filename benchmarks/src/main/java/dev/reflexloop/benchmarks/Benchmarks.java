package dev.reflexloop.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The one main: the first argument names the benchmark, the others are its options. See {@code benchmarks/README.md}.
 *
 * <p>The exit status is 0 when it ran, 1 when a tick was too slow (see {@link TickDriver}), 2 when the arguments are wrong.
 */
public final class Benchmarks {
    /** A benchmark, given its options. */
    private interface Entry {
        int run(List<String> options) throws InterruptedException;
    }

    private static final Map<String, Entry> ALL = new LinkedHashMap<>();

    static {
        ALL.put("loop", LoopBenchmark::run);
        ALL.put("jmh", LoopJmh::run);
        ALL.put("tick", TickDriver::run);
        ALL.put("hung", HungBenchmark::run);
        ALL.put("loops", LoopsBenchmark::run);
        ALL.put("telemetry", TelemetryJmh::run);
        ALL.put("watched", WatchedBenchmark::run);
        ALL.put("watching", WatchingChild::run);
        ALL.put("nano", NanoBenchmark::run);
        ALL.put("nano-jmh", NanoJmh::run);
        ALL.put("faults", FaultsBenchmark::run);
        ALL.put("wire-client", WireClientBenchmark::run);
        ALL.put("nano-games", NanoChild::games);
        ALL.put("nano-tokens", NanoChild::tokens);
        ALL.put("wire", WireBenchmark::run);
    }

    private Benchmarks() {}

    /**
     * Runs a benchmark and ends the JVM.
     *
     * @param arguments the benchmark's name and options
     * @throws InterruptedException if the main thread was interrupted, which ends a measurement
     */
    public static void main(String[] arguments) throws InterruptedException {
        System.exit(run(Arrays.asList(arguments)));
    }

    /**
     * Runs a benchmark.
     *
     * @param arguments the benchmark's name and options
     * @return the exit status
     * @throws InterruptedException if the calling thread was interrupted, which ends a measurement
     */
    static int run(List<String> arguments) throws InterruptedException {
        Entry benchmark = arguments.isEmpty() ? null : ALL.get(arguments.get(0));
        if (benchmark == null) {
            System.err.println("Name one of " + ALL.keySet() + " and its options; benchmarks/README.md describes them");
            return 2;
        }
        try {
            return benchmark.run(arguments.subList(1, arguments.size()));
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            return 2;
        }
    }
}
