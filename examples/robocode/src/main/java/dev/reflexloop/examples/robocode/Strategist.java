package dev.reflexloop.examples.robocode;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Guidance;
import dev.reflexloop.ReflexLoop;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The slower mind of the hand-over benchmark: the hand-written rule, which answers every situation that it is given at once. Thread-safe. */
final class Strategist implements EscalationSink {
    private static final Duration LEASE = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Semaphore answers = new Semaphore(0);
    private volatile @Nullable ReflexLoop loop;

    /** Says who gets the answers; before the first decision. */
    void advises(ReflexLoop reflex) {
        loop = reflex;
    }

    @Override
    public Receipt submit(Escalation escalation) {
        ReflexLoop asking = loop;
        if (asking == null) {
            return Receipt.REJECTED;
        }
        String wanted = Rule.choose(Situation.of(escalation.perception())).label();
        escalation.situation().options().stream()
                .filter(option -> option.action().equals(wanted))
                .map(option -> Guidance.answer(escalation.id() + "-answer", escalation, option, LEASE))
                .forEach(asking::guide);
        answers.release();
        return Receipt.ACCEPTED;
    }

    @Override
    public void close() {
        loop = null;
    }

    /** Waits for the answer to one escalation. */
    void await() {
        try {
            if (!answers.tryAcquire(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("what the loop handed over did not reach the strategist within "
                        + PATIENCE + "; see the log for what the loop's background thread met");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
