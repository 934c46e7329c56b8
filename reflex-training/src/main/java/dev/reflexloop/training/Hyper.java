package dev.reflexloop.training;

import java.util.Objects;

/**
 * How a model is trained. Immutable.
 *
 * @param batch examples per step
 * @param epochs how often every example is seen at most
 * @param learningRate peak of the cosine schedule
 * @param warmupSteps steps of linear rise to the peak
 * @param weightDecay decoupled decay of matrices and embeddings, per step and unit of learning rate
 * @param clip largest norm of the gradient
 * @param vocabularyShare weight of the loss over the whole vocabulary beside the loss over the legal labels
 * @param patience evaluations without a better held-out loss after which the schedule is brought to its end
 * @param enough held-out accuracy at which the schedule is brought to its end
 * @param timeLimitNanos when the schedule is at its end at the latest
 * @param seed of the first weights, the shuffling and the hold-out
 */
record Hyper(
        int batch,
        int epochs,
        double learningRate,
        int warmupSteps,
        double weightDecay,
        double clip,
        double vocabularyShare,
        int patience,
        double enough,
        long timeLimitNanos,
        long seed) {

    static final int WARMUP_STEPS = 100;
    static final double WEIGHT_DECAY = 0.05;
    static final double CLIP = 1.0;
    static final double VOCABULARY_SHARE = 0.1;

    /** Differs between settings under which a checkpoint means something else; the limits of a run do not count. */
    int stableHash() {
        return Objects.hash(batch, epochs, learningRate, warmupSteps, weightDecay, clip, vocabularyShare, seed);
    }

    /** Learning rate at a step: linear rise, then a half cosine down to a fiftieth over {@code progress} 0 to 1. */
    double rateAt(long step, double progress) {
        double rise = Math.min(1.0, (step + 1.0) / (warmupSteps + 1.0));
        double fall = 0.5 * (1 + Math.cos(Math.PI * Math.min(1.0, progress)));
        return learningRate * rise * (0.02 + 0.98 * fall);
    }
}
