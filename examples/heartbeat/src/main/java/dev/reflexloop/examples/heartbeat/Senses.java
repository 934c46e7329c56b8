package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Looks through all probes at once, and no longer than its patience: a probe that has not answered by then has timed out, which is a fact
 * like any other. One thread at a time.
 */
final class Senses {
    private static final int MOST_WORDS = 200;

    private final List<Eye> eyes = new ArrayList<>();
    private final long patienceNanos;
    private final ReflexClock clock;

    /**
     * Senses.
     *
     * @param probes the probes, in the order of their facts
     * @param patience how long a look takes at most
     * @param clock the clock to wait by
     * @param threads one for each probe is enough
     */
    Senses(List<Probe> probes, Duration patience, ReflexClock clock, Executor threads) {
        probes.forEach(probe -> eyes.add(new Eye(probe, new Aside<>(threads))));
        this.patienceNanos = patience.toNanos();
        this.clock = clock;
    }

    /** A probe, and the look that is under way. */
    private static final class Eye {
        private final Probe probe;
        private final Aside<Map<String, Fact>> looking;
        private CompletableFuture<Map<String, Fact>> look = CompletableFuture.completedFuture(Map.of());
        private long beganNanos;
        private boolean hangs;

        Eye(Probe probe, Aside<Map<String, Fact>> looking) {
            this.probe = probe;
            this.looking = looking;
        }

        void open(long nowNanos) {
            Optional<CompletableFuture<Map<String, Fact>>> begun = looking.begin(probe::look);
            hangs = begun.isEmpty();
            if (begun.isPresent()) {
                look = begun.get();
                beganNanos = nowNanos;
            }
        }

        Map<String, Fact> seen(long nowNanos) {
            if (hangs || !look.isDone()) {
                looking.interrupt();
                return Map.of(Probe.STATE, Fact.of(Probe.TIMED_OUT), "hanging_s", Fact.of((double)
                        TimeUnit.NANOSECONDS.toSeconds(nowNanos - beganNanos)));
            }
            try {
                return look.join();
            } catch (CompletionException failure) {
                String words = String.valueOf(failure.getCause());
                return Map.of(
                        Probe.STATE,
                        Fact.of(Probe.FAILED),
                        "problem",
                        Fact.of(words.substring(0, Math.min(MOST_WORDS, words.length()))));
            }
        }
    }

    /**
     * Looks. Blocks, at most for the patience.
     *
     * @return the facts of all probes, each with its probe's name and a dot in front
     * @throws InterruptedException if the thread was interrupted
     */
    Map<String, Fact> look() throws InterruptedException {
        long untilNanos = clock.nanos() + patienceNanos;
        for (Eye eye : eyes) {
            eye.open(clock.nanos());
        }
        for (Eye eye : eyes) {
            if (!eye.hangs) { // it was waited for before
                clock.await(eye.look, untilNanos);
            }
        }
        Map<String, Fact> facts = new LinkedHashMap<>();
        for (Eye eye : eyes) {
            Map<String, Fact> seen = eye.seen(clock.nanos());
            List<String> names = new ArrayList<>(seen.keySet());
            names.sort((one, other) -> Boolean.compare(other.equals(Probe.STATE), one.equals(Probe.STATE)));
            names.forEach(name -> facts.put(eye.probe.name() + '.' + name, seen.get(name)));
        }
        return facts;
    }
}
