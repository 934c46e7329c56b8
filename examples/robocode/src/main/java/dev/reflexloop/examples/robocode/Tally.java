package dev.reflexloop.examples.robocode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/**
 * The rounds of one policy in one arena, by pairing, and what they come to. The score share of a pairing is our score over the score of all,
 * both summed over its rounds; that of an arena is the mean of its pairings'. One thread at a time.
 */
final class Tally {
    private static final int RESAMPLES = 1_000;
    private static final long SEED = 11;

    /** A figure with the 95 % interval that resampling its rounds gives. */
    record Estimate(double value, double low, double high) {}

    private final List<List<Engine.Round>> pairings = new ArrayList<>();

    /** Adds the rounds of a pairing; a pairing without rounds does not count. */
    Tally add(List<Engine.Round> rounds) {
        if (!rounds.isEmpty()) {
            pairings.add(List.copyOf(rounds));
        }
        return this;
    }

    int rounds() {
        return pairings.stream().mapToInt(List::size).sum();
    }

    /** Our share of the score, 0 to 1. */
    Estimate share() {
        return estimate(Tally::share);
    }

    /** The share of the rounds that we won, 0 to 1. */
    Estimate winRate() {
        return estimate(Tally::winRate);
    }

    /** Our share of the score in some rounds, 0 to 1. */
    static double share(List<Engine.Round> rounds) {
        double ours = 0;
        double all = 0;
        for (Engine.Round round : rounds) {
            ours += round.ours();
            all += round.all();
        }
        return all > 0 ? ours / all : 0;
    }

    private static double winRate(List<Engine.Round> rounds) {
        return rounds.stream().filter(Engine.Round::first).count() / (double) rounds.size();
    }

    private Estimate estimate(ToDoubleFunction<List<Engine.Round>> figure) {
        if (pairings.isEmpty()) {
            return new Estimate(0, 0, 0);
        }
        SplittableRandom random = new SplittableRandom(SEED);
        double[] resampled = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double sum = 0;
            for (List<Engine.Round> rounds : pairings) {
                List<Engine.Round> sample = new ArrayList<>(rounds.size());
                for (int j = 0; j < rounds.size(); j++) {
                    sample.add(rounds.get(random.nextInt(rounds.size())));
                }
                sum += figure.applyAsDouble(sample);
            }
            resampled[i] = sum / pairings.size();
        }
        Arrays.sort(resampled);
        double value = pairings.stream().mapToDouble(figure).average().orElse(0);
        return new Estimate(value, resampled[RESAMPLES / 40], resampled[RESAMPLES - 1 - RESAMPLES / 40]);
    }
}
