package dev.reflexloop.console;

import dev.reflexloop.console.command.CompletionCommand;
import dev.reflexloop.console.command.DashboardCommand;
import dev.reflexloop.console.command.DoctorCommand;
import dev.reflexloop.console.command.EscalationsCommand;
import dev.reflexloop.console.command.LogsCommand;
import dev.reflexloop.console.command.ModuleCommands;
import dev.reflexloop.console.command.ReplayCommand;
import dev.reflexloop.console.command.ReviewCommand;
import dev.reflexloop.console.terminal.CommandGroups;
import dev.reflexloop.console.web.ServeCommand;
import java.io.Console;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;

/**
 * The command {@code reflexloop}. Its parts are in {@code dev.reflexloop.console.command}; each tells with {@code --help} what it does. Exit
 * statuses: 0 done, 1 it could not, 2 wrong arguments.
 */
@Command(
        name = "reflexloop",
        mixinStandardHelpOptions = true,
        versionProvider = Reflexloop.Version.class,
        description = "Shows what a reflex does, finds its decisions again, and labels them.",
        synopsisSubcommandLabel = "COMMAND",
        footer = {"", "reflexloop COMMAND --help tells what a command does."},
        subcommands = {
            DashboardCommand.class,
            ServeCommand.class,
            LogsCommand.class,
            EscalationsCommand.class,
            ReplayCommand.class,
            ReviewCommand.class,
            DoctorCommand.class,
            CompletionCommand.class,
        })
public final class Reflexloop {
    private static final List<CommandGroups.Group> GROUPS = List.of(
            new CommandGroups.Group("Look", "dashboard", "serve", "logs", "replay"),
            new CommandGroups.Group("Answer and judge", "escalations", "review"),
            new CommandGroups.Group("Learn", "train", "calibrate", "doubt", "stamp"),
            new CommandGroups.Group("Trust and mend", "codex", "doctor", "completion"));

    private final boolean onTerminal;

    private Reflexloop(boolean onTerminal) {
        this.onTerminal = onTerminal;
    }

    /**
     * Whether the output is a terminal, on which a command may draw.
     *
     * @return false where it goes to a file, a program or a test
     */
    public boolean isOnTerminal() {
        return onTerminal;
    }

    /**
     * Runs a command and ends the JVM with its exit status.
     *
     * @param words the command and its arguments
     */
    public static void main(String[] words) {
        quiet("org.slf4j.simpleLogger.defaultLogLevel", "warn");
        quiet(
                "org.slf4j.simpleLogger.log.org.eclipse.jetty",
                "error"); // it warns in the words of whoever sent a bad request
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(new Reflexloop(hasTerminal()), Ansi.AUTO, words, out, err));
    }

    /** Sets how much is logged, unless whoever starts the program has said so. */
    private static void quiet(String setting, String level) {
        if (System.getProperty(setting) == null) {
            System.setProperty(setting, level);
        }
    }

    /**
     * Runs a command. Blocks until it is done. What it prints is plain, without colours.
     *
     * @param words the command and its arguments
     * @param out for results
     * @param err for what went wrong
     * @return the exit status
     */
    public static int run(String[] words, PrintStream out, PrintStream err) {
        return run(new Reflexloop(false), Ansi.OFF, words, out, err);
    }

    /** From JDK 22 on there is a console also where there is no terminal, and it can tell. */
    @SuppressWarnings("SystemConsoleNull")
    private static boolean hasTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException before22) {
            return true;
        }
    }

    private static int run(Reflexloop command, Ansi ansi, String[] words, PrintStream out, PrintStream err) {
        CommandLine line = new CommandLine(command);
        ModuleCommands.addTo(line, out, err);
        CommandGroups.show(line, GROUPS);
        return line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setColorScheme(Help.defaultColorScheme(ansi))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new Failures())
                .setParameterExceptionHandler(new Failures())
                .execute(words);
    }

    /** The version of the library, from the jar. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Reflexloop.class.getPackage().getImplementationVersion();
            return new String[] {"reflexloop " + (version == null ? "unreleased" : version)};
        }
    }
}
