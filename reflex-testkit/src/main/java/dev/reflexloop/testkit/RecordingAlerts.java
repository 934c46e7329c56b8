package dev.reflexloop.testkit;

import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * An alert sink in memory that keeps all it was given, the same alert twice as well, so that a test sees what is raised too often.
 * Thread-safe; does not block but where it says so.
 */
public final class RecordingAlerts implements AlertSink {
    private final List<Alert> alerts = new ArrayList<>();
    private boolean closed;

    /** An empty sink. */
    public RecordingAlerts() {}

    @Override
    public synchronized void raise(Alert alert) {
        if (!closed) {
            alerts.add(alert);
            notifyAll();
        }
    }

    /**
     * What was raised.
     *
     * @return a copy, in order
     */
    public synchronized List<Alert> alerts() {
        return List.copyOf(alerts);
    }

    /**
     * Waits until so many alerts were raised; loops raise them on a thread of their own.
     *
     * @param count how many, since the start
     * @param timeout how long to wait at most
     * @return true if they were
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized boolean await(int count, Duration timeout) throws InterruptedException {
        return Monitors.await(this, () -> alerts.size() >= count, timeout);
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
