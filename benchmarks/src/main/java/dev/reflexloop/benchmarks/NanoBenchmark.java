package dev.reflexloop.benchmarks;

import dev.reflexloop.Decision;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.llm.PromptLayout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the nano engine costs: whole decisions on the perceptions of recorded games with the committed model, on one thread with a warm prefix;
 * and what a changed token costs in models of random weights of growing size. Each is measured in a JVM of its own, with plain loops and
 * with the Vector API.
 */
final class NanoBenchmark {
    private static final String MODEL =
            "examples/robocode/src/main/resources/dev/reflexloop/examples/robocode/nano.gguf";
    private static final String LOG = "benchmarks/data/games.jsonl";
    private static final String RANDOM = "random";
    private static final int RECORDED = 400;
    private static final double MEGABYTE = 1 << 20;
    private static final double PICOS_PER_MILLI = 1e9;
    private static final List<String> PLAIN = List.of("-Xmx2g");
    private static final List<String> VECTOR = List.of("-Xmx2g", "--add-modules", "jdk.incubator.vector");
    /** A heap that fits the model, as a bot with little memory has it. */
    private static final String SMALL = "-XX:+UseSerialGC";

    private final Options options;
    private final Results results;
    private final Path folder;

    private NanoBenchmark(Options options, Results results, Path folder) {
        this.options = options;
        this.results = results;
        this.folder = folder;
    }

    static int run(List<String> arguments) throws InterruptedException {
        Options options = new Options("nano", arguments, Set.of("model", "log", "decisions", "largest"));
        boolean random = options.text("model", "").equals(RANDOM);
        Results results = new Results(random ? "nano-random" : "nano", options.command());
        try (TemporaryFolder folder = new TemporaryFolder()) {
            NanoBenchmark benchmark = new NanoBenchmark(options, results, folder.path());
            benchmark.games(random);
            benchmark.sizes();
        }
        results.print().write(options.results());
        return 0;
    }

    private void games(boolean random) throws InterruptedException {
        Path model = random ? randomModel() : existing("model", MODEL);
        Path log = random ? arenaLog() : existing("log", LOG);
        List<String> common = List.of("nano-games", "--model=" + model, "--log=" + log);
        Map<String, Double> plain = child(PLAIN, common);
        Map<String, Double> vector = child(VECTOR, common);
        for (String name : List.of("parameters", "evaluatedTokens", "decisions", "modelServedShare")) {
            results.figure(name, plain.getOrDefault(name, 0.0));
        }
        for (String name : List.of("p50Millis", "p99Millis", "maxMillis", "pacedP50Millis", "pacedP99Millis")) {
            results.figure(name, plain.getOrDefault(name, 0.0));
            if (vector.containsKey(name)) {
                String figure = "vector" + Character.toUpperCase(name.charAt(0)) + name.substring(1);
                results.figure(figure, vector.getOrDefault(name, 0.0));
            }
        }
        memory(model, log, common);
    }

    /** What playing with the model adds to the resident memory of a JVM that plays the same without one, as a multiple of its file. */
    private void memory(Path model, Path log, List<String> common) throws InterruptedException {
        double file = size(model);
        List<String> jvm = List.of(SMALL, "-Xmx" + (long) (3 * file / MEGABYTE + 32) + "m");
        Map<String, Double> with = child(jvm, common);
        Map<String, Double> without = child(jvm, List.of("nano-games", "--model=none", "--log=" + log));
        if (with.containsKey("residentBytes")) {
            double resident = with.getOrDefault("residentBytes", 0.0);
            results.figure("fileMegabytes", file / MEGABYTE);
            results.figure("residentMegabytes", resident / MEGABYTE);
            results.figure("peakResidentMegabytes", with.getOrDefault("peakResidentBytes", 0.0) / MEGABYTE);
            double other = without.getOrDefault("residentBytes", 0.0);
            results.figure("residentWithoutModelMegabytes", other / MEGABYTE);
            results.figure("residentToFile", Math.max(0, resident - other) / file);
        }
    }

    private void sizes() throws InterruptedException {
        PromptLayout layout = NanoChild.layout();
        String largest = options.text("largest", options.isShort() ? "5M" : "135M");
        for (SyntheticModel.Shape shape : SyntheticModel.NANO) {
            Path model = folder.resolve(shape.name() + ".gguf");
            SyntheticModel.nano(model, shape, layout);
            sizes("plain", shape, child(PLAIN, List.of("nano-tokens", "--model=" + model)));
            sizes("vector", shape, child(VECTOR, List.of("nano-tokens", "--model=" + model)));
            try {
                Files.delete(model);
            } catch (IOException failure) {
                throw new UncheckedIOException("the generated model could not be deleted: " + model, failure);
            }
            if (shape.name().equals(largest)) {
                return;
            }
        }
    }

