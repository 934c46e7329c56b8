package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One model of a pool, with its load and its health. Guarded by the pool's lock, but for what it says otherwise of. */
final class PoolMember {
    private static final Logger LOG = LoggerFactory.getLogger(ModelPool.class);
    private static final int OUT_AFTER = 3;

    private final int index;
    private final String pool;
    private final ReflexModel model;
    private final long firstPauseNanos;
    private final long longestPauseNanos;
    private final Notices.Subject notices;
    private final AtomicInteger inFlight = new AtomicInteger();

    private boolean out;
    private int failuresInARow;
    private long asked;
    private long failures;
    private long pauseNanos;
    private long retryNanos;
    private boolean probeComing;
    private @Nullable CompletableFuture<Answer> probe;
    private @Nullable Deadline probeDeadline;

    PoolMember(
            int index, String pool, ReflexModel model, long firstPauseNanos, long longestPauseNanos, Notices notices) {
        this.index = index;
        this.pool = pool;
        this.model = Decorator.guard(new Counted(model, inFlight));
        this.firstPauseNanos = firstPauseNanos;
        this.longestPauseNanos = longestPauseNanos;
        this.notices = notices.subject();
        this.pauseNanos = firstPauseNanos;
    }

    int index() {
        return index;
    }

    /** The guarded model. Immutable. */
    ReflexModel model() {
        return model;
    }

    /** Calls that the model has not ended. Needs no lock. */
    int inFlight() {
        return inFlight.get();
    }

    /** Asks the model. Never under the lock. */
    CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return model.ask(question, deadline);
    }

    boolean isOut() {
        return out;
    }

    /** Whether one that is left out may be tried again. */
    boolean isDue(long now) {
        return !probeComing && (probe == null || probe.isDone()) && now - retryNanos >= 0;
    }

    void chosen() {
        asked++;
    }

    /** It is being tried: nobody else tries it for a pause. */
    void probing(long now) {
        asked++;
        retryNanos = now + pauseNanos;
    }

    /** The same for a probe beside a question: no other one begins before {@link #probe} was called. */
    void beginProbe(long now) {
        probing(now);
        probeComing = true;
    }

    /** Remembers a probe that nobody waits for, unless it has ended already. */
    void probe(CompletableFuture<Answer> answer, Deadline deadline) {
        probeComing = false;
        if (!answer.isDone()) {
            probe = answer;
            probeDeadline = deadline;
        }
    }

    boolean isProbeOverdue() {
        return probe != null && probeDeadline != null && probeDeadline.expired();
    }

    /** Forgets the probe; the caller cancels it, without the lock. Null if there is none. */
    @Nullable
    CompletableFuture<Answer> takeProbe() {
        CompletableFuture<Answer> taken = probe;
        probe = null;
        probeDeadline = null;
        return taken;
    }

    void answered() {
        failuresInARow = 0;
        pauseNanos = firstPauseNanos;
        if (out) {
            out = false;
            notices.back(() -> LOG.info("Member '{}' of {} is back", model.id(), pool));
        }
    }

    void failed(long now, String reason) {
        failures++;
        failuresInARow++;
        if (out || failuresInARow >= OUT_AFTER) {
            leaveOut(now, reason);
        }
    }

    void lost(long now, String reason) {
        failures++;
        failuresInARow++;
        leaveOut(now, reason);
    }

    private void leaveOut(long now, String reason) {
        if (out) {
            pauseNanos = Math.min(longestPauseNanos, pauseNanos * 2);
        } else {
            out = true;
            notices.lost(
                    now,
                    () -> LOG.warn(
                            "Member '{}' of {} is left out and probed from time to time: {}",
                            model.id(),
                            pool,
                            reason));
        }
        retryNanos = now + pauseNanos;
    }

    ModelPool.MemberStatus status() {
        return new ModelPool.MemberStatus(model.id(), out, inFlight.get(), asked, failures);
    }

    /** Counts the calls by the ends of the model's own futures: a call that was cancelled may still be worked on. */
    private static final class Counted extends Forwarding {
        private final AtomicInteger inFlight;

        Counted(ReflexModel model, AtomicInteger inFlight) {
            super(model);
            this.inFlight = inFlight;
        }

        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            inFlight.incrementAndGet();
            boolean counted = false;
            try {
                CompletableFuture<Answer> call = inner().ask(question, deadline);
                if (call != null) {
                    call.whenComplete((answer, failure) -> inFlight.decrementAndGet());
                    counted = true;
                }
                return call;
            } finally {
                if (!counted) {
                    inFlight.decrementAndGet();
                }
            }
        }
    }
}
