package dev.reflexloop;

/** At most so many events within any one minute. One thread at a time. */
final class SlidingWindow {
    private static final long MINUTE_NANOS = 60_000_000_000L;

    private final long[] times;
    private int next;
    private int count;

    SlidingWindow(int perMinute) {
        this.times = new long[perMinute];
    }

    boolean isFull(long nowNanos) {
        return count == times.length && nowNanos - times[next] < MINUTE_NANOS;
    }

    void add(long nowNanos) {
        times[next] = nowNanos;
        next = (next + 1) % times.length;
        count = Math.min(times.length, count + 1);
    }
}
