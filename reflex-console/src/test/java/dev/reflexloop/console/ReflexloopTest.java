package dev.reflexloop.console;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.testkit.Terminal;
import org.junit.jupiter.api.Test;

class ReflexloopTest {
    private final Terminal terminal = new Terminal(Reflexloop::run);

    @Test
    void help_asked_tellsAndIsDone() {
        assertThat(terminal.run("--help")).isZero();
        assertThat(terminal.out()).contains("Usage: reflexloop");
    }

    @Test
    void help_asked_showsEveryCommandInItsGroup() {
        terminal.run("--help");

        assertThat(terminal.out())
                .containsSubsequence("Look:", "  logs ", "Learn:", "  train ", "Trust and mend:", "  codex ");
        assertThat(terminal.out()).doesNotContain("Other:");
    }

    @Test
    void version_asked_isTold() {
        assertThat(terminal.run("--version")).isZero();
        assertThat(terminal.out()).startsWith("reflexloop ");
    }

    @Test
    void unknownCommand_given_isWrongArguments() {
        assertThat(terminal.run("no-such-command")).isEqualTo(2);
        assertThat(terminal.err()).contains("no-such-command").contains("reflexloop --help");
    }

    @Test
    void commandWithExchangedLetters_given_isAskedFor() {
        assertThat(terminal.run("lgos")).isEqualTo(2);
        assertThat(terminal.err()).contains("Did you mean logs?");
    }

    @Test
    void output_notOnATerminal_hasNoEscapes() {
        terminal.run("--help");

        assertThat(terminal.out()).doesNotContain("\u001b");
    }
}
