package dev.reflexloop.escalation.relay;

/** Keeps the moments of the last attempts, and so knows when the next one is allowed. Confined to one thread. */
final class PaceKeeper {
    private final long[] moments;
    private final long perNanos;
    private long attempts;

    PaceKeeper(Pace pace) {
        this.moments = new long[pace.attempts()];
        this.perNanos = pace.per().toNanos();
    }

    /** How long from now until an attempt is allowed; 0 or less when it is. */
    long waitNanos(long now) {
        return attempts < moments.length ? 0 : moments[next()] + perNanos - now;
    }

    void attempted(long now) {
        moments[next()] = now;
        attempts++;
    }

    private int next() {
        return (int) (attempts % moments.length);
    }
}
