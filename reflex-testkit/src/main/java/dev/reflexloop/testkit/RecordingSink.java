package dev.reflexloop.testkit;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An escalation sink in memory that accepts everything until it is closed. Thread-safe; does not block but where it says so. */
public final class RecordingSink implements EscalationSink {
    private final List<Escalation> escalations = new ArrayList<>();
    private boolean closed;

    /** An empty sink. */
    public RecordingSink() {}

    @Override
    public synchronized Receipt submit(Escalation escalation) {
        if (closed) {
            return Receipt.REJECTED;
        }
        escalations.add(escalation);
        notifyAll();
        return Receipt.ACCEPTED;
    }

    /**
     * What was submitted.
     *
     * @return a copy, in order
     */
    public synchronized List<Escalation> escalations() {
        return List.copyOf(escalations);
    }

    /**
     * Waits until so many situations were submitted; loops call a sink from a thread of their own.
     *
     * @param count how many, since the start
     * @param timeout how long to wait at most
     * @return true if they were
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized boolean await(int count, Duration timeout) throws InterruptedException {
        return Monitors.await(this, () -> escalations.size() >= count, timeout);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
