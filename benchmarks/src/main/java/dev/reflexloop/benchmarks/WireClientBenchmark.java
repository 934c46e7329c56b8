package dev.reflexloop.benchmarks;

import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.testkit.FaultProxy;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.HdrHistogram.Histogram;

/**
 * What our client adds to an exchange: the wall time of a question to a {@link LlamaServerModel}, from {@code ask} to the answer, minus that
 * of a {@link RawClient} that sends the same bytes to the same llama-server.
 *
 * <p>Both go through the same questions in the same order, one question each in turn, each in a slot of its own, so that the server finds
 * the same prefix and does the same work for both. Whoever is first changes from question to question. A question is made before it is
 * timed: making it is the game's part.
 *
 * <p>The raw client is hardly more than system calls, and ours is Java code that the JVM goes on compiling for its first ten thousand calls. So
 * there are two figures: the one after these, and the early one, of calls 1,001 to 4,000.
 */
final class WireClientBenchmark {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int QUESTIONS = 200;
    private static final int FIRST = 1_000;
    private static final int EARLY = 3_000;
    private static final String OUR_SLOT = "\"id_slot\":0";
    private static final String RAW_SLOT = "\"id_slot\":1";

    private final ServedNano nano;
    private final List<Question> asked;
    private final int first;
    private final int early;
    private final int warmUp;
    private final int rounds;
    private final int questions;

    private WireClientBenchmark(Options options) {
        this.nano = ServedNano.read(options);
        this.asked = nano.perceptions().subList(0, QUESTIONS).stream()
                .map(seen -> Question.about(nano.schema(), seen))
                .toList();
        this.first = options.isShort() ? QUESTIONS : FIRST;
        this.early = options.isShort() ? QUESTIONS : EARLY;
        this.warmUp = Math.toIntExact(options.number("warm-up", 12_000, 200));
        this.rounds = Math.toIntExact(options.number("rounds", 7, 3));
        this.questions = Math.toIntExact(options.number("questions", 1_000, 100));
    }

    static int run(List<String> arguments) throws InterruptedException {
        Options options = new Options("wire-client", arguments, Set.of("model", "warm-up", "rounds", "questions"));
        Results results = new Results("wire", options.command());
        measure(options, results);
        results.print().write(options.results());
        return 0;
    }

    /** Adds the client's figures to those of the topic. */
    static void measure(Options options, Results results) throws InterruptedException {
        new WireClientBenchmark(options).measure(results);
    }

    private void measure(Results results) throws InterruptedException {
        Overhead tcp = overhead(LlamaServer.builder(nano.file()));
        Overhead unix;
        try (TemporaryFolder folder = new TemporaryFolder()) {
            unix = overhead(LlamaServer.builder(nano.file()).unixSocket(folder.resolve("model.sock")));
        }
        results.figure("clientOverheadP50Millis", tcp.p50())
                .figure("clientOverheadP99Millis", tcp.p99())
                .figure("clientEarlyOverheadP50Millis", tcp.early())
                .figure("clientRawP50Millis", tcp.rawP50())
                .figure("clientRawP99Millis", tcp.rawP99())
                .figure("udsOverheadP50Millis", unix.p50())
                .figure("udsOverheadP99Millis", unix.p99())
                .figure("udsEarlyOverheadP50Millis", unix.early())
                .figure("udsRawP50Millis", unix.rawP50())
                .figure("udsRawP99Millis", unix.rawP99());
    }

    /** In milliseconds, the medians over the rounds; the early one is from before them. */
    private record Overhead(double p50, double p99, double rawP50, double rawP99, double early) {}

    private Overhead overhead(LlamaServer.Builder settings) throws InterruptedException {
        try (LlamaServer server =
                settings.name("nano").slots(2).threads(1).withoutApiKey().start()) {
            SocketAddress address = address(server.endpoint());
            List<ByteBuffer> requests = requests(address);
            try (LlamaServerModel model = model(server.endpoint());
                    RawClient raw = new RawClient(address)) {
                model.ready(PATIENCE);
                Histogram ours = new Histogram(3);
                Histogram theirs = new Histogram(3);
                play(model, raw, requests, first, ours, theirs);
                ours.reset();
                theirs.reset();
                play(model, raw, requests, early, ours, theirs);
                double slow = Machine.millis(ours, 50) - Machine.millis(theirs, 50);
                play(model, raw, requests, warmUp, ours, theirs);
                double[][] figures = new double[4][rounds];
                for (int round = 0; round < rounds; round++) {
                    ours.reset();
                    theirs.reset();
                    play(model, raw, requests, questions, ours, theirs);
                    figures[2][round] = Machine.millis(theirs, 50);
                    figures[3][round] = Machine.millis(theirs, 99);
                    figures[0][round] = Machine.millis(ours, 50) - figures[2][round];
                    figures[1][round] = Machine.millis(ours, 99) - figures[3][round];
                }
                return new Overhead(
                        median(figures[0]), median(figures[1]), median(figures[2]), median(figures[3]), slow);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the raw client failed", failure);
        }
    }

    private LlamaServerModel model(Endpoint endpoint) {
        return LlamaServerModel.builder(endpoint)
                .renderer(nano.layout())
                .schema(nano.schema())
                .slots(1)
                .build();
    }

    /** What our client sends for each question, for the other slot. */
    private List<ByteBuffer> requests(SocketAddress server) throws InterruptedException {
        List<ByteBuffer> requests = new ArrayList<>();
        try (FaultProxy proxy = FaultProxy.to(server);
                LlamaServerModel model = model(Endpoint.of(proxy.address()))) {
            model.ready(PATIENCE);
            for (int i = 0; i < QUESTIONS; i++) {
                ask(model, i);
                String request = proxy.lastRequest().orElseThrow();
                if (!request.contains(OUR_SLOT)) {
                    throw new IllegalStateException("a request names no slot as expected: " + request);
                }
                byte[] other = request.replace(OUR_SLOT, RAW_SLOT).getBytes(StandardCharsets.ISO_8859_1);
                requests.add(ByteBuffer.allocateDirect(other.length).put(other).flip());
            }
        }
        return requests;
    }

    private void play(
            LlamaServerModel model,
            RawClient raw,
            List<ByteBuffer> requests,
            int count,
            Histogram ours,
            Histogram theirs)
            throws InterruptedException, IOException {
        for (int i = 0; i < count; i++) {
            int question = i % QUESTIONS;
            for (int turn = 0; turn < 2; turn++) {
                boolean our = (i + turn) % 2 == 0;
                long began = System.nanoTime();
                if (our) {
                    ask(model, question);
                } else {
                    raw.exchange(requests.get(question));
                }
                (our ? ours : theirs).recordValue(System.nanoTime() - began);
            }
        }
    }

    private void ask(LlamaServerModel model, int number) throws InterruptedException {
        try {
            model.ask(asked.get(number), Deadline.in(PATIENCE, ReflexClock.system()))
                    .get();
        } catch (ExecutionException failure) {
            throw new IllegalStateException("the server failed", failure.getCause());
        }
    }

    private static SocketAddress address(Endpoint endpoint) {
        String text = endpoint.toString();
        if (text.startsWith("unix:")) {
            return UnixDomainSocketAddress.of(text.substring("unix:".length()));
        }
        URI address = URI.create(text);
        return new InetSocketAddress(address.getHost(), address.getPort());
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
