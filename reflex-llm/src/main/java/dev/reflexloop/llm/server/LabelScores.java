package dev.reflexloop.llm.server;

import dev.reflexloop.Timings;
import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/**
 * What some labels got: a distribution over them, and their share of everything that could have come next.
 *
 * @param probabilities by label, in the order asked; they sum to one. Empty when the server said nothing about any of them
 * @param mass the labels' share of the whole next-token distribution, or a lower bound of it; empty where it is unknown
 * @param timings what it cost
 */
record LabelScores(List<Double> probabilities, OptionalDouble mass, Timings timings) {
    /** Rounding in a server's numbers, not a licence. */
    static final double TOLERANCE = 0.02;

    LabelScores {
        probabilities = List.copyOf(probabilities);
    }

    /** The scores of labels that the server said nothing about. */
    static LabelScores none(OptionalDouble mass, Timings timings) {
        return new LabelScores(List.of(), mass, timings);
    }

    /**
     * Scores from the labels' shares of the whole distribution.
     *
     * @param shares by label; all zero counts as nothing said
     * @param mass what is known of their sum
     * @param timings what it cost
     * @throws IOException when a share is no probability, or when they add up to more than one
     */
    static LabelScores ofShares(double[] shares, double mass, Timings timings) throws IOException {
        double sum = 0;
        for (double share : shares) {
            if (!(share >= 0 && share <= 1 + TOLERANCE)) {
                throw new IOException("a label has the probability " + share);
            }
            sum += share;
        }
        if (sum > 1 + TOLERANCE) {
            throw new IOException("the probabilities of the labels add up to " + sum);
        }
        OptionalDouble known = OptionalDouble.of(Math.min(1, mass));
        if (sum == 0) {
            return none(known, timings);
        }
        Double[] probabilities = new Double[shares.length];
        for (int i = 0; i < shares.length; i++) {
            probabilities[i] = shares[i] / sum;
        }
        return new LabelScores(List.of(probabilities), known, timings);
    }

    /** The place of the most probable label, the first among equals; -1 when nothing was said. */
    int best() {
        int best = -1;
        for (int i = 0; i < probabilities.size(); i++) {
            best = best < 0 || probabilities.get(i) > probabilities.get(best) ? i : best;
        }
        return best;
    }
}
