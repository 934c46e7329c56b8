package dev.reflexloop;

/**
 * What an answer cost. Immutable.
 *
 * @param queuedNanos time before the model began, in nanoseconds
 * @param computeNanos time the model worked, in nanoseconds
 * @param evaluatedTokens prompt tokens that were computed
 * @param cachedTokens prompt tokens that were taken from the prefix cache
 */
public record Timings(long queuedNanos, long computeNanos, int evaluatedTokens, int cachedTokens) {
    private static final Timings UNKNOWN = new Timings(0, 0, 0, 0);

    /**
     * Nothing was measured.
     *
     * @return all zero
     */
    public static Timings unknown() {
        return UNKNOWN;
    }
}
