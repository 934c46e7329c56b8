package dev.reflexloop.examples.robocode;

import dev.reflexloop.ReflexThreads;
import java.io.Console;
import java.io.PrintStream;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Prints lines on a thread of its own, so that a slow terminal never holds the game up: when 4,096 lines wait, further ones are dropped.
 * Colours only on a terminal, and not where NO_COLOR is set. Thread-safe.
 */
final class Terminal implements AutoCloseable {
    private static final int CAPACITY = 4_096;
    private static final String RESET = "\u001b[0m";
    private static final String CLOSE = "";

    private final PrintStream out;
    private final boolean colours;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(CAPACITY);
    private final CountDownLatch closed = new CountDownLatch(1);

    /** A style of text. */
    enum Style {
        BOLD("\u001b[1m"),
        DIM("\u001b[2m"),
        GOOD("\u001b[32m"),
        BAD("\u001b[31m");

        private final String code;

        Style(String code) {
            this.code = code;
        }
    }

    private Terminal(PrintStream out, boolean colours) {
        this.out = out;
        this.colours = colours;
        ReflexThreads.create("robocode-terminal", this::print).start();
    }

    /** Prints to the present standard output. */
    static Terminal open() {
        String term = System.getenv("TERM");
        boolean terminal = onTerminal() && term != null && !term.equals("dumb");
        String noColor = System.getenv("NO_COLOR");
        return new Terminal(System.out, terminal && (noColor == null || noColor.isEmpty()));
    }

    /** Whether standard output is a terminal; since JDK 22 a console exists without one and says so itself. */
    @SuppressWarnings("SystemConsoleNull") // before JDK 22 it is null without a terminal
    private static boolean onTerminal() {
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

    String styled(Style style, String text) {
        return colours ? style.code + text + RESET : text;
    }

    /** Prints a line soon. Never blocks. */
    void line(String text) {
        lines.offer(text.isEmpty() ? " " : text);
    }

    private void print() {
        try {
            for (String line = lines.take(); !line.equals(CLOSE); line = lines.take()) {
                out.println(line.stripTrailing());
                if (lines.isEmpty()) {
                    out.flush();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            out.flush();
            closed.countDown();
        }
    }

    /** Waits for what is left to be printed, at most two seconds. */
    @Override
    public void close() {
        try {
            if (lines.offer(CLOSE, 1, TimeUnit.SECONDS)) {
                closed.await(2, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
