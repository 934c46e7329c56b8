package dev.reflexloop.llm.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ReflexException;
import dev.reflexloop.testkit.Terminal;
import org.junit.jupiter.api.Test;

/** What every command has from its frame. */
class CommandTest {
    private final Terminal terminal = new Terminal(new Echo()::run);

    /** Prints what it was given. */
    private static final class Echo extends Command {
        Echo() {
            super("""
                    Echo [options] FILE...

                      --name TEXT   a text, not --loud
                      --size N      a number; default 1
                      --loud        shout
                    """);
        }

        @Override
        protected Work prepare(Arguments arguments) {
            long size = arguments.whole("--size", 1);
            String text =
                    arguments.files("file") + arguments.text("--name").orElse("") + size + arguments.has("--loud");
            return (out, err) -> {
                if (size > 9) {
                    throw new ReflexException("size", "It is too large.", null) {
                        private static final long serialVersionUID = 1L;
                    };
                }
                out.print(text);
                return DONE;
            };
        }

        @Override
        protected int statusOf(ReflexException failure) {
            return 7;
        }
    }

    @Test
    void options_beforeAndBetweenFiles_areRead() {
        assertThat(terminal.run("--size", "3", "a", "--name", "-x", "b", "--loud"))
                .isZero();
        assertThat(terminal.out()).isEqualTo("[a, b]-x3true");
        assertThat(terminal.run("a")).isZero();
        assertThat(terminal.out()).isEqualTo("[a]1false");
        assertThat(terminal.err()).isEmpty();
    }

    private void assertWrong(String reason, String... words) {
        assertThat(terminal.run(words)).isEqualTo(Command.WRONG_ARGUMENTS);
        assertThat(terminal.err()).contains(reason, "--help lists the options.");
        assertThat(terminal.out()).isEmpty();
    }

    @Test
    void arguments_thatAreWrong_areSaid() {
        assertWrong("No file is given");
        assertWrong("There is no option --lou.", "--lou", "a");
        assertWrong("There is no option -l.", "-l", "a");
        assertWrong("--size needs a value after it.", "a", "--size");
        assertWrong("--size needs a whole number after it, was 'x'.", "a", "--size", "x");
        assertWrong("--loud is given twice.", "a", "--loud", "--loud");
        assertWrong("is no path.", "a\0b");
    }

    @Test
    void help_whereverItStands_isPrintedAndNothingElseDone() {
        assertThat(terminal.run("--bogus", "--help")).isZero();
        assertThat(terminal.out()).startsWith("Echo [options]").contains("--loud");
    }

    @Test
    void failure_ofTheWork_isSaidWithItsStatus() {
        assertThat(terminal.run("--size", "10", "a")).isEqualTo(7);
        assertThat(terminal.err()).isEqualTo("It is too large." + System.lineSeparator());
    }
}
