package dev.reflexloop.examples.robocode;

import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A decision in one line: when, what, how sure, how long it took, how it was served, and the energies it was made from. */
final class DecisionLine {
    private static final int BAR = 10;
    private static final long ROUND = 100_000;

    private DecisionLine() {}

    /**
     * Formats a decision.
     *
     * @param landed the turn in which it landed, counted on over the rounds of a battle
     */
    static String of(Decision decision, long landed) {
        Map<String, Double> probabilities =
                decision.answer().map(Answer::probabilities).orElse(Map.of());
        double chosen = probabilities.getOrDefault(decision.action().name(), 0.0);
        Perception seen = decision.perception();
        return String.format(
                Locale.ROOT,
                "  turn %5d  %-11s %s %4.2f %-31s %6.1f ms  +%d turn  %-8s %3.0f : %-3.0f%s",
                seen.tick() % ROUND,
                decision.action().name(),
                bar(chosen),
                chosen,
                others(decision.action().name(), probabilities),
                decision.latency().toNanos() / 1e6,
                landed - seen.tick(),
                decision.served().name().toLowerCase(Locale.ROOT),
                seen.number("energy", 0),
                seen.number("enemyEnergy", 0),
                decision.because()
                        .map(cause -> "  " + cause.name().toLowerCase(Locale.ROOT))
                        .orElse(""));
    }

    private static String bar(double probability) {
        int full = (int) Math.round(Math.max(0, Math.min(1, probability)) * BAR);
        return "[" + "#".repeat(full) + "-".repeat(BAR - full) + "]";
    }

    /** The two runners-up. */
    private static String others(String action, Map<String, Double> probabilities) {
        List<Map.Entry<String, Double>> rest = probabilities.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(action))
                .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
                .limit(2)
                .toList();
        StringBuilder text = new StringBuilder();
        for (Map.Entry<String, Double> entry : rest) {
            text.append(String.format(
                    Locale.ROOT, "%s%s %.2f", text.isEmpty() ? "" : ", ", entry.getKey(), entry.getValue()));
        }
        return text.toString();
    }
}