    private void sizes(String kernel, SyntheticModel.Shape shape, Map<String, Double> measured) {
        double parameters = measured.getOrDefault("parameters", 0.0);
        measured.forEach((name, millis) -> {
            if (name.startsWith("millis.")) {
                String tokens = name.substring("millis.".length());
                String figure = kernel + "." + shape.name() + "." + tokens + ".";
                results.figure(figure + "millis", millis);
                results.figure(
                        figure + "picosPerParameterToken",
                        millis * PICOS_PER_MILLI / parameters / Double.parseDouble(tokens));
            }
        });
    }

    private Path existing(String option, String otherwise) {
        Path file = options.has(option)
                ? Path.of(options.text(option, ""))
                : Options.root().resolve(otherwise);
        if (!Files.exists(file)) {
            throw new IllegalArgumentException(
                    "there is no " + file + "; give --" + option + "=FILE, or --model=random for a generated one");
        }
        return file.toAbsolutePath();
    }

    private static double size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("the size of " + file + " could not be read", failure);
        }
    }

    // ---- a model and a game where none is recorded

    private Path randomModel() {
        PromptLayout layout = PromptLayout.builder(Arena.schema())
                .text("weather", "clear", "rain")
                .text("weapon", "sword", "bow")
                .flag("indoors")
                .flag("doorAhead")
                .flag("inCombat")
                .number("npcsNear", 1, 2, 4)
                .number("health", 20, 40, 60, 80)
                .number("stamina", 20, 40, 60, 80)
                .number("enemyHealth", 20, 40, 60, 80)
                .number("enemyDistance", 50, 100, 200, 400)
                .number("bearing", 90, 180, 270)
                .build();
        Path file = folder.resolve("random.gguf");
        SyntheticModel.nano(file, SyntheticModel.NANO.get(0), layout);
        return file;
    }

    private Path arenaLog() {
        Path file = folder.resolve("games.jsonl");
        try (TrajectoryLogger logger = TrajectoryLogger.file(file);
                ReflexLoop loop = ReflexLoop.builder(Arena.schema(), Arena.instant(true))
                        .logger(logger)
                        .build()) {
            for (var perception : Arena.perceptions(RECORDED)) {
                Decision decision = loop.decide(perception);
                loop.applied(decision, perception.tick());
            }
        }
        return file;
    }

    // ---- children

    /** Runs a JVM of its own and returns the figures that it printed. */
    private Map<String, Double> child(List<String> jvm, List<String> benchmark) throws InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(jvm);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Benchmarks.class.getName()));
        command.addAll(benchmark);
        if (options.isShort()) {
            command.add("--short");
        }
        if (options.has("decisions") && benchmark.contains("nano-games")) {
            command.add("--decisions=" + options.text("decisions", ""));
        }
        Map<String, Double> figures = new LinkedHashMap<>();
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (BufferedReader lines = process.inputReader()) {
                String line;
                boolean asked = true;
                while ((line = lines.readLine()) != null) {
                    String[] words = line.split(" ", -1);
                    if (words.length == 3 && words[0].equals("figure")) {
                        figures.put(words[1], Double.parseDouble(words[2]));
                    } else if (words[0].equals("kernel")) {
                        asked = isAsked(jvm, words[words.length - 1]);
                    }
                }
                if (!asked) {
                    figures.clear();
                }
                if (process.waitFor() != 0) {
                    throw new IllegalStateException("the child failed: " + String.join(" ", command));
                }
            } finally {
                process.destroy();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException("the child could not be run: " + String.join(" ", command), failure);
        }
        return figures;
    }

    /** A figure named after an arithmetic that was not used would be a lie: it is left out. */
    private static boolean isAsked(List<String> jvm, String kernel) {
        boolean wanted = jvm.equals(VECTOR);
        boolean asked = kernel.equals("none") || kernel.startsWith("vector") == wanted;
        if (!asked) {
            System.err.println("the child computed with '" + kernel + "'; there will be no figures of "
                    + (wanted ? "the Vector API" : "plain loops"));
        }
        return asked;
    }
}
