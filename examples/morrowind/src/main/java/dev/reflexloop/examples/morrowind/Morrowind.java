package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.ReflexException;
import dev.reflexloop.TrajectoryLogger;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Lets a pilot process be driven by the reflex, through files in a folder. The example's README describes them; {@code --help} lists the
 * options.
 *
 * <p>Exit codes: 0 the game is over or the process was asked to end, 1 something failed, 2 the arguments are wrong.
 */
public final class Morrowind {
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;

    private final Options options;
    private final PrintStream out;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);

    private Morrowind(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /**
     * Runs until the pilot says that the game is over, where that was asked for, or until the process is asked to end.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        if (List.of(arguments).contains("--help")) {
            out.print(Options.help());
            out.flush();
            return;
        }
        int status = 0;
        try {
            Morrowind morrowind = new Morrowind(Options.parse(arguments), out);
            Runtime.getRuntime().addShutdownHook(new Thread(morrowind::stop, "morrowind-stop"));
            morrowind.run();
        } catch (IllegalArgumentException wrong) {
            System.err.println(wrong.getMessage());
            System.err.println("--help lists the options.");
            status = WRONG_ARGUMENTS;
        } catch (ReflexException | UncheckedIOException failure) {
            System.err.println(failure.getMessage());
            status = FAILED;
        }
        out.flush();
        System.exit(status);
    }

    /** Asks for the end, and waits for it, at most some seconds. */
    private void stop() {
        stop.countDown();
        try {
            ended.await(5, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        ActionSchema schema = Tactic.schema(options.speed());
        Folder folder = options.folder();
        try {
            Files.createDirectories(folder.path());
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "cannot make the folder '" + folder.path() + "'; name another one with --folder", failure);
        }
        try (Printer printer = new Printer(out, options.quiet());
                Models models = new Models(schema, options.prompt());
                TrajectoryLogger log = TrajectoryLogger.file(folder.trajectory())) {
            report(new Game(options, schema, models.open(options.model()), log, printer, stop).play(), printer);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    private void report(ObjectNode stats, Printer printer) {
        try {
            Stats.write(stats, options.folder().stats());
        } catch (IOException failure) {
            printer.line("stats.json could not be written: " + failure);
        }
        printer.line(String.format(
                Locale.ROOT,
                "%d decisions by %s, %d on time, p99 %.1f ms, %d closed by the pilot, reward %.1f; %d situations"
                        + " handed over, %d answered; %d alerts",
                stats.path("decisions").longValue(),
                stats.path("model").textValue(),
                stats.path("onTime").longValue(),
                stats.path("latencyMicros").path("p99").doubleValue() / 1e3,
                stats.path("closure").path("byGame").longValue(),
                stats.path("reward").doubleValue(),
                stats.path("inbox").path("accepted").longValue(),
                stats.path("inbox").path("answered").longValue(),
                stats.path("alerts").size()));
    }
}
