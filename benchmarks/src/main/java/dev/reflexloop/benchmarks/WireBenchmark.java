package dev.reflexloop.benchmarks;

import dev.reflexloop.Question;
import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.gguf.DecisionStamp;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.SystemOneModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;

/**
 * What a decision of a model behind a llama-server costs, ours beside others on the same server and the same model: generated models with
 * random weights and real vocabularies, and a perception of which three facts out of twelve change from tick to tick.
 */
final class WireBenchmark {
    private static final int PEER_SLOTS = 5;
    private static final int[] LOOPS = {1, 2, 4, 8};
    private static final Duration START = Duration.ofMinutes(3);
    private static final double NANOS = 1e9;

    private final Options options;
    private final Results results;
    private final int warmUp;
    private final int ticks;

    private WireBenchmark(Options options) {
        this.options = options;
        this.results = new Results("wire", options.command());
        this.warmUp = Math.toIntExact(options.number("warm-up", 48, 20));
        this.ticks = Math.toIntExact(options.number("ticks", 150, 8));
    }

    static int run(List<String> arguments) throws InterruptedException {
        Options options = new Options("wire", arguments, Set.of("ticks", "warm-up", "seconds", "only"));
        String only = options.text("only", "");
        if (!List.of("", "client", "peers", "oneb", "loops").contains(only)) {
            throw new IllegalArgumentException("--only=" + only + " is none of client, peers, oneb, loops");
        }
        WireBenchmark benchmark = new WireBenchmark(options);
        if (only.isEmpty() || only.equals("client")) {
            List<String> length = options.isShort() ? List.of("--short") : List.of();
            WireClientBenchmark.measure(new Options("wire", length, Set.of()), benchmark.results);
        }
        if (only.isEmpty() || only.equals("peers")) {
            benchmark.peers();
        }
        if (only.isEmpty() || only.equals("loops")) {
            benchmark.loops();
        }
        if (only.isEmpty() || only.equals("oneb")) {
            benchmark.oneB();
        }
        benchmark.results.print().write(options.results());
        return 0;
    }

    private static LlamaServer server(Path model, int slots, int threads) {
        return LlamaServer.builder(model)
                .slots(slots)
                .threads(threads)
                .withoutApiKey()
                .arguments("--metrics")
                .startWithin(START)
                .start();
    }

    private static PlainRenderer renderer(FactOrder order) {
        return PlainRenderer.builder().order(order).build();
    }

    // ---- ours beside others, on one server

    private void peers() {
        try (LlamaServer server = server(stamped(SyntheticModel.smol135M(TensorType.Q8_0)), PEER_SLOTS, 1);
                LlamaServerModel scored = LlamaServerModel.builder(server.endpoint())
                        .slots(1)
                        .schema(WireGame.schema())
                        .build();
                SystemOneModel decided =
                        SystemOneModel.builder(server.endpoint()).build()) {
            scored.ready(START);
            LlamaApi api = new LlamaApi(server.endpoint().toString());
            Measured ours = new Measured("llamaServer", new Contender.Scored(scored));
            Measured service = new Measured("aiServices", new Contender.AiService(api, 2));
            Measured plain = new Measured("plainPrompt", new Contender.PlainPrompt(api, 3));
            interleaved(List.of(
                    ours,
                    new Measured("rawCompletion", new Contender.RawCompletion(api, 1, renderer(FactOrder.learned()))),
                    service,
                    plain,
                    // last: it cannot ask for a slot, and gets the one that nobody has used yet
                    new Measured("systemOne", new Contender.SystemOne(decided, api))));
            results.figure("evaluatedTokens", ours.evaluated())
                    .figure("timesFasterThanAiServices", service.p50Millis() / ours.p50Millis())
                    .figure("timesFasterThanPlainPrompt", plain.p50Millis() / ours.p50Millis());
        }
    }

