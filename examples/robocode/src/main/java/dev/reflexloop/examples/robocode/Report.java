package dev.reflexloop.examples.robocode;

import dev.reflexloop.LoopStats;
import dev.reflexloop.Served;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What {@link Play} shows at the end. */
final class Report {
    private static final double NANOS_PER_MILLI = 1e6;

    /** One line of the table. */
    record Row(Arena arena, String policy, boolean realTime, Tally tally) {}

    private final Terminal terminal;

    Report(Terminal terminal) {
        this.terminal = terminal;
    }

    /** The score of each policy in each arena. */
    void table(List<Row> rows) {
        terminal.line("");
        terminal.line(terminal.styled(
                Terminal.Style.BOLD,
                String.format(
                        "%-6s %-19s %-10s %6s %12s %9s",
                        "arena", "policy", "clock", "rounds", "score share", "win rate")));
        rows.stream().sorted(Comparator.comparing(Row::arena)).forEach(row -> {
            String text = String.format(
                    Locale.ROOT,
                    "%-6s %-19s %-10s %6d %12.3f %9.2f",
                    row.arena().label(),
                    row.policy(),
                    row.realTime() ? "wall" : "full speed",
                    row.tally().rounds(),
                    row.tally().share().value(),
                    row.tally().winRate().value());
            terminal.line(row.policy().equals("reflex") ? terminal.styled(Terminal.Style.GOOD, text) : text);
        });
        terminal.line("Few rounds, so these are noisy; benchmarks/results/robocode.json holds many, with intervals.");
        terminal.line(
                "\"always\" is the best single tactic in hindsight. The rule taught the model; in the game the reflex never asks it.");
    }

    /** The counters of the reflex, and where its log is. */
    void summary(LoopStats stats, int skippedTurns, int failures, Path log) {
        StringBuilder served = new StringBuilder();
        for (Served how : Served.values()) {
            served.append(served.isEmpty() ? "" : " + ")
                    .append(how.name().toLowerCase(Locale.ROOT))
                    .append(' ')
                    .append(stats.served(how));
        }
        LoopStats.Closure closure = stats.closure();
        terminal.line("");
        terminal.line("decisions      " + stats.decisions() + " = " + served);
        terminal.line(String.format(
                Locale.ROOT,
                "on time        %.2f %% within 200 ms (late: %d)",
                100.0 * (stats.decisions() - stats.late()) / Math.max(1, stats.decisions()),
                stats.late()));
        terminal.line(String.format(
                Locale.ROOT,
                "latency        p50 %.1f ms, p99 %.1f ms, max %.1f ms",
                millis(stats.latency().p50()),
                millis(stats.latency().p99()),
                millis(stats.latency().max())));
        terminal.line(
                "outcomes       " + closure.byGame() + " of " + closure.opened() + " decisions closed by the game, "
                        + closure.byTimeout() + " by time-out, " + closure.open() + " open");
        terminal.line("skipped turns  " + skippedTurns + ", errors of the robot or the game: " + failures);
        terminal.line("log            " + log);
    }

    private static double millis(Duration duration) {
        return duration.toNanos() / NANOS_PER_MILLI;
    }
}
