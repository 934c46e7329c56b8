package dev.reflexloop.llm.decorator;

/**
 * How long a model will probably take: the smoothed mean plus one smoothed mean deviation, both with the gains that TCP uses for its
 * retransmission timer (RFC 6298, section 2; it adds four deviations, because there a wrong guess costs more than here). Thread-safe.
 */
final class LatencyEstimate {
    private static final double MEAN_GAIN = 0.125;
    private static final double DEVIATION_GAIN = 0.25;
    private static final double FADING = 0.95;

    private boolean known;
    private double mean;
    private double deviation;

    /** Nanoseconds; zero while nothing is known, so that it is tried once. */
    synchronized long nanos() {
        return (long) (mean + deviation);
    }

    synchronized void saw(long nanos) {
        if (known) {
            deviation += DEVIATION_GAIN * (Math.abs(nanos - mean) - deviation);
            mean += MEAN_GAIN * (nanos - mean);
        } else {
            known = true;
            mean = nanos;
            deviation = nanos / 2.0;
        }
    }

    /** It was given up after that time: it takes longer, nobody knows how much. */
    synchronized void gaveUpAfter(long nanos) {
        saw(Math.max(nanos, nanos()) * 2);
    }

    /** It was not asked because of the estimate, which fades, so that a model that has become faster is found out. */
    synchronized void fade() {
        mean *= FADING;
        deviation *= FADING;
    }
}
