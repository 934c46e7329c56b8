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
    void unknownCommand_given_isWrongArguments() {
        assertThat(terminal.run("no-such-command")).isEqualTo(2);
        assertThat(terminal.err()).contains("no-such-command");
    }
}
