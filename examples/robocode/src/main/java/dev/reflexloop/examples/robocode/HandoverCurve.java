package dev.reflexloop.examples.robocode;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The hand-over curve as figures and as a table. One thread at a time. */
final class HandoverCurve {
    private static final int ALL_PERCENT = 100;

    /**
     * One point.
     *
     * @param name the way of handing over and the share in percent; or alone, or always
     * @param handed the share of the decisions that was really handed over
     * @param agreement among those that were kept, the share that the strategist would have made too
     * @param rounds what was scored
     */
    record Row(String name, double handed, double agreement, List<Engine.Round> rounds) {}

    private final Terminal terminal;
    private final Map<String, Double> figures;

    HandoverCurve(Terminal terminal, Map<String, Double> figures) {
        this.terminal = terminal;
        this.figures = figures;
    }

    void add(List<Row> rows) {
        Map<String, Row> byName = new LinkedHashMap<>();
        rows.forEach(row -> byName.put(row.name(), row));
        Recovery recovery = new Recovery(rounds(byName, "alone"), rounds(byName, "always"));
        figures.put("aloneScore", Tally.share(rounds(byName, "alone")));
        figures.put("strategistScore", Tally.share(rounds(byName, "always")));
        figures.put("keptAt34Percent", Tally.share(rounds(byName, "doubt.34")));
        figures.put("randomKeptAt34Percent", Tally.share(rounds(byName, "random.34")));
        estimate("recoveredOverRandom", recovery.ratio(rounds(byName, "doubt.34"), rounds(byName, "random.34")));
        estimate(
                "next.recoveredOverRandom",
                recovery.ratio(rounds(byName, "next.doubt.34"), rounds(byName, "next.random.34")));
        terminal.line("");
        terminal.line(terminal.styled(
                Terminal.Style.BOLD,
                String.format(
                        "%-16s %12s %15s %12s %17s %15s %7s",
                        "handed over", "really", "kept agree", "score share", "95 %", "of the gap", "rounds")));
        rows.forEach(row -> add(row, recovery.of(row.rounds())));
        terminal.line(String.format(
                Locale.ROOT,
                "At 34 %% by doubt %.2f times as much of the gap is recovered as at random (%.2f to %.2f); landing one decision"
                        + " later %.2f times.",
                figure("recoveredOverRandom"),
                figure("recoveredOverRandomLow"),
                figure("recoveredOverRandomHigh"),
                figure("next.recoveredOverRandom")));
    }

    private void add(Row row, Tally.Estimate recovered) {
        Tally.Estimate share = new Tally().add(row.rounds()).share();
        estimate(row.name() + ".score", share);
        estimate(row.name() + ".recovered", recovered);
        figures.put(row.name() + ".handedShare", row.handed());
        figures.put(row.name() + ".keptAgreement", row.agreement());
        figures.put(row.name() + ".rounds", (double) row.rounds().size());
        terminal.line(String.format(
                Locale.ROOT,
                "%-16s %10.1f %% %13.1f %% %12.3f %8.3f - %.3f %15.2f %7d",
                row.name(),
                row.handed() * ALL_PERCENT,
                row.agreement() * ALL_PERCENT,
                share.value(),
                share.low(),
                share.high(),
                recovered.value(),
                row.rounds().size()));
    }

    private void estimate(String name, Tally.Estimate estimate) {
        figures.put(name, estimate.value());
        figures.put(name + "Low", estimate.low());
        figures.put(name + "High", estimate.high());
    }

    private double figure(String name) {
        return figures.getOrDefault(name, Double.NaN);
    }

    private static List<Engine.Round> rounds(Map<String, Row> rows, String name) {
        Row row = rows.get(name);
        if (row == null) {
            throw new IllegalArgumentException(
                    "the curve has no point '" + name + "'; its points are " + rows.keySet());
        }
        return row.rounds();
    }
}
