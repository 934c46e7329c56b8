package dev.reflexloop.llm.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StampModelTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private String model = "";
    private String copy = "";

    @BeforeEach
    void writeModel() throws IOException {
        Path file = folder.resolve("model.gguf");
        new GgufWriter()
                .put("general.architecture", "qwen2")
                .put("tokenizer.ggml.model", "gpt2")
                .putStrings(
                        "tokenizer.ggml.tokens",
                        List.of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".split("")))
                .write(file);
        model = file.toString();
        copy = folder.resolve("copy.gguf").toString();
    }

    private int run(String... arguments) {
        return StampModel.run(
                List.of(arguments),
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String errors() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void run_everyOption_stampsWhatItSays() throws IOException {
        Path template = Files.writeString(folder.resolve("t.jinja"), "{{ instructions }}{{ state }}");
        int status = run(
                "--template",
                template.toString(),
                "--temperature",
                "1.25",
                "--temperature-2",
                "2",
                "--temperature-3-5",
                "3",
                "--temperature-6-10",
                "4",
                "--temperature-11",
                "5",
                model,
                copy);

        assertThat(errors()).isEmpty();
        assertThat(status).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("copy.gguf");
        try (GgufFile file = GgufFile.open(Path.of(copy))) {
            assertThat(file.string("tokenizer.chat_template.systemone")).contains("{{ instructions }}{{ state }}");
            assertThat(file.number("qwen2.decision.temperature.choice")).hasValue(1.25);
            assertThat(file.number("qwen2.decision.temperature.choice.2")).hasValue(2);
            assertThat(file.number("qwen2.decision.temperature.choice.3_5")).hasValue(3);
            assertThat(file.number("qwen2.decision.temperature.choice.6_10")).hasValue(4);
            assertThat(file.number("qwen2.decision.temperature.choice.11")).hasValue(5);
        }
    }

    @Test
    void run_wrongArguments_namesThemAndExitsWithTwo() {
        assertThat(run(model)).isEqualTo(2);
        assertThat(errors()).contains("two files").contains("--help");
        assertThat(run("--faster", model, copy)).isEqualTo(2);
        assertThat(errors()).contains("--faster");
        assertThat(run("--temperature", "warm", model, copy)).isEqualTo(2);
        assertThat(errors()).contains("'warm'");
        assertThat(run("--temperature", "-1", model, copy)).isEqualTo(2);
        assertThat(errors()).contains("-1.0");
        assertThat(run(model, copy, "--temperature")).isEqualTo(2);
        assertThat(errors()).contains("needs a value");
        assertThat(run("--template", folder.resolve("none").toString(), model, copy))
                .isEqualTo(2);
        assertThat(errors()).contains("none");
        assertThat(Path.of(copy)).doesNotExist();
    }

    @Test
    void run_whatCannotBeDone_saysWhyAndExitsWithOne() throws IOException {
        assertThat(run(folder.resolve("none.gguf").toString(), copy)).isEqualTo(1);
        assertThat(errors()).contains("none.gguf").contains("no such file");
        Files.writeString(Path.of(copy), "mine");
        assertThat(run(model, copy)).isEqualTo(1);
        assertThat(errors()).contains("there already");
        assertThat(run(model, copy + "/below")).isEqualTo(1);
        assertThat(errors()).contains("could not be written");
        assertThat(Path.of(copy)).hasContent("mine");
        assertThat(run("--overwrite", model, copy)).isZero();
    }

    @Test
    void run_help_listsTheOptions() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("--template", "--temperature-6-10", "--overwrite", "MODEL.gguf");
    }
}
