package dev.reflexloop.console.dashboard;

import org.HdrHistogram.IntCountsHistogram;

/** How long decisions took: percentiles to two digits in a few kilobytes. One thread at a time. */
final class Latencies {
    private static final long MOST_MICROS = 3_600_000_000L;
    private static final int DIGITS = 2;

    private final IntCountsHistogram micros = new IntCountsHistogram(1, MOST_MICROS, DIGITS);

    void add(long latencyMicros) {
        micros.recordValue(Math.max(0, Math.min(MOST_MICROS, latencyMicros)));
    }

    void add(Latencies other) {
        micros.add(other.micros);
    }

    long count() {
        return micros.getTotalCount();
    }

    /** In microseconds; 0 where nothing was counted. */
    long percentile(double share) {
        return Math.min(micros.getValueAtPercentile(share), max());
    }

    long max() {
        return micros.getMaxValue();
    }

    /** How many took longer. */
    long above(long limitMicros) {
        return micros.getTotalCount() - micros.getCountBetweenValues(0, limitMicros);
    }
}
