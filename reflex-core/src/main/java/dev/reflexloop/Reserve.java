package dev.reflexloop;

/**
 * How long before the deadline waiting ends, so that serving the fallback is still in time. It follows the machine: when a wait ended later
 * than it was meant to, because of a busy scheduler or a collector of garbage, the next ones end so much earlier; with every wait that ends
 * well the reserve sinks back, by half in about 180 of them. Changed in the loop's turn only; read from anywhere.
 */
final class Reserve {
    private static final long LEAST_NANOS = 200_000;
    private static final long MOST_AT_START_NANOS = 4_000_000;
    private static final int SHARE_AT_START = 20;
    private static final int LARGEST_SHARE = 8;
    private static final int MARGIN_SHARE = 4;
    private static final int SINKING_SHARE = 256;

    private final long least;
    private final long most;
    private volatile long nanos;

    Reserve(long budgetNanos) {
        least = Math.min(
                budgetNanos / 2, Math.max(LEAST_NANOS, Math.min(MOST_AT_START_NANOS, budgetNanos / SHARE_AT_START)));
        most = Math.max(least, budgetNanos / LARGEST_SHARE);
        nanos = least;
    }

    long nanos() {
        return nanos;
    }

    /** A wait ended without an answer, so long after the moment at which it was meant to. */
    void overslept(long byNanos) {
        long wanted = Math.min(most, byNanos + byNanos / MARGIN_SHARE);
        nanos = Math.max(wanted, nanos - (nanos - least) / SINKING_SHARE);
    }
}
