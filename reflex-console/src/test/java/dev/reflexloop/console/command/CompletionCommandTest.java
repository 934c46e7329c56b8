package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.testkit.Terminal;
import org.junit.jupiter.api.Test;

class CompletionCommandTest {
    private final Terminal terminal = new Terminal(Reflexloop::run);

    @Test
    void bash_asked_namesEveryCommand() {
        assertThat(terminal.run("completion")).isZero();
        assertThat(terminal.out())
                .startsWith("#!")
                .contains("logs")
                .contains("completion")
                .contains("--follow");
    }

    @Test
    void zsh_asked_turnsItsCompletionOnFirst() {
        assertThat(terminal.run("completion", "zsh")).isZero();
        assertThat(terminal.out()).startsWith("autoload -Uz compinit");
    }

    @Test
    void otherShell_asked_isWrongArguments() {
        assertThat(terminal.run("completion", "cmd")).isEqualTo(2);
    }
}
