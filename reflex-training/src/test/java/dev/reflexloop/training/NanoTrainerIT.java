package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.nano.NanoModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole way, with real child processes that are also killed. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class NanoTrainerIT {

    private static final NanoShape SMALL = new NanoShape(1, 64, 4, 4, 64, 128, false);

    @TempDir
    static Path shared;

    private static Path log;

    @TempDir
    Path folder;

    @BeforeAll
    static void play() {
        Natives.require();
        log = RulePlay.write(shared.resolve("play.jsonl"), 12, 300, 1, false);
    }

    @Test
    void train_rulePlay_writesAModelThatAgreesWithTheRule() throws IOException {
        List<TrainingProgress> seen = new ArrayList<>();
        Path model = folder.resolve("models/reflex.gguf");

        TrainingReport report = trainer(model)
                .epochs(20)
                .enoughAccuracy(0.93)
                .checkpointEvery(Duration.ofSeconds(5))
                .progress(progress -> {
                    seen.add(progress);
                    throw new IllegalStateException("a listener's fault does not end the training");
                })
                .build()
                .train();

        assertThat(report.accuracy()).isGreaterThan(0.88);
        assertThat(report.legalMass()).isGreaterThan(0.8);
        assertThat(report.heldOut()).isBetween(300, 700);
        assertThat(report.bytes()).isEqualTo(Files.size(model));
        assertThat(report.confusion()).hasSize(8);
        assertThat(seen).anyMatch(progress -> progress.heldOutAccuracy().isPresent());
        assertThat(folder.resolve("models/reflex.training.json")).content().contains("\"accuracy\"", "\"seed\":1");
        try (Stream<Path> files = Files.list(model.getParent())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("reflex.gguf", "reflex.training.json");
        }
        assertThat(agreementOfTheFile(model)).isGreaterThan(0.85);
    }

    @Test
    void train_childKilled_namesItsEndAndResumesToTheSameModel() throws IOException {
        Path whole = folder.resolve("whole.gguf");
        trainer(whole).epochs(1).build().train();
        Path model = folder.resolve("model.gguf");
        Consumer<TrainingProgress> killer = progress -> {
            if (progress.step() > 20) {
                ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
            }
        };

        assertThatThrownBy(
                        () -> trainer(model).epochs(1).progress(killer).build().train())
                .isInstanceOfSatisfying(
                        TrainingException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(TrainingException.Reason.CHILD_DIED))
                .hasMessageContaining("137")
                .hasMessageContaining("from the last checkpoint");
        assertThat(model).doesNotExist();

        List<String> messages = new ArrayList<>();
        trainer(model)
                .epochs(1)
                .progress(progress -> messages.add(progress.message()))
                .build()
                .train();

        assertThat(messages).anyMatch(message -> message.startsWith("resuming from the checkpoint after step"));
        assertThat(new PlainLlama(model).weights("output.weight"))
                .containsExactly(new PlainLlama(whole).weights("output.weight"));
    }

    @Test
    void main_parentKilled_takesTheChildWithItAndResumes() throws Exception {
        Path model = folder.resolve("model.gguf");
        Process parent = command(model);
        ProcessHandle child;
        try (BufferedReader out = parent.inputReader(StandardCharsets.UTF_8)) {
            String line = out.readLine();
            while (line != null && !line.contains("step ")) {
                line = out.readLine();
            }
            assertThat(line).as("output until the first step").isNotNull();
            child = parent.descendants().findFirst().orElseThrow();
            parent.destroyForcibly().waitFor();
        }

        child.onExit().get(20, TimeUnit.SECONDS);
        assertThat(child.isAlive()).isFalse();

        Process again = command(model);
        String output;
        try (BufferedReader out = again.inputReader(StandardCharsets.UTF_8)) {
            output = String.join("\n", out.lines().toList());
        }
        assertThat(again.waitFor()).as(output).isZero();
        assertThat(output).contains("resuming from the checkpoint").contains("held-out accuracy");
        assertThat(model).exists();
    }

    @Test
    void train_interrupted_endsTheChildAndSaysHowToGoOn() throws IOException {
        Path model = folder.resolve("model.gguf");
        Thread caller = Thread.currentThread();
        Consumer<TrainingProgress> interrupting = progress -> {
            if (progress.step() > 5) {
                caller.interrupt();
            }
        };

        assertThatThrownBy(() -> trainer(model).progress(interrupting).build().train())
                .isInstanceOfSatisfying(
                        TrainingException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(TrainingException.Reason.INTERRUPTED));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .isEmpty();
        assertThat(folder.resolve("model.gguf.checkpoint")).exists();
        assertThat(model).doesNotExist();
    }

    @Test
    void train_heapTooSmall_saysOutOfMemory() throws IOException {
        Path fat = folder.resolve("fat.jsonl");
        String padding = "\"facts\":{\"story\":\"" + "x".repeat(40_000) + "\",";
        try (Stream<String> lines = Files.lines(log)) {
            Files.write(
                    fat,
                    lines.limit(3000)
                            .map(line -> line.replace("\"facts\":{", padding))
                            .toList());
        }

        assertThatThrownBy(() -> NanoTrainer.builder(List.of(fat), folder.resolve("model.gguf"))
                        .threads(1)
                        .heapMegabytes(64)
                        .build()
                        .train())
                .isInstanceOfSatisfying(
                        TrainingException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(TrainingException.Reason.OUT_OF_MEMORY))
                .hasMessageContaining("larger heap");
    }

    @Test
    void train_logsWithoutSteps_saysSoAndLeavesTheOutputAlone() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "");
        Path model = Files.writeString(folder.resolve("model.gguf"), "former");

        assertThatThrownBy(() -> NanoTrainer.builder(List.of(empty), model)
                        .threads(1)
                        .build()
                        .train())
                .isInstanceOfSatisfying(
                        TrainingException.class,
                        failure -> assertThat(failure.reason()).isEqualTo(TrainingException.Reason.UNUSABLE_DATA))
                .hasMessageContaining("no step");
        assertThat(model).hasContent("former");
    }

    private static NanoTrainer.Builder trainer(Path model) {
        return NanoTrainer.builder(List.of(log), model)
                .shape(SMALL)
                .batch(32)
                .learningRate(2e-3)
                .threads(1)
                .checkpointEvery(Duration.ZERO);
    }

    private Process command(Path model) throws IOException {
        boolean windows = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win");
        Path java = Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
        Path arguments = folder.resolve("command.args");
        Files.writeString(
                arguments,
                "-cp \"" + System.getProperty("java.class.path").replace("\\", "\\\\") + "\"\n"
                        + TrainNano.class.getName()
                        + " --out \"" + model.toString().replace("\\", "\\\\")
                        + "\" --layers 1 --width 64 --feed-forward 64"
                        + " --batch 32 --threads 1 --epochs 2 --rate 0.002 --checkpoint 0 \""
                        + log.toString().replace("\\", "\\\\") + "\"\n");
        return new ProcessBuilder(java.toString(), "@" + arguments)
                .redirectErrorStream(true)
                .start();
    }

    /** Share of another session's steps in which the written file, run by the embedded engine, chooses as the rule does. */
    private double agreementOfTheFile(Path model) throws IOException {
        List<String> tokens;
        PromptLayout layout;
        try (GgufFile file = GgufFile.open(model)) {
            tokens = file.strings("tokenizer.ggml.tokens").orElseThrow();
            layout = PromptLayout.fromJson(file.string("reflex.prompt.layout").orElseThrow());
        }
        PlainLlama plain = new PlainLlama(model);
        ActionSchema schema = RulePlay.schema();
        int[] agreed = new int[2];
        Path other = RulePlay.write(folder.resolve("other.jsonl"), 1, 200, 77, false);
        try (NanoModel engine = NanoModel.load(model)) {
            engine.check(schema);
            TrainingLogs.of(List.of(other)).forEachStep(step -> {
                Answer answer = engine.ask(
                                Question.about(schema, step.perception()),
                                Deadline.in(Duration.ofSeconds(20), ReflexClock.system()))
                        .join();
                String best = Collections.max(answer.probabilities().entrySet(), Map.Entry.comparingByValue())
                        .getKey();
                agreed[0] += best.equals(step.action()) ? 1 : 0;
                if (agreed[1]++ % 20 == 0) {
                    double[] logits = plain.logits(prompt(layout, step, tokens));
                    double sum = RulePlay.ACTIONS.stream()
                            .mapToDouble(action -> Math.exp(logits[label(tokens, action)]))
                            .sum();
                    answer.probabilities()
                            .forEach((action, probability) -> assertThat(probability)
                                    .isCloseTo(Math.exp(logits[label(tokens, action)]) / sum, within(1e-4)));
                }
            });
        }
        return (double) agreed[0] / agreed[1];
    }

    private static int[] prompt(PromptLayout layout, TrajectoryRecord.Decided step, List<String> tokens) {
        int[] fused = layout.encode(step.perception(), step.goal());
        int[] prompt = new int[fused.length + 1];
        prompt[0] = DataSet.BEGIN;
        for (int i = 0; i < fused.length; i++) {
            prompt[i + 1] = tokens.indexOf(layout.tokens().get(fused[i]));
        }
        return prompt;
    }

    private static int label(List<String> tokens, String action) {
        return tokens.indexOf(PromptLayout.actionToken(action));
    }
}
