package dev.reflexloop.testkit;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/** Runs a command and keeps what it prints, for tests. One thread at a time. */
public final class Terminal {
    private final Program program;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    /** What a command does with its arguments. */
    @FunctionalInterface
    public interface Program {
        /**
         * Runs it.
         *
         * @param words its arguments
         * @param out for results
         * @param err for what went wrong
         * @return its exit status
         */
        int run(String[] words, PrintStream out, PrintStream err);
    }

    /**
     * For one command.
     *
     * @param program the command, for instance {@code new VerifyCodex()::run}
     */
    public Terminal(Program program) {
        this.program = program;
    }

    /**
     * Runs the command, and forgets what it printed before.
     *
     * @param words its arguments
     * @return its exit status
     */
    public int run(String... words) {
        out.reset();
        err.reset();
        return program.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    /**
     * The results of the last run.
     *
     * @return what it printed
     */
    public String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    /**
     * What went wrong in the last run.
     *
     * @return what it printed
     */
    public String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
