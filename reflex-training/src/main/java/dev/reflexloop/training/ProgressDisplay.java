package dev.reflexloop.training;

import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Shows a training: on a terminal a bar that is drawn over itself, elsewhere one plain line per evaluation and every
 * half minute. One thread at a time.
 */
final class ProgressDisplay implements Consumer<TrainingProgress> {

    private static final int BAR = 28;
    private static final Duration PLAIN_EVERY = Duration.ofSeconds(30);

    private final PrintStream out;
    private final boolean terminal;
    private double accuracy = Double.NaN;
    private int drawn;
    private Duration lastPlain = Duration.ZERO;

    ProgressDisplay(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /** Whether standard output is a terminal; since JDK 22 a console exists without one and says so itself. */
    @SuppressWarnings("SystemConsoleNull") // before JDK 22 it is null without a terminal
    static boolean onTerminal() {
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

    @Override
    public void accept(TrainingProgress progress) {
        if (!progress.message().isEmpty()) {
            clear();
            out.println(progress.message());
            return;
        }
        boolean evaluated = progress.heldOutAccuracy().isPresent();
        if (evaluated) {
            accuracy = progress.heldOutAccuracy().getAsDouble();
        }
        if (terminal) {
            String line = bar(progress.done()) + " " + figures(progress);
            out.print("\r" + line + " ".repeat(Math.max(0, drawn - line.length())));
            out.flush();
            drawn = line.length();
        } else if (evaluated || progress.elapsed().minus(lastPlain).compareTo(PLAIN_EVERY) >= 0) {
            lastPlain = progress.elapsed();
            out.println(String.format(Locale.ROOT, "%5.1f %%  ", progress.done() * 100) + figures(progress));
        }
    }

    private String figures(TrainingProgress progress) {
        StringBuilder text = new StringBuilder(String.format(
                Locale.ROOT,
                "%s  step %d  loss %.4f  %.0f examples/s",
                minutes(progress.elapsed()),
                progress.step(),
                progress.loss(),
                progress.examplesPerSecond()));
        if (!Double.isNaN(accuracy)) {
            text.append(String.format(Locale.ROOT, "  held out %.2f %%", accuracy * 100));
        }
        return text.toString();
    }

    private static String bar(double done) {
        int full = (int) Math.round(Math.max(0, Math.min(1, done)) * BAR);
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "] "
                + String.format(Locale.ROOT, "%3.0f %%", Math.min(1, done) * 100);
    }

    private static String minutes(Duration elapsed) {
        return String.format(Locale.ROOT, "%d:%02d", elapsed.toMinutes(), elapsed.toSecondsPart());
    }

    /** Removes the bar, so that something else can be printed. */
    void clear() {
        if (drawn > 0) {
            out.print("\r" + " ".repeat(drawn) + "\r");
            out.flush();
            drawn = 0;
        }
    }

    void finished(TrainingReport report) {
        clear();
        out.printf(
                Locale.ROOT,
                "%nheld-out accuracy %.2f %%, loss %.4f nats, legal mass %.4f, on %d decisions%n",
                report.accuracy() * 100,
                report.loss(),
                report.legalMass(),
                report.heldOut());
        confusion(report);
        out.printf(
                Locale.ROOT,
                "%d parameters, %d tokens, %.2f MB, %d examples, %d steps, %.1f minutes, seed %d; ended by: %s%n",
                report.parameters(),
                report.vocabulary(),
                report.bytes() / 1e6,
                report.examples(),
                report.steps(),
                report.elapsed().toMillis() / 60_000.0,
                report.seed(),
                report.ending());
        out.println("model  " + report.model());
        out.println("report " + report.report());
    }

    private void confusion(TrainingReport report) {
        out.println("what the model chose (columns) for each right action (rows):");
        int name = report.actions().stream().mapToInt(String::length).max().orElse(0);
        StringBuilder head = new StringBuilder(" ".repeat(name + 4));
        for (int i = 0; i < report.actions().size(); i++) {
            head.append(String.format(Locale.ROOT, "%7d", i + 1));
        }
        out.println(head);
        for (int i = 0; i < report.actions().size(); i++) {
            List<Integer> row = report.confusion().get(i);
            StringBuilder line = new StringBuilder(String.format(
                    Locale.ROOT,
                    "%3d %-" + Math.max(1, name) + "s",
                    i + 1,
                    report.actions().get(i)));
            long all = 0;
            for (int count : row) {
                line.append(String.format(Locale.ROOT, "%7d", count));
                all += count;
            }
            if (all > 0) {
                line.append(String.format(Locale.ROOT, "  %6.2f %%", 100.0 * row.get(i) / all));
            }
            out.println(line);
        }
    }
}
