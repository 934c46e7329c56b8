package dev.reflexloop.llm.command;

import dev.reflexloop.ReflexException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * The frame of a command: words come in, text goes out, and an exit status comes back. Thread-safe.
 *
 * <p>It answers {@code --help} itself, turns wrong arguments into {@link #WRONG_ARGUMENTS} and what fails into {@link #statusOf}, each with a
 * line for people. Whoever embeds a command calls {@link #run(String[], PrintStream, PrintStream)}; nothing ends the JVM but {@link #runAndExit}.
 */
public abstract class Command {
    /** It did what it was asked to. */
    public static final int DONE = 0;
    /** It could not do what it was asked to. */
    public static final int FAILED = 1;
    /** The arguments are wrong, and nothing was done. */
    public static final int WRONG_ARGUMENTS = 2;

    private final String help;

    /** What is left to be done when the arguments are read. */
    @FunctionalInterface
    public interface Work {
        /**
         * Does it. Blocks until it is done.
         *
         * @param out for results
         * @param err for what went wrong
         * @return the exit status
         */
        int run(PrintStream out, PrintStream err);
    }

    /**
     * For a command.
     *
     * @param help the text of {@code --help}; what it lists are the options that there are, see {@link Arguments}
     */
    protected Command(String help) {
        this.help = Objects.requireNonNull(help, "help of a command");
    }

    /**
     * Reads the arguments, and does nothing else yet.
     *
     * @param arguments what was given; every option of it is one that the help lists
     * @return what to do
     * @throws IllegalArgumentException if they are wrong; the message says which and why
     */
    protected abstract Work prepare(Arguments arguments);

    /**
     * The exit status of a failure.
     *
     * @param failure what the work threw
     * @return {@link #FAILED} by default
     */
    protected int statusOf(ReflexException failure) {
        return FAILED;
    }

    /**
     * Runs the command. Blocks until it is done.
     *
     * @param words its arguments, see {@code --help}
     * @param out for results
     * @param err for what went wrong
     * @return the exit status
     */
    public final int run(String[] words, PrintStream out, PrintStream err) {
        if (List.of(words).contains("--help")) {
            out.print(help);
            return DONE;
        }
        Work work;
        try {
            work = prepare(new Arguments(words, help));
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            err.println("--help lists the options.");
            return WRONG_ARGUMENTS;
        }
        try {
            return work.run(out, err);
        } catch (ReflexException failure) {
            err.println(failure.getMessage());
            return statusOf(failure);
        }
    }

    /**
     * Runs the command on the standard streams, in UTF-8, and ends the JVM with its exit status.
     *
     * @param words its arguments, see {@code --help}
     */
    protected final void runAndExit(String[] words) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(words, out, err));
    }
}
