package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.escalation.command.VerifyCodex;
import dev.reflexloop.llm.command.FitDoubt;
import dev.reflexloop.testkit.Terminal;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModuleCommandsTest {
    private final Terminal terminal = new Terminal(Reflexloop::run);

    @ParameterizedTest
    @CsvSource({
        "train, TrainNano",
        "calibrate, FitCalibration",
        "doubt, FitDoubt",
        "stamp, StampModel",
        "codex verify, VerifyCodex"
    })
    void help_ofAnotherModulesCommand_isItsOwn(String command, String name) {
        assertThat(terminal.run((command + " --help").split(" "))).isZero();
        assertThat(terminal.out()).contains(name).doesNotContain("Usage: reflexloop");
    }

    @Test
    void codexVerify_missingFile_hasTheStatusOfTheCommandItself(@TempDir Path folder) {
        String file = folder.resolve("none.jsonl").toString();
        Terminal itself = new Terminal(new VerifyCodex()::run);
        int status = itself.run(file);

        assertThat(terminal.run("codex", "verify", file)).isEqualTo(status).isGreaterThan(2);
        assertThat(terminal.err()).isEqualTo(itself.err());
    }

    @ParameterizedTest
    @CsvSource({"--no-such-option", "--", "@file", "--share=0.5", "''"})
    void words_ofAnyKind_goThroughUnread(String word) {
        Terminal itself = new Terminal(new FitDoubt()::run);
        int status = itself.run("--share", "7", word);

        assertThat(terminal.run("doubt", "--share", "7", word)).isEqualTo(status);
        assertThat(terminal.err()).isEqualTo(itself.err());
    }

    @Test
    void codex_withoutAVerb_isWrongArguments() {
        assertThat(terminal.run("codex")).isEqualTo(2);
        assertThat(terminal.err()).contains("reflexloop codex --help");
    }
}
