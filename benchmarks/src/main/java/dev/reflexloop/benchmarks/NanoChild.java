package dev.reflexloop.benchmarks;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;

/**
 * What {@link NanoBenchmark} measures in JVMs of their own, one with the Vector API and one without. Prints a line {@code figure NAME VALUE}
 * for each figure.
 */
final class NanoChild {
    static final int FLAGS = 40;
    private static final Duration BUDGET = Duration.ofSeconds(2);
    private static final Duration FAR = Duration.ofMinutes(5);
    private static final long PACE_NANOS = 33_000_000;

    private NanoChild() {}

    // ---- games: decisions on recorded perceptions

    static int games(List<String> arguments) {
        Options options = new Options("nano-games", arguments, Set.of("model", "log", "decisions", "paced"));
        Recording recording = Recording.read(Path.of(options.text("log", "")));
        int count = Math.toIntExact(options.number("decisions", 6_000, 300));
        int paced = Math.toIntExact(options.number("paced", 500, 20));
        String path = options.text("model", "");
        if (path.equals("none")) {
            print(
                    "evaluatedTokens",
                    play(recording, Arena.model("none", true, certain(recording)), count, paced, "none"));
        } else {
            try (NanoModel model =
                    NanoModel.builder(Path.of(path)).schema(recording).load()) {
                print("parameters", (double) model.parameters());
                print("evaluatedTokens", play(recording, model, count, paced, model.kernel()));
            }
        }
        residentBytes("VmRSS").ifPresent(bytes -> print("residentBytes", (double) bytes));
        residentBytes("VmHWM").ifPresent(bytes -> print("peakResidentBytes", (double) bytes));
        return 0;
    }

    private static ReflexModel certain(ActionSchema schema) {
        Answer answer = Answer.certain("none", schema.idle().name());
        return (question, deadline) -> CompletableFuture.completedFuture(answer);
    }

    private static double play(Recording recording, ReflexModel model, int count, int paced, String kernel) {
        try (ReflexLoop loop =
                ReflexLoop.builder(recording, model).budget(BUDGET).build()) {
            Histogram nanos = new Histogram(3);
            time(recording, loop, count / 2, 0, nanos);
            nanos.reset();
            double tokens = time(recording, loop, count, 0, nanos);
            Histogram pacedNanos = new Histogram(3);
            time(recording, loop, paced, PACE_NANOS, pacedNanos);
            System.out.println("kernel " + kernel);
            print("p50Millis", Machine.millis(nanos, 50));
            print("p99Millis", Machine.millis(nanos, 99));
            print("maxMillis", Machine.millis(nanos, 100));
            print("pacedP50Millis", Machine.millis(pacedNanos, 50));
            print("pacedP99Millis", Machine.millis(pacedNanos, 99));
            print("decisions", count);
            print(
                    "modelServedShare",
                    (double) loop.stats().served(Served.MODEL) / loop.stats().decisions());
            return tokens;
        }
    }

    /** Decides on the recorded perceptions, over and over in their order; returns how many tokens were evaluated on average. */
    private static double time(Recording recording, ReflexLoop loop, int count, long paceNanos, Histogram nanos) {
        List<Perception> perceptions = recording.perceptions();
        long tokens = 0;
        for (int i = 0; i < count; i++) {
            if (paceNanos > 0) {
                LockSupport.parkNanos(paceNanos);
            }
            long began = System.nanoTime();
            Decision decision = loop.decide(perceptions.get(i % perceptions.size()));
            nanos.recordValue(System.nanoTime() - began);
            tokens += decision.answer()
                    .map(answer -> answer.timings().evaluatedTokens())
                    .orElse(0);
            loop.outcome(Outcome.of(decision, 0));
        }
        return (double) tokens / Math.max(1, count);
    }

    private static OptionalLong residentBytes(String field) {
        try (var lines = Files.lines(Path.of("/proc/self/status"))) {
            return lines.filter(line -> line.startsWith(field + ":"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1_024)
                    .findFirst();
        } catch (IOException notLinux) {
            return OptionalLong.empty();
        }
    }

    // ---- tokens: what a changed token costs

    /** Flags only, so that the number of changed tokens can be chosen exactly. */
    static PromptLayout layout() {
        PromptLayout.Builder builder = PromptLayout.builder(Arena.schema());
        for (int i = 0; i < FLAGS; i++) {
            builder.flag("flag" + i);
        }
        return builder.build();
    }

    static int tokens(List<String> arguments) throws InterruptedException {
        Options options = new Options("nano-tokens", arguments, Set.of("model"));
        long atLeastNanos = options.isShort() ? 20_000_000 : 1_000_000_000;
        try (NanoModel model = NanoModel.load(Path.of(options.text("model", "")))) {
            print("parameters", (double) model.parameters());
            System.out.println("kernel " + model.kernel());
            Map<Integer, Double> millis = new TreeMap<>();
            for (int changed : List.of(32, 4, 8, 16, 32)) {
                millis.put(changed, millis(model, changed, atLeastNanos)); // the first 32 warm up
            }
            millis.forEach((changed, each) -> print("millis." + changed, each));
        }
        return 0;
    }

    private static double millis(NanoModel model, int changed, long atLeastNanos) throws InterruptedException {
        boolean[] flags = new boolean[FLAGS];
        Histogram nanos = new Histogram(3);
        ask(model, flags);
        long start = System.nanoTime();
        for (int i = 0; i < 5 || System.nanoTime() - start < atLeastNanos; i++) {
            change(flags, changed);
            long began = System.nanoTime();
            Answer answer = ask(model, flags);
            nanos.recordValue(System.nanoTime() - began);
            int evaluated = answer.timings().evaluatedTokens();
            if (evaluated != changed) {
                throw new IllegalStateException(evaluated + " tokens were evaluated where " + changed + " had changed");
            }
        }
        return Machine.millis(nanos, 50);
    }

    /** Changes one flag: its token, those behind it and the closing one are evaluated anew. */
    static void change(boolean[] flags, int tokens) {
        flags[FLAGS - (tokens - 1)] ^= true;
    }

    static Answer ask(NanoModel model, boolean[] flags) throws InterruptedException {
        Perception.Builder perception = Perception.builder("bot", 0);
        for (int i = 0; i < FLAGS; i++) {
            perception.fact("flag" + i, flags[i]);
        }
        Question question = Question.about(Arena.schema(), perception.build());
        try {
            return model.ask(question, Deadline.in(FAR, ReflexClock.system())).get();
        } catch (ExecutionException failure) {
            throw new IllegalStateException("the model failed", failure);
        }
    }

    private static void print(String name, double value) {
        System.out.println("figure " + name + " " + value);
    }
}
