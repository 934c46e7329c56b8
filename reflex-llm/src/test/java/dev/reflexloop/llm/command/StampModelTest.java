package dev.reflexloop.llm.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.codex.CodexReport;
import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufWriter;
import dev.reflexloop.testkit.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StampModelTest {
    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(new StampModel()::run);
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

    @Test
    void run_everyOption_stampsWhatItSays() throws IOException {
        Path template = Files.writeString(folder.resolve("t.jinja"), "{{ instructions }}{{ state }}");
        int status = terminal.run(
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

        assertThat(terminal.err()).isEmpty();
        assertThat(status).isZero();
        assertThat(terminal.out()).contains("copy.gguf");
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
        assertThat(terminal.run(model)).isEqualTo(2);
        assertThat(terminal.err()).contains("two files").contains("--help");
        assertThat(terminal.run("--faster", model, copy)).isEqualTo(2);
        assertThat(terminal.err()).contains("--faster");
        assertThat(terminal.run("--temperature", "warm", model, copy)).isEqualTo(2);
        assertThat(terminal.err()).contains("'warm'");
        assertThat(terminal.run("--temperature", "-1", model, copy)).isEqualTo(2);
        assertThat(terminal.err()).contains("-1.0");
        assertThat(terminal.run(model, copy, "--temperature")).isEqualTo(2);
        assertThat(terminal.err()).contains("needs a value");
        assertThat(terminal.run("--template", folder.resolve("none").toString(), model, copy))
                .isEqualTo(2);
        assertThat(terminal.err()).contains("none");
        assertThat(Path.of(copy)).doesNotExist();
    }

    @Test
    void run_whatCannotBeDone_saysWhyAndExitsWithOne() throws IOException {
        assertThat(terminal.run(folder.resolve("none.gguf").toString(), copy)).isEqualTo(1);
        assertThat(terminal.err()).contains("none.gguf").contains("no such file");
        Files.writeString(Path.of(copy), "mine");
        assertThat(terminal.run(model, copy)).isEqualTo(1);
        assertThat(terminal.err()).contains("there already");
        assertThat(terminal.run(model, copy + "/below")).isEqualTo(1);
        assertThat(terminal.err()).contains("could not be written");
        assertThat(Path.of(copy)).hasContent("mine");
        assertThat(terminal.run("--overwrite", model, copy)).isZero();
    }

    @Test
    void run_help_listsTheOptions() {
        assertThat(terminal.run("--help")).isZero();
        assertThat(terminal.out()).contains("--template", "--temperature-6-10", "--overwrite", "MODEL.gguf");
    }

    @Test
    void run_withACodex_recordsTheDigestsOfBothFiles() {
        Path codex = folder.resolve("codex.jsonl");
        String key = folder.resolve("key.pem").toString();
        assertThat(terminal.run("--codex", codex.toString(), "--key", key, model, copy))
                .as(terminal.err())
                .isZero();
        String plain = Codex.hashOf(Path.of(copy));
        assertThat(terminal.run("--codex", codex.toString(), "--key", key, "--overwrite", model, copy))
                .isZero();
        assertThat(terminal.out()).contains("Nothing to record");
        assertThat(terminal.run(
                        "--temperature", "2", "--codex", codex.toString(), "--key", key, "--overwrite", model, copy))
                .isZero();

        CodexReport report = Codex.verify(codex);
        assertThat(report.sound()).isTrue();
        assertThat(report.entries()).hasSize(2);
        Change change = report.entries().get(1).change();
        assertThat(change.subject()).isEqualTo("copy.gguf");
        assertThat(change.before()).isEqualTo(plain);
        assertThat(change.after()).isEqualTo(Codex.hashOf(Path.of(copy))).isNotEqualTo(plain);
        assertThat(change.why()).isEqualTo("stamped copy of model.gguf, " + Codex.hashOf(Path.of(model)));
    }

    @Test
    void run_withACodexThatSomebodyWrites_changesNothing() {
        Path codex = folder.resolve("codex.jsonl");
        CodexKey key = CodexKey.loadOrCreate(folder.resolve("key.pem"));
        try (Codex open = Codex.open(codex, key)) {
            String[] arguments = {
                "--codex", codex.toString(), "--key", folder.resolve("key.pem").toString(), model, copy
            };
            assertThat(terminal.run(arguments)).isEqualTo(1);
            assertThat(terminal.err()).contains("has it open already");
            assertThat(open.lastHash()).isEqualTo(Codex.verify(codex).firstHash());
        }
        assertThat(Path.of(copy)).doesNotExist();
    }
}
