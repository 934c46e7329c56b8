package dev.reflexloop.benchmarks;

import dev.reflexloop.Answer;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** One question to a generated model of a million parameters in which some tokens have changed, asked by JMH. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
public class NanoJmh {
    /** Whether to use the Vector API; the JVM of the benchmark has it either way. */
    @Param({"false", "true"})
    public boolean vectors;

    /** How many tokens change from question to question. */
    @Param({"4", "16", "32"})
    public int changed;

    private final boolean[] flags = new boolean[NanoChild.FLAGS];
    private @Nullable Path file;
    private @Nullable NanoModel model;

    /** For JMH. */
    public NanoJmh() {}

    /**
     * Generates and loads the model of a trial.
     *
     * @throws IOException if there is no place for it
     * @throws IllegalStateException if the JVM has no Vector API that fits; the trial is left out then
     */
    @Setup
    public void open() throws IOException {
        Path path = Files.createTempFile("reflex-bench", ".gguf");
        path.toFile().deleteOnExit();
        SyntheticModel.nano(path, SyntheticModel.NANO.get(0), NanoChild.layout());
        NanoModel loaded = NanoModel.builder(path).vectors(vectors).load();
        file = path;
        model = loaded;
        if (loaded.kernel().startsWith("vector") != vectors) {
            throw new IllegalStateException("asked for vectors: " + vectors + ", got kernel " + loaded.kernel());
        }
    }

    /**
     * Closes and deletes it.
     *
     * @throws IOException if it cannot be deleted
     */
    @TearDown
    public void close() throws IOException {
        Objects.requireNonNull(model).close();
        Files.deleteIfExists(Objects.requireNonNull(file));
    }

    /**
     * One question.
     *
     * @return its answer
     * @throws InterruptedException if JMH gave up
     */
    @Benchmark
    public Answer ask() throws InterruptedException {
        NanoChild.change(flags, changed);
        return NanoChild.ask(Objects.requireNonNull(model), flags);
    }

    static int run(List<String> arguments) {
        Options options = new Options("nano-jmh", arguments, Set.of());
        OptionsBuilder jmh = LoopJmh.options(NanoJmh.class, options);
        jmh.shouldFailOnError(false);
        if (options.isShort()) {
            jmh.param("changed", "4");
        }
        try {
            Results results = new Results("nano", options.command());
            for (RunResult result : new Runner(jmh.build()).run()) {
                String name = "true".equals(result.getParams().getParam("vectors")) ? "jmhVector." : "jmhPlain.";
                name += result.getParams().getParam("changed") + ".";
                results.figure(
                        name + "p50Micros",
                        result.getPrimaryResult().getStatistics().getPercentile(50));
                results.figure(
                        name + "p99Micros",
                        result.getPrimaryResult().getStatistics().getPercentile(99));
                results.figure(name + "bytes", LoopJmh.bytes(result));
            }
            results.print().write(options.results());
            return 0;
        } catch (RunnerException failure) {
            throw new IllegalStateException("JMH could not run: " + failure.getMessage(), failure);
        }
    }
}
