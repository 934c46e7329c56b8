package dev.reflexloop;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a loop whose outcome is not known yet, oldest first. Thread-safe: games report outcomes from any thread. The lock is held
 * for map operations only.
 */
final class OpenSteps {
    private record Open(Decision decision, long openedNanos) {}

    private final int capacity;
    private final long timeoutNanos;
    private final Map<String, Open> open = new LinkedHashMap<>();
    private long opened;
    private long byGame;
    private long byTimeout;
    private long byShutdown;
    private long unknown;
    private boolean shut;

    OpenSteps(int capacity, long timeoutNanos) {
        this.capacity = capacity;
        this.timeoutNanos = timeoutNanos;
    }

    /**
     * Opens a step; the oldest ones are closed by time-out when there are too many, and it is closed itself after the shutdown. Returns what
     * was closed by that.
     */
    synchronized List<Experience> open(Decision decision, long nowNanos, Instant at) {
        opened++;
        if (shut) {
            byShutdown++;
            return with(List.of(), decision, Outcome.ClosedBy.SHUTDOWN, at);
        }
        open.put(decision.id(), new Open(decision, nowNanos));
        return open.size() > capacity ? expire(nowNanos, at, capacity) : List.of();
    }

    /** Closes a step by the game; null if it is not open. */
    synchronized @Nullable Experience close(Outcome outcome) {
        Open found = open.remove(outcome.step());
        if (found == null) {
            unknown++;
            return null;
        }
        byGame++;
        return new Experience(found.decision(), outcome);
    }

    /** Closes what has waited too long. */
    synchronized List<Experience> expire(long nowNanos, Instant at) {
        return open.isEmpty() ? List.of() : expire(nowNanos, at, capacity);
    }

    private List<Experience> expire(long nowNanos, Instant at, int keep) {
        List<Experience> closed = List.of();
        Iterator<Open> oldestFirst = open.values().iterator();
        while (oldestFirst.hasNext()) {
            Open each = oldestFirst.next();
            if (nowNanos - each.openedNanos() < timeoutNanos && open.size() <= keep) {
                break;
            }
            oldestFirst.remove();
            byTimeout++;
            closed = with(closed, each.decision(), Outcome.ClosedBy.TIMEOUT, at);
        }
        return closed;
    }

    /** Closes everything, now and from now on. */
    synchronized List<Experience> shutdown(Instant at) {
        shut = true;
        List<Experience> closed = List.of();
        for (Open each : open.values()) {
            byShutdown++;
            closed = with(closed, each.decision(), Outcome.ClosedBy.SHUTDOWN, at);
        }
        open.clear();
        return closed;
    }

    private static List<Experience> with(
            List<Experience> closed, Decision decision, Outcome.ClosedBy closedBy, Instant at) {
        List<Experience> grown = closed.isEmpty() ? new ArrayList<>() : closed;
        grown.add(new Experience(decision, new Outcome(decision.id(), 0, Optional.empty(), List.of(), closedBy, at)));
        return grown;
    }

    /** The decisions of those that are open. */
    synchronized List<Decision> decisions() {
        return open.values().stream().map(Open::decision).toList();
    }

    synchronized LoopStats.Closure closure() {
        return new LoopStats.Closure(opened, byGame, byTimeout, byShutdown, open.size(), unknown);
    }
}
