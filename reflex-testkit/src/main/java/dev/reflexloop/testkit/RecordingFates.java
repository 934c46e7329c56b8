package dev.reflexloop.testkit;

import dev.reflexloop.Guidance;
import dev.reflexloop.GuidanceListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A guidance listener that remembers what became of guidance. Thread-safe; does not block but where it says so. */
public final class RecordingFates implements GuidanceListener {

    /**
     * What became of one guidance.
     *
     * @param guidance its id
     * @param fate its fate
     */
    public record Ended(String guidance, Guidance.Fate fate) {}

    private final List<Ended> ended = new ArrayList<>();

    /** Has heard of none. */
    public RecordingFates() {}

    @Override
    public synchronized void ended(Guidance guidance, Guidance.Fate fate) {
        ended.add(new Ended(guidance.id(), fate));
        notifyAll();
    }

    /**
     * What was heard.
     *
     * @return a copy, in order
     */
    public synchronized List<Ended> all() {
        return List.copyOf(ended);
    }

    /**
     * Waits until so many fates were heard of; loops tell of them on a thread of their own.
     *
     * @param count how many, since the start
     * @param timeout how long to wait at most
     * @return true if they were
     * @throws InterruptedException if the thread was interrupted
     */
    public synchronized boolean await(int count, Duration timeout) throws InterruptedException {
        return Monitors.await(this, () -> ended.size() >= count, timeout);
    }
}
