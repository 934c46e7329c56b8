package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Timings;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * The likeliest next tokens, as far as a server lists them, and what that says about labels. Confined to one thread.
 *
 * <p>A label counts with all entries that read like it: tokens of different ids may have the same text, and each of them writes the
 * label. Only when no label is listed as it is, entries are compared without white space in front, because some servers drop it.
 *
 * <p>A label that is not listed is unknown, but bounded: it has at most the probability of the least likely entry, and all such labels
 * together at most what the entries leave over. It is given the largest equal share within both bounds, less a thousandth. So a label
 * that is listed is never overtaken by one that is not, not even in a tie, and doubt is overstated rather than understated. The mass counts
 * listed labels only: it is a lower bound.
 */
final class TopTokens {
    private static final double BELOW = 0.999;

    private final Map<String, Double> byText = new HashMap<>();
    private double sum;
    private double least = 1;

    /**
     * Adds an entry.
     *
     * @throws IOException when it is no log-probability, or when all entries together are more than a distribution
     */
    void add(String text, JsonNode logProbability) throws IOException {
        double value = logProbability.isNumber() ? logProbability.asDouble() : Double.NaN;
        double probability = Math.exp(value);
        if (!(probability <= 1 + LabelScores.TOLERANCE)) {
            throw new IOException("a token has the log-probability " + value);
        }
        sum += probability;
        if (sum > 1 + LabelScores.TOLERANCE) {
            throw new IOException("the probabilities of the listed tokens add up to more than one");
        }
        least = Math.min(least, probability);
        byText.merge(text, probability, Double::sum);
    }

    boolean isEmpty() {
        return byText.isEmpty();
    }

    /** What the list says about some labels. */
    LabelScores over(List<String> labels, Timings timings) throws IOException {
        Map<String, Double> entries = byText;
        boolean stripped = labels.stream().noneMatch(byText::containsKey);
        if (stripped) {
            entries = new HashMap<>();
            for (Map.Entry<String, Double> entry : byText.entrySet()) {
                entries.merge(entry.getKey().stripLeading(), entry.getValue(), Double::sum);
            }
        }
        double[] shares = new double[labels.size()];
        double mass = 0;
        int unlisted = 0;
        for (int i = 0; i < shares.length; i++) {
            String label = labels.get(i);
            shares[i] = entries.getOrDefault(stripped ? label.stripLeading() : label, Double.NaN);
            if (Double.isNaN(shares[i])) {
                unlisted++;
            } else {
                mass += shares[i];
            }
        }
        if (unlisted == shares.length) {
            return LabelScores.none(OptionalDouble.of(0), timings);
        }
        double share = BELOW * Math.min(least, Math.max(0, 1 - sum) / Math.max(1, unlisted));
        for (int i = 0; i < shares.length; i++) {
            shares[i] = Double.isNaN(shares[i]) ? share : shares[i];
        }
        return LabelScores.ofShares(shares, mass, timings);
    }
}
