package dev.reflexloop.console.dashboard;

import java.time.Instant;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The decisions of one loop in sums. One thread at a time. */
final class LoopTally {
    private static final int MOST_NAMES = 1_000;
    private static final String OTHERS = "others";

    final Map<String, Long> served = new TreeMap<>();
    final Map<String, Long> fallbackCauses = new TreeMap<>();
    final Map<String, Latencies> models = new TreeMap<>();
    final Latencies latencies = new Latencies();
    final Set<String> entities = new HashSet<>();
    long escalated;

    @Nullable
    Seen last;

    void add(Seen seen) {
        count(served, seen.served(), 1);
        if (seen.served().equals("FALLBACK")) {
            count(fallbackCauses, seen.because().orElse("?"), 1);
        }
        latencies.add(seen.latencyMicros());
        seen.model()
                .ifPresent(model -> models.computeIfAbsent(known(models, model), name -> new Latencies())
                        .add(seen.latencyMicros()));
        if (entities.size() < MOST_NAMES) {
            entities.add(seen.entity());
        }
        escalated += seen.escalated() ? 1 : 0;
        newer(seen);
    }

    void add(LoopTally other) {
        other.served.forEach((name, count) -> count(served, name, count));
        other.fallbackCauses.forEach((name, count) -> count(fallbackCauses, name, count));
        other.models.forEach((name, theirs) -> models.computeIfAbsent(known(models, name), unused -> new Latencies())
                .add(theirs));
        latencies.add(other.latencies);
        other.entities.stream().limit(MOST_NAMES - entities.size()).forEach(entities::add);
        escalated += other.escalated;
        if (other.last != null) {
            newer(other.last);
        }
    }

    private void newer(Seen seen) {
        if (last == null || !seen.at().isBefore(last.at())) {
            last = seen;
        }
    }

    boolean wasActiveSince(Instant time) {
        return last != null && last.at().isAfter(time);
    }

    private static void count(Map<String, Long> counts, String name, long more) {
        counts.merge(known(counts, name), more, Long::sum);
    }

    /** Names come from files; as many as there may be, they take no more room than this. */
    private static String known(Map<String, ?> names, String name) {
        return names.containsKey(name) || names.size() < MOST_NAMES ? name : OTHERS;
    }
}
