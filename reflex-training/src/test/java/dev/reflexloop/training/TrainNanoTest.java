package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainNanoTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Test
    void run_help_listsEveryOptionAndTheDefaults() {
        assertThat(run("--help")).isZero();

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--out FILE", "--label", "--edges", "--minutes", "--seed", "--fresh")
                .contains("length of a hidden state (" + NanoShape.standard().width() + ")");
        assertThat(err.size()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "logs                                   | --out FILE is missing",
                "--out m.gguf                           | no LOG",
                "--out                                  | --out needs a value",
                "--out m.gguf --colour red logs         | unknown option --colour",
                "--out m.gguf --epochs many logs        | --epochs needs a whole number, was 'many'",
                "--out m.gguf --epochs 0 logs           | epochs must be between",
                "--out m.gguf --rate NaN logs           | learningRate must be between",
                "--out m.gguf --minutes 0 logs          | timeLimit",
                "--out m.gguf --type q4 logs            | [f32, f16, q8_0], was 'q4'",
                "--out m.gguf --label wish logs         | [action, teacher], was 'wish'",
                "--out m.gguf --edges distance logs     | --edges needs FACT=A,B",
                "--out m.gguf --edges distance=1,x logs | --edges needs numbers, was 'x'",
                "--out m.gguf --edges d=1,Infinity logs | edges of 'd' must be finite",
                "--out m.gguf --heads 3 logs            | width / heads",
                "--out m.gguf --heads 4/3 logs          | kvHeads must divide heads",
                "--out m.gguf --width 100 logs          | width must be a multiple of 32"
            })
    void run_wrongArguments_namesThemAndExitsWithTwo(String arguments, String complaint) {
        assertThat(run(arguments.split(" "))).isEqualTo(2);

        assertThat(err.toString(StandardCharsets.UTF_8)).contains(complaint).contains("--help");
        assertThat(out.size()).isZero();
    }

    @Test
    void parse_everyOption_isTaken() {
        NanoTrainer.Builder builder = TrainNano.parse(
                ("--out m.gguf --label teacher --edges distance=300,150 --edges npcs.far=5 --ignore name --bands 9 --texts 8"
                                + " --records 2 --layers 2 --width 64 --heads 4/2 --feed-forward 96 --context 128 --tied --type q8_0"
                                + " --minutes 0.5 --epochs 3 --batch 32 --rate 0.001 --held-out 0.2 --patience 4 --enough 0.9"
                                + " --seed 7 --threads 1 --heap 512 --native-cache cache --fresh one.jsonl two")
                        .split(" "));

        assertThat(builder.build()).isNotNull();
    }

    @Test
    void accept_onATerminal_drawsOverItselfAndElsewherePrintsLines() {
        TrainingProgress step = progress(0.5, OptionalDouble.empty(), "");
        TrainingProgress evaluated = progress(0.6, OptionalDouble.of(0.9312), "");

        ProgressDisplay plain = new ProgressDisplay(stream(out), false);
        plain.accept(progress(0, OptionalDouble.empty(), "reading logs"));
        plain.accept(step);
        plain.accept(step);
        plain.accept(evaluated);
        assertThat(out.toString(StandardCharsets.UTF_8).lines())
                .hasSize(3)
                .allSatisfy(line -> assertThat(line).doesNotContain("\r"))
                .last()
                .asString()
                .contains("60.0 %", "held out 93.12 %", "1:05");

        out.reset();
        ProgressDisplay bar = new ProgressDisplay(stream(out), true);
        bar.accept(step);
        bar.accept(evaluated);
        bar.clear();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("\r[##############..............]  50 %")
                .doesNotContain("\n")
                .endsWith("\r");
    }

    @Test
    void builder_wrongSettings_areRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NanoTrainer.builder(java.util.List.of(), java.nio.file.Path.of("m.gguf")))
                .withMessageContaining("logs");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NanoShape(1, 64, 4, 4, 100, 64, false))
                .withMessageContaining("feedForward");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> NanoShape.standard().withLayers(0))
                .withMessageContaining("layers");
    }

    private static TrainingProgress progress(double done, OptionalDouble accuracy, String message) {
        return new TrainingProgress(
                TrainingProgress.Phase.TRAINING,
                done,
                120,
                0.25,
                accuracy,
                accuracy,
                900,
                Duration.ofSeconds(65),
                message);
    }

    private int run(String... arguments) {
        return TrainNano.run(arguments, stream(out), stream(err), false);
    }

    private static PrintStream stream(ByteArrayOutputStream bytes) {
        return new PrintStream(bytes, true, StandardCharsets.UTF_8);
    }
}
