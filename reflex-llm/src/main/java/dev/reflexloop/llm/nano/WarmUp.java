package dev.reflexloop.llm.nano;

import java.time.Duration;
import java.util.Random;

/** Evaluates made-up prompts until the JIT compiler has nothing more to gain. One thread at a time. */
final class WarmUp {
    private static final int PROMPT = 48;
    private static final int ROUND = 25;
    private static final double STILL_FASTER = 0.97;
    private static final int PATIENCE = 4;

    private final Scorer scorer;
    private final Transformer transformer;
    private final int length;
    private final KeyValueCache cache;
    private final Workspace work;
    private final Random random = new Random(1);

    WarmUp(Scorer scorer, Transformer transformer, int positions) {
        this.scorer = scorer;
        this.transformer = transformer;
        this.length = Math.min(PROMPT, positions);
        this.cache = new KeyValueCache(transformer.shape());
        this.work = new Workspace(transformer.shape());
    }

    /**
     * Runs until a few rounds in a row were no faster than the best one before, but for a quarter of the time at least: the compiler
     * may have a long queue.
     */
    void run(Duration most) {
        long startedAt = System.nanoTime();
        long until = startedAt + most.toNanos();
        work.stopWhen(() -> System.nanoTime() - until >= 0);
        double best = Double.POSITIVE_INFINITY;
        for (int patience = PATIENCE; patience > 0 && !work.stopped(); patience--) {
            long fastest = round();
            if ((double) fastest < best * STILL_FASTER || System.nanoTime() - startedAt < most.toNanos() / 4) {
                patience = PATIENCE;
            }
            best = Math.min(best, (double) fastest);
        }
    }

    /** The fastest of some evaluations, in nanoseconds. */
    private long round() {
        long fastest = Long.MAX_VALUE;
        int[] tokens = new int[length];
        int[] labels = random.ints(8, 0, transformer.shape().vocabulary()).toArray();
        for (int i = 0; i < ROUND && !work.stopped(); i++) {
            int from = i % 5 == 0 ? 0 : random.nextInt(length);
            for (int token = from; token < length; token++) {
                tokens[token] = random.nextInt(transformer.shape().vocabulary());
            }
            long startedAt = System.nanoTime();
            if (transformer.evaluate(cache, tokens, from, length, cache.promptEnd(), work)) {
                scorer.score(cache.promptEnd().state, labels, new double[labels.length], work);
                long perToken = (System.nanoTime() - startedAt) / (length - from);
                fastest = Math.min(fastest, perToken);
            }
        }
        return fastest;
    }
}
