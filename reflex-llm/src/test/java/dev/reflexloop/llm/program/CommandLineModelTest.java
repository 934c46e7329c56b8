package dev.reflexloop.llm.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.llm.ChatPrompt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CommandLineModelTest {
    private static final Duration TIME = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void call_missingProgram_saysWhatToInstall() {
        try (CommandLineModel model =
                CommandLineModel.builder("no-such-harness", "{prompt}").build()) {
            assertThat(model.id()).isEqualTo("program:no-such-harness");
            assertThatThrownBy(() -> model.call("plan", TIME, 0))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("no-such-harness could not be started; install it");
        }
    }

    @Test
    void call_fileThatMayNotBeRun_saysSo() throws IOException {
        Path file = Files.writeString(folder.resolve("harness.txt"), "not a program");
        try (CommandLineModel model =
                CommandLineModel.builder(file.toString(), "{prompt}").build()) {
            assertThatThrownBy(() -> model.call("plan", TIME, 0))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("see that it may be run");
        }
    }

    @Test
    void call_promptTooLongForACommandLine_saysWhereElseItCanGo() {
        try (CommandLineModel model =
                CommandLineModel.builder("no-such-harness", "-q={prompt}").build()) {
            assertThatThrownBy(() -> model.call("x".repeat(30_001), TIME, 0))
                    .hasMessageContaining("30001 characters")
                    .hasMessageContaining("standard input");
        }
    }

    @Test
    void call_withoutTimeOrWithNegativeRetries_isRefused() {
        try (CommandLineModel model =
                CommandLineModel.builder("no-such-harness").build()) {
            assertThatThrownBy(() -> model.call("plan", Duration.ZERO, 0)).isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> model.call("plan", TIME, -1)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void build_batchFileWithPromptAsArgument_isRefusedBecauseAShellWouldReadIt() {
        assertThatThrownBy(() -> CommandLineModel.builder("C:\\tools\\hermes.CMD", "{prompt}")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("shell");
        CommandLineModel.builder("C:\\tools\\hermes.CMD").build().close();
    }

    @Test
    void build_unusableSettings_areRefused() {
        assertThatThrownBy(() -> CommandLineModel.builder("{prompt}").build()).hasMessageContaining("name the program");
        assertThatThrownBy(() -> CommandLineModel.builder(" ").build()).hasMessageContaining("name the program");
        assertThatThrownBy(() -> CommandLineModel.builder("a").concurrent(0)).hasMessageContaining("concurrent");
        assertThatThrownBy(() -> CommandLineModel.builder("a").maxOutputBytes(1))
                .hasMessageContaining("maxOutputBytes");
        assertThatThrownBy(() -> CommandLineModel.builder("a").id(" ")).hasMessageContaining("id");
    }

    private static String settings(CommandLineModel.Builder builder) {
        try (CommandLineModel model = builder.build()) {
            return model.settings();
        }
    }

    private static CommandLineModel.Builder harness(String... arguments) {
        return CommandLineModel.builder("harness", arguments);
    }

    @Test
    void settings_thatDecide_areToldAndSecretsAreNot() {
        String usual = settings(harness("-m", "small").environment("MODEL", "x").environment("API_KEY", "hidden"));
        assertThat(usual)
                .contains("program=harness", "sha256:", ChatPrompt.plain().settings())
                .doesNotContain("small", "hidden")
                .isEqualTo(settings(
                        harness("-m", "small").environment("API_KEY", "other").environment("MODEL", "x")))
                .isNotEqualTo(settings(harness("-m", "big").environment("MODEL", "x")))
                .isNotEqualTo(settings(harness("-m", "small").environment("MODEL", "y")));
        assertThat(settings(harness().tag("[reflex]"))).contains("tag=[reflex]");
        assertThat(settings(harness().prompt(ChatPrompt.template("{actions}")))).contains("template={actions}");
    }
}
