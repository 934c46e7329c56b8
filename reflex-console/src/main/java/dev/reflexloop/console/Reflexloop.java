package dev.reflexloop.console;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command {@code reflexloop}. Its parts are in {@code dev.reflexloop.console.command}; each tells with {@code --help} what it does. Exit
 * statuses: 0 done, 1 it could not, 2 wrong arguments.
 */
@Command(
        name = "reflexloop",
        mixinStandardHelpOptions = true,
        description = "Shows what a reflex does, finds its decisions again, and labels them.")
public final class Reflexloop {
    private Reflexloop() {}

    /**
     * Runs a command and ends the JVM with its exit status.
     *
     * @param words the command and its arguments
     */
    public static void main(String[] words) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(words, out, err));
    }

    /**
     * Runs a command. Blocks until it is done.
     *
     * @param words the command and its arguments
     * @param out for results
     * @param err for what went wrong
     * @return the exit status
     */
    public static int run(String[] words, PrintStream out, PrintStream err) {
        return new CommandLine(new Reflexloop())
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .execute(words);
    }
}
