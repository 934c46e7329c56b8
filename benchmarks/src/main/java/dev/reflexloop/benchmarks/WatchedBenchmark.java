package dev.reflexloop.benchmarks;

import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.console.web.ConsoleServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.HdrHistogram.Histogram;

/**
 * What it costs a loop to be watched: four readers of the console's WebSocket in a process of their own, one of which never reads, and every
 * event in a file.
 *
 * <p>Two loops tick in turn at the same pace, one that tells nobody and one that tells a bus, two events a tick. {@code loopP99ShiftPercent} is
 * by how much the p99 of a tick with its outcome is higher when watched, the median over all rounds. {@code lostEventsInFile} are events that are
 * not in the file, {@code stalledReaderLost} those that the stalled reader was told it lost, {@code unaccountedEvents} such as a reader
 * neither got nor was told of, {@code heapGrowthMegabytes} what the heap held more after the last round than after the first.
 */
final class WatchedBenchmark {
    private static final int READERS = 4;
    private static final int EVENTS_A_TICK = 2;
    private static final int MOST_PERCEPTIONS = 1_024;

    private final Perception[] perceptions = Arena.perceptions(MOST_PERCEPTIONS);
    private final long periodNanos;
    private final int ticks;

    private WatchedBenchmark(long eventsPerSecond, long seconds) {
        this.periodNanos = 1_000_000_000L * EVENTS_A_TICK / eventsPerSecond;
        this.ticks = Math.toIntExact(seconds * eventsPerSecond / EVENTS_A_TICK);
    }

    static int run(List<String> arguments) {
        Options options = new Options("watched", arguments, Set.of("rate", "seconds", "rounds"));
        long rate = options.number("rate", 10_000, 10_000);
        int rounds = Math.toIntExact(options.number("rounds", 10, 2));
        WatchedBenchmark benchmark = new WatchedBenchmark(rate, options.number("seconds", 6, 1));
        Results results = new Results("telemetry", options.command());
        benchmark.measure(rounds, results);
        results.count("eventsPerSecond", rate).print().write(options.results());
        return 0;
    }

    private void measure(int rounds, Results results) {
        try (TemporaryFolder folder = new TemporaryFolder()) {
            TelemetryBus bus = TelemetryBus.builder()
                    .file(folder.resolve("telemetry.jsonl"))
                    .build();
            try (bus) {
                watch(bus, rounds, results);
            }
            results.count("publishedEvents", bus.published())
                    .count("lostEventsInFile", bus.published() - lines(folder.path()));
        }
    }

    private void watch(TelemetryBus bus, int rounds, Results results) {
        List<Double> shifts = new ArrayList<>();
        Histogram off = new Histogram(3);
        Histogram watched = new Histogram(3);
        List<Long> heaps = new ArrayList<>();
        try (ConsoleServer server = ConsoleServer.builder(bus).port(0).start();
                WatchingChild child = WatchingChild.start(server.uri(), READERS);
                ReflexLoop untold =
                        ReflexLoop.builder(Arena.schema(), Arena.instant(true)).build();
                ReflexLoop told = ReflexLoop.builder(Arena.schema(), Arena.instant(true))
                        .telemetry(bus)
                        .build()) {
            drive(untold);
            drive(told);
            for (int round = 0; round < rounds; round++) {
                Histogram without = drive(untold);
                Histogram with = drive(told);
                shifts.add(100.0 * with.getValueAtPercentile(99) / without.getValueAtPercentile(99) - 100);
                off.add(without);
                watched.add(with);
                heaps.add(heap());
            }
            results.figure("loopP99ShiftPercent", median(shifts))
                    .figure("offP50Micros", micros(off, 50))
                    .figure("offP99Micros", micros(off, 99))
                    .figure("watchedP50Micros", micros(watched, 50))
                    .figure("watchedP99Micros", micros(watched, 99))
                    .figure("heapGrowthMegabytes", (heaps.get(rounds - 1) - heaps.get(0)) / 1e6);
            child.stop(bus.published()).forEach(results::figure);
        }
    }

    private static double micros(Histogram nanos, double percentile) {
        return nanos.getValueAtPercentile(percentile) / 1e3;
    }

    private Histogram drive(ReflexLoop loop) {
        Histogram nanos = new Histogram(3);
        long start = System.nanoTime() + periodNanos;
        for (int i = 0; i < ticks; i++) {
            long due = start + i * periodNanos;
            long left;
            while ((left = due - System.nanoTime()) > 0) {
                LockSupport.parkNanos(left);
            }
            long began = System.nanoTime();
            Decision decision = loop.decide(perceptions[i & (MOST_PERCEPTIONS - 1)]);
            loop.outcome(Outcome.of(decision, 0));
            nanos.recordValue(System.nanoTime() - began);
        }
        return nanos;
    }

    private static long heap() {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }

    /** How many events stand in the files of a folder. */
    private static long lines(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            long lines = 0;
            for (Path file : files.toList()) {
                try (Stream<String> each = Files.lines(file)) {
                    lines += each.filter(line -> line.startsWith("{\"at\":")).count();
                }
            }
            return lines;
        } catch (IOException failure) {
            throw new UncheckedIOException("the telemetry files in " + folder + " could not be counted", failure);
        }
    }
}
