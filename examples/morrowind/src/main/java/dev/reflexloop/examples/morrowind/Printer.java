package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Situation;
import dev.reflexloop.Target;
import java.io.PrintStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * Prints a line for each decision, on a thread of its own, so that a slow terminal never holds a decision up: of more than 1,000 lines that
 * wait, the newest are dropped. Thread-safe.
 */
final class Printer implements AutoCloseable {
    private static final int CAPACITY = 1_000;
    private static final int BAR = 10;
    private static final int MOST_ASKED = 400;
    private static final String CLOSE = "";

    private final PrintStream out;
    private final boolean quiet;
    private final BlockingQueue<String> lines = new ArrayBlockingQueue<>(CAPACITY);
    private final CountDownLatch closed = new CountDownLatch(1);

    Printer(PrintStream out, boolean quiet) {
        this.out = out;
        this.quiet = quiet;
        ReflexThreads.create("morrowind-printer", this::print).start();
    }

    /** Prints a line soon. Never blocks. */
    void line(String text) {
        lines.offer(text.isEmpty() ? " " : text);
    }

    /** Prints a decision soon, and what the strategist is asked with it, unless that was not wanted. */
    void decision(Decision decision) {
        if (quiet) {
            return;
        }
        if (decision.escalated()) {
            decision.situation().ifPresent(situation -> line("asked: " + asked(situation)));
        }
        line(describe(decision));
    }

    /** Tick, action with its target, how sure, the runners-up, latency, how it was served, health and place. */
    static String describe(Decision decision) {
        Map<String, Double> odds = decision.answer().map(Answer::probabilities).orElse(Map.of());
        Perception seen = decision.perception();
        String what = decision.action().name()
                + decision.target().map(Target::id).map(id -> " " + id).orElse("");
        return String.format(
                Locale.ROOT,
                "tick %6d  %-26s %-17s  %-30s %6.1f ms  %-8s  health %3.0f  %s%s",
                seen.tick(),
                printable(what, 26),
                odds.isEmpty() ? "" : bar(odds.getOrDefault(decision.action().name(), 0.0)),
                runnersUp(decision.action().name(), odds),
                decision.latency().toNanos() / 1e6,
                decision.served().name().toLowerCase(Locale.ROOT),
                seen.number(Sight.HEALTH, 0),
                printable(seen.text("place", ""), 20),
                decision.because()
                        .map(cause -> "  " + cause.name().toLowerCase(Locale.ROOT))
                        .orElse(""));
    }

    private static String asked(Situation situation) {
        StringBuilder text = new StringBuilder(situation.words());
        for (int i = 0; i < situation.options().size(); i++) {
            text.append(i == 0 ? " " : ", ")
                    .append(i + 1)
                    .append(") ")
                    .append(situation.options().get(i).text());
        }
        return printable(text.toString(), MOST_ASKED);
    }

    /** Words of the game, cut and without what a terminal would obey. */
    static String printable(String text, int most) {
        return text.substring(0, Math.min(text.length(), most)).replaceAll("\\p{Cntrl}", "?");
    }

    private static String bar(double probability) {
        int full = (int) Math.round(Math.max(0, Math.min(1, probability)) * BAR);
        return String.format(Locale.ROOT, "[%s%s] %4.2f", "#".repeat(full), "-".repeat(BAR - full), probability);
    }

    private static String runnersUp(String action, Map<String, Double> odds) {
        return odds.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(action) && entry.getValue() != null)
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(2)
                .map(entry -> String.format(Locale.ROOT, "%s %.2f", entry.getKey(), entry.getValue()))
                .collect(Collectors.joining(", "));
    }

    private void print() {
        try {
            for (String line = lines.take(); !line.equals(CLOSE); line = lines.take()) {
                out.println(line.stripTrailing());
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
