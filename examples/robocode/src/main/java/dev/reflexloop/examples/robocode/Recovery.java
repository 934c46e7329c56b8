package dev.reflexloop.examples.robocode;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * How much of the gap between the model alone and the strategist always a way of handing over recovers: 0 is none of it, 1 all.
 *
 * @param alone rounds of the model alone
 * @param always rounds of the strategist always
 */
record Recovery(List<Engine.Round> alone, List<Engine.Round> always) {
    private static final int RESAMPLES = 2_000;
    private static final long SEED = 12;

    private interface Figure {
        double of(double aloneShare, double alwaysShare, double oneShare, double otherShare);
    }

    /** The part of the gap that some rounds recover. */
    Tally.Estimate of(List<Engine.Round> kept) {
        return estimate(kept, kept, (low, high, one, other) -> (one - low) / (high - low));
    }

    /** How many times as much of the gap some rounds recover as others do. */
    Tally.Estimate ratio(List<Engine.Round> kept, List<Engine.Round> other) {
        return estimate(kept, other, (low, high, one, two) -> (one - low) / (two - low));
    }

    private Tally.Estimate estimate(List<Engine.Round> kept, List<Engine.Round> other, Figure figure) {
        SplittableRandom random = new SplittableRandom(SEED);
        double[] resampled = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            resampled[i] =
                    figure.of(drawn(alone, random), drawn(always, random), drawn(kept, random), drawn(other, random));
        }
        Arrays.sort(resampled);
        double value = figure.of(Tally.share(alone), Tally.share(always), Tally.share(kept), Tally.share(other));
        return new Tally.Estimate(value, resampled[RESAMPLES / 40], resampled[RESAMPLES - 1 - RESAMPLES / 40]);
    }

    private static double drawn(List<Engine.Round> rounds, SplittableRandom random) {
        List<Engine.Round> sample = new ArrayList<>(rounds.size());
        for (int i = 0; i < rounds.size(); i++) {
            sample.add(rounds.get(random.nextInt(rounds.size())));
        }
        return Tally.share(sample);
    }
}
