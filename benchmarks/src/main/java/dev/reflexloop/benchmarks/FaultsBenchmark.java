package dev.reflexloop.benchmarks;

import dev.reflexloop.Served;
import dev.reflexloop.llm.gguf.DecisionStamp;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.OllamaModel;
import dev.reflexloop.llm.server.OpenAiCompatibleModel;
import dev.reflexloop.llm.server.SystemOneModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;
import org.HdrHistogram.Histogram;

/**
 * Models over the wire behind a proxy that spoils three of four answers, in twelve ways: every tick must be on time, nothing may be left
 * behind, and the model must be back soon after its server.
 *
 * <p>Every kind of model plays at the same time as the others, each with two loops and a server of its own: a real llama-server for those
 * that speak to one, canned replies for the others. A control thread in the same JVM only parks, and tells what the machine does to
 * everybody.
 */
final class FaultsBenchmark {
    private static final Duration CONTROL = Duration.ofMillis(5);
    private static final Duration SETTLE = Duration.ofSeconds(10);
    private static final long LOOK_NANOS = 5_000_000;
    private static final long SEED = 20_261_121;
    private static final SyntheticModel.Shape TINY =
            new SyntheticModel.Shape("tiny", 2, 64, 128, 4, 4, 2_048, 10_000f, false);

    private final Options options;
    private final long faults;
    private final Duration budget;
    private final Results results;
    private final List<FaultPlay> plays = new ArrayList<>();

    private FaultsBenchmark(Options options) {
        this.options = options;
        this.faults = options.number("faults", 10_000, 500);
        this.budget = Duration.ofMillis(options.number("budget", 200, 60));
        this.results = new Results("faults", options.command());
    }

    static int run(List<String> arguments) throws InterruptedException {
        FaultsBenchmark benchmark =
                new FaultsBenchmark(new Options("faults", arguments, Set.of("faults", "budget", "model")));
        benchmark.measure();
        benchmark.results.print().write(benchmark.options.results());
        return 0;
    }

    private void measure() throws InterruptedException {
        ServedNano nano = ServedNano.read(options);
        try (TemporaryFolder folder = new TemporaryFolder();
                LlamaServer plain = serve("nano", nano.file());
                LlamaServer decision = serve("decision", decisionModel(folder.path()));
                CannedServer canned = new CannedServer()) {
            long threadsBefore = ownThreads();
            int count = 0;
            for (FaultAdapter adapter : adapters(nano, plain, decision, canned)) {
                plays.add(new FaultPlay(adapter, budget, count++));
            }
            together(play -> {
                play.warmUp();
                return 0;
            });
            ControlThread control = new ControlThread(CONTROL);
            control.start();
            together(play -> {
                play.spoil(faults / plays.size(), SEED);
                return 0;
            });
            Histogram overslept = control.stop();
            Duration outage = Duration.ofMillis(options.isShort() ? 500 : 5_000);
            long[] recovery = together(play -> Math.max(play.recoverNanos(outage), play.wakeNanos(outage)));
            results.count(
                    "keptConnections", sum(FaultPlay::open)); // a model that is closed has none, however many it forgot
            plays.forEach(FaultPlay::closeModel);
            long leakedConnections = settled(() -> sum(FaultPlay::open));
            long leakedThreads = settled(() -> ownThreads() - threadsBefore);
            report(control, overslept, recovery, leakedThreads, leakedConnections);
        } finally {
            plays.forEach(FaultPlay::close);
        }
    }

    private void report(
            ControlThread control, Histogram overslept, long[] recovery, long leakedThreads, long leakedConnections) {
        List<FaultPlay.Late> late =
                plays.stream().flatMap(play -> play.late().stream()).toList();
        results.count("faults", sum(FaultPlay::faults))
                .count("ticks", sum(FaultPlay::ticks))
                .count("lateTicks", late.size())
                .count(
                        "lateTicksControlToo",
                        late.stream()
                                .filter(tick -> control.oversleptWithin(tick.dueNanos(), tick.overNanos()))
                                .count())
                .figure("maxOverBudgetMillis", overBudget(100))
                .figure("controlP999Millis", Machine.millis(overslept, 99.9))
                .figure("controlMaxMillis", Machine.millis(overslept, 100))
                .count("uncountedTicks", sum(FaultPlay::decided) - sum(FaultsBenchmark::counted))
                .count("leakedThreads", leakedThreads)
                .count("leakedConnections", leakedConnections);
        long latest = 0;
        for (int i = 0; i < plays.size(); i++) {
            FaultPlay play = plays.get(i);
            latest = Math.max(latest, recovery[i]);
            results.count(play.name() + ".faults", play.faults())
                    .count(play.name() + ".ticks", play.ticks())
                    .count(play.name() + ".lateTicks", play.late().size())
                    .count(play.name() + ".servedByModel", play.served(Served.MODEL))
                    .count(play.name() + ".servedByFallback", play.served(Served.FALLBACK))
                    .figure(play.name() + ".p999OverBudgetMillis", play.overBudgetMillis(99.9))
                    .count(play.name() + ".callThreads", play.callThreads())
                    .figure(play.name() + ".recoveryMillis", recovery[i] / 1e6);
        }
        results.figure("recoveryMillis", latest / 1e6);
    }