    /** A copy of a model that speaks System One too; made beside it unless it is there. */
    static Path stamped(Path model) {
        Path copy = model.resolveSibling(model.getFileName().toString().replace(".gguf", "-decision.gguf"));
        try {
            if (!Files.exists(copy)) {
                DecisionStamp.builder().build().copy(model, copy);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the stamped copy could not be written to " + copy, failure);
        }
        return copy;
    }

    /** A contender, and what its decisions cost. */
    private static final class Measured {
        private final String name;
        private final Contender contender;
        private final Histogram nanos = new Histogram(3);
        private long evaluated;
        private long written;

        Measured(String name, Contender contender) {
            this.name = name;
            this.contender = contender;
        }

        void decide(Question question, boolean counts) {
            contender.prepare();
            long start = System.nanoTime();
            Supplier<Contender.Cost> asked = contender.decide(question);
            long took = System.nanoTime() - start;
            if (counts) {
                Contender.Cost cost = asked.get();
                nanos.recordValue(took);
                evaluated += cost.evaluated();
                written += cost.written();
            }
        }

        double p50Millis() {
            return Machine.millis(nanos, 50);
        }

        /** The mean of the tokens that a decision had to evaluate. */
        double evaluated() {
            return (double) evaluated / nanos.getTotalCount();
        }

        void report(Results results) {
            results.figure(name + "P50Millis", p50Millis())
                    .figure(name + "P99Millis", Machine.millis(nanos, 99))
                    .figure(name + "EvaluatedTokens", evaluated());
            if (written > 0) {
                results.figure(name + "WrittenTokens", (double) written / nanos.getTotalCount());
            }
        }
    }

    /** Every contender decides about the same ticks, one after the other; another one begins each tick. */
    private void interleaved(List<Measured> contenders) {
        WireGame game = new WireGame("nerevar");
        for (int tick = 0; tick < warmUp + ticks; tick++) {
            Question question = game.question(tick);
            for (int i = 0; i < contenders.size(); i++) {
                contenders
                        .get((i + Math.max(0, tick - warmUp)) % contenders.size())
                        .decide(question, tick >= warmUp);
            }
        }
        contenders.forEach(each -> each.report(results));
    }

    // ---- a model of a billion parameters on two threads

    private void oneB() {
        try (LlamaServer server = server(SyntheticModel.llama1B(), 2, 2);
                LlamaServerModel learned = LlamaServerModel.builder(server.endpoint())
                        .id("learned")
                        .slots(1)
                        .schema(WireGame.schema())
                        .build()) {
            learned.ready(START);
            LlamaApi api = new LlamaApi(server.endpoint().toString());
            interleaved(List.of(
                    new Measured("oneB", new Contender.Scored(learned)),
                    new Measured("oneBNaiveOrder", new Contender.RawCompletion(api, 1, renderer(FactOrder.given())))));
        }
    }

    // ---- many loops on one server

    private void loops() throws InterruptedException {
        Duration each = Duration.ofSeconds(options.number("seconds", 15, 1));
        for (int loops : LOOPS) {
            try (LlamaServer server = server(SyntheticModel.smol135M(TensorType.Q8_0), loops, 1);
                    LlamaServerModel model = LlamaServerModel.builder(server.endpoint())
                            .schema(WireGame.schema())
                            .build()) {
                model.ready(START);
                Histogram nanos = new ConcurrentHistogram(3);
                long took = together(new Contender.Scored(model), loops, each, nanos);
                results.figure("loops" + loops + "DecisionsPerSecond", nanos.getTotalCount() / (took / NANOS))
                        .figure("loops" + loops + "P50Millis", Machine.millis(nanos, 50))
                        .figure("loops" + loops + "P99Millis", Machine.millis(nanos, 99));
            }
        }
    }

    /**
     * Records the latencies of decisions that began within a while, asked for back to back by one thread for each loop; returns how long it was
     * until the last of them was there, in nanoseconds.
     */
    private long together(Contender model, int loops, Duration duration, Histogram nanos) throws InterruptedException {
        AtomicReference<RuntimeException> failure = new AtomicReference<>();
        AtomicLong start = new AtomicLong();
        CyclicBarrier warm = new CyclicBarrier(loops, () -> start.set(System.nanoTime()));
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < loops; i++) {
            WireGame game = new WireGame("bot" + i);
            threads.add(new Thread(() -> {
                try {
                    loop(model, game, warm, duration, nanos);
                } catch (RuntimeException ended) {
                    failure.compareAndSet(null, ended);
                    warm.reset();
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("one of " + loops + " loops failed", failure.get());
        }
        return System.nanoTime() - start.get();
    }

    private void loop(Contender model, WireGame game, CyclicBarrier warm, Duration duration, Histogram nanos) {
        int tick = 0;
        while (tick < warmUp) {
            model.decide(game.question(tick++));
        }
        try {
            warm.await();
        } catch (InterruptedException | BrokenBarrierException broken) {
            throw new IllegalStateException("another loop failed", broken);
        }
        long end = System.nanoTime() + duration.toNanos();
        for (long start = System.nanoTime(); start < end; start = System.nanoTime()) {
            model.decide(game.question(tick++));
            nanos.recordValue(System.nanoTime() - start);
        }
    }
}
