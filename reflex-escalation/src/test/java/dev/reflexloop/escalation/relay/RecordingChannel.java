package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Keeps what it is asked to deliver, and says what the test wants; else that it was delivered. */
final class RecordingChannel implements RelayChannel {
    private final BlockingQueue<Alert> attempts = new LinkedBlockingQueue<>();
    private final Queue<Supplier<Delivery>> says = new ConcurrentLinkedQueue<>();
    private final Pace pace;
    volatile boolean closed;

    RecordingChannel() {
        this(new Pace(1_000, Duration.ofNanos(1)));
    }

    RecordingChannel(Pace pace) {
        this.pace = pace;
    }

    RecordingChannel says(Delivery... deliveries) {
        for (Delivery each : deliveries) {
            says.add(() -> each);
        }
        return this;
    }

    RecordingChannel does(Supplier<Delivery> what) {
        says.add(what);
        return this;
    }

    @Override
    public Delivery deliver(Alert alert, Deadline deadline) {
        Supplier<Delivery> next = says.poll();
        attempts.add(alert);
        return next == null ? Delivery.delivered() : next.get();
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public void close() {
        closed = true;
    }

    Alert take() {
        try {
            Alert alert = attempts.poll(20, TimeUnit.SECONDS);
            if (alert == null) {
                throw new AssertionError("nothing was delivered in 20 s");
            }
            return alert;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** The ids of what it was asked to deliver and nobody took. */
    List<String> ids() {
        List<Alert> left = new ArrayList<>();
        attempts.drainTo(left);
        return left.stream().map(Alert::id).toList();
    }
}