    private double overBudget(double percentile) {
        return plays.stream()
                .mapToDouble(play -> play.overBudgetMillis(percentile))
                .max()
                .orElseThrow();
    }

    private static long counted(FaultPlay play) {
        return play.served(Served.MODEL) + play.served(Served.FALLBACK);
    }

    private long sum(ToLongFunction<FaultPlay> figure) {
        return plays.stream().mapToLong(figure).sum();
    }

    /** What a count is once it is zero, or in the end. */
    private static long settled(LongSupplier count) {
        long until = System.nanoTime() + SETTLE.toNanos();
        while (count.getAsLong() > 0 && System.nanoTime() - until < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return Math.max(0, count.getAsLong());
    }

    /** The library's threads, without those of the servers and proxies, which are part of the measurement. */
    private static long ownThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("reflex-"))
                .count();
    }

    private interface Part {
        long play(FaultPlay play) throws InterruptedException;
    }

    /** Runs a part of all plays at the same time. */
    private long[] together(Part part) throws InterruptedException {
        long[] played = new long[plays.size()];
        List<Throwable> failures = new ArrayList<>();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < plays.size(); i++) {
            int number = i;
            Thread thread = new Thread(
                    () -> {
                        try {
                            played[number] = part.play(plays.get(number));
                        } catch (InterruptedException | RuntimeException failure) {
                            synchronized (failures) {
                                failures.add(failure);
                            }
                        }
                    },
                    "faults-" + plays.get(i).name());
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException("the benchmark failed", failures.get(0));
        }
        return played;
    }

    // ---- adapters and their servers

    private static List<FaultAdapter> adapters(
            ServedNano nano, LlamaServer plain, LlamaServer decision, CannedServer canned) {
        var arena = List.of(Arena.perceptions(1_024));
        return List.of(
                new FaultAdapter(
                        "systemone",
                        address(decision),
                        Arena.schema(),
                        arena,
                        endpoint -> SystemOneModel.builder(endpoint).build()),
                new FaultAdapter(
                        "llama",
                        address(plain),
                        nano.schema(),
                        nano.perceptions(),
                        endpoint -> LlamaServerModel.builder(endpoint)
                                .renderer(nano.layout())
                                .schema(nano.schema())
                                .build()),
                new FaultAdapter(
                        "ollama",
                        canned.address(),
                        Arena.schema(),
                        arena,
                        endpoint -> OllamaModel.builder(endpoint, CannedServer.MODEL)
                                .build()),
                new FaultAdapter(
                        "openai",
                        canned.address(),
                        Arena.schema(),
                        arena,
                        endpoint -> OpenAiCompatibleModel.plain(endpoint, CannedServer.MODEL)
                                .build()));
    }

    private static LlamaServer serve(String name, Path model) {
        return LlamaServer.builder(model)
                .name(name)
                .slots(4)
                .threads(1)
                .withoutApiKey()
                .start();
    }

    private static InetSocketAddress address(LlamaServer server) {
        URI address = URI.create(server.endpoint().toString());
        return new InetSocketAddress(address.getHost(), address.getPort());
    }

    private static Path decisionModel(Path folder) {
        Path plain = folder.resolve("tiny.gguf");
        SyntheticModel.write(plain, TINY, Vocabulary.smol(), TensorType.Q8_0);
        Path stamped = folder.resolve("tiny-decision.gguf");
        try {
            DecisionStamp.builder().build().copy(plain, stamped);
        } catch (IOException failure) {
            throw new UncheckedIOException("the generated model could not be stamped: " + plain, failure);
        }
        return stamped;
    }
}
