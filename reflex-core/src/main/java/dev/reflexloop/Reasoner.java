package dev.reflexloop;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reasoning stage of one loop: takes the newest perception from a mailbox of five, asks, and serves when the answer or the deadline
 * comes. At most one question is in flight.
 *
 * <p>Its monitor guards the mailbox and the phase, for some instructions at a time. It is never held while the loop decides: lock order is
 * this one alone, or the loop's turn alone.
 */
final class Reasoner {
    private static final Logger LOG = LoggerFactory.getLogger(Reasoner.class);
    static final int CAPACITY = 5;

    /** Hears of what the reasoning stage does, on the thread that did it. */
    interface Listener {
        Listener NONE = (tick, intent, beganNanos) -> {};

        void reasoned(Tick tick, Intent intent, long beganNanos);
    }

    private final DefaultReflexLoop loop;
    private final ReflexClock clock;
    private final long throttleNanos;
    private final List<Perception> mailbox = new ArrayList<>(CAPACITY);
    private boolean busy;
    private boolean wakeUpComing;
    private boolean everAsked;
    private boolean closed;
    private long askedNanos;
    private @Nullable Tick inFlight;
    private @Nullable Future<?> deadline;
    private @Nullable Driver driver;
    private @Nullable Driver ownDriver;
    private volatile Listener listener = Listener.NONE;

    Reasoner(DefaultReflexLoop loop, ReflexClock clock, long throttleNanos) {
        this.loop = loop;
        this.clock = clock;
        this.throttleNanos = throttleNanos;
    }

    /** Puts the stage on a runner's threads. */
    synchronized void drivenBy(Driver threads, Listener hears) {
        this.driver = threads;
        this.listener = hears;
    }

    /** Takes the stage off a runner's threads and ends what is in flight. */
    void release() {
        Tick cut;
        synchronized (this) {
            driver = null;
            listener = Listener.NONE;
            cut = takeInFlight(inFlight);
        }
        if (cut != null) {
            loop.finish(cut, Cause.CLOSED);
            rest();
        }
    }

    boolean offer(Perception perception) {
        Driver threads = put(perception);
        if (threads == null) {
            return false;
        }
        threads.execute(this::think);
        return true;
    }

    /** The same for a caller that is a worker thread of the driver already. */
    void offerAndThink(Perception perception) {
        if (put(perception) != null) {
            think();
        }
    }

    private @Nullable Driver put(Perception perception) {
        boolean urgent = perception.urgency() == Urgency.URGENT;
        Tick overtaken = null;
        Driver threads;
        synchronized (this) {
            if (closed) {
                return null;
            }
            if (mailbox.size() == CAPACITY) {
                mailbox.remove(firstDroppable());
                loop.counters().dropped("perception", 1);
            }
            mailbox.add(perception);
            if (urgent && inFlight != null && inFlight.perception.urgency() != Urgency.URGENT) {
                overtaken = takeInFlight(inFlight);
                busy = false;
            }
            threads = driver();
        }
        giveUp(overtaken);
        return threads;
    }

    private int firstDroppable() {
        for (int i = 0; i < mailbox.size(); i++) {
            if (mailbox.get(i).urgency() != Urgency.URGENT) {
                return i;
            }
        }
        return 0;
    }

    private void giveUp(@Nullable Tick overtaken) {
        if (overtaken != null && loop.abandon(overtaken)) {
            loop.counters().preempted.increment();
        }
    }

    private Driver driver() {
        if (driver != null) {
            return driver;
        }
        if (ownDriver == null) {
            ownDriver = new Driver("reflex-loop", 1);
            if (closed) {
                ownDriver.shutdown(); // takes nothing, so that no thread outlives the loop
            }
        }
        return ownDriver;
    }

    /** Looks at what is in the mailbox for as long as decisions come at once. */
    private void think() {
        try {
            Perception next = takeNext();
            while (next != null) {
                long began = clock.nanos();
                Tick tick = loop.begin(next);
                if (tick.decision == null) {
                    await(tick, began);
                    return;
                }
                tell(tick, began);
                rest();
                next = takeNext();
            }
        } catch (RuntimeException defect) {
            rest();
            LOG.error("The reasoning stage failed on a defect of its own; it goes on with the next perception", defect);
        }
    }

    private synchronized @Nullable Perception takeNext() {
        if (busy || closed || mailbox.isEmpty()) {
            return null;
        }
        int chosen = mailbox.size() - 1;
        for (int i = chosen; i >= 0; i--) {
            if (mailbox.get(i).urgency() == Urgency.URGENT) {
                chosen = i;
                break;
            }
        }
        Perception next = mailbox.get(chosen);
        long now = clock.nanos();
        long wait = waitNanos(now);
        if (wait > 0 && next.urgency() != Urgency.URGENT) {
            if (!wakeUpComing) {
                wakeUpComing = true;
                driver().later(this::wakeUp, wait);
            }
            return null;
        }
        loop.counters().superseded.add(chosen);
        mailbox.subList(0, chosen + 1).clear();
        busy = true;
        everAsked = true;
        askedNanos = now;
        return next;
    }

    synchronized boolean hasMail() {
        return !mailbox.isEmpty();
    }

    /** How long a perception that is not urgent would have to wait for the throttle; zero or less if it would not. */
    synchronized long waitNanos() {
        return waitNanos(clock.nanos());
    }

    private long waitNanos(long now) {
        return everAsked ? throttleNanos - (now - askedNanos) : 0;
    }

    private void wakeUp() {
        synchronized (this) {
            wakeUpComing = false;
        }
        think();
    }

    private void await(Tick tick, long began) {
        CompletableFuture<Answer> call = Objects.requireNonNull(tick.call);
        Driver threads;
        Tick overtaken = null;
        boolean cut;
        synchronized (this) {
            cut = closed;
            inFlight = cut ? null : tick;
            threads = driver();
            deadline = cut ? null : threads.atDeadline(() -> serve(tick, began), tick.cutoffNanos - clock.nanos());
            if (!cut
                    && tick.perception.urgency() != Urgency.URGENT
                    && mailbox.stream().anyMatch(each -> each.urgency() == Urgency.URGENT)) {
                overtaken = takeInFlight(tick);
                busy = false;
            }
        }
        if (cut) {
            loop.finish(tick, Cause.CLOSED);
        } else if (overtaken != null) {
            giveUp(overtaken);
            threads.execute(this::think);
        } else {
            call.whenComplete((answer, failure) -> threads.execute(() -> serve(tick, began)));
        }
    }

    /**
     * Takes the question out of flight; null if it is not the one in flight any more. Called under the monitor. The stage stays busy until
     * the question was served, so that no later one is served before it.
     */
    private @Nullable Tick takeInFlight(@Nullable Tick tick) {
        if (tick == null || inFlight != tick) {
            return null;
        }
        inFlight = null;
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
        return tick;
    }

    private void serve(Tick tick, long began) {
        Tick mine;
        Driver threads;
        synchronized (this) {
            mine = takeInFlight(tick);
            threads = driver();
        }
        if (mine != null) {
            loop.finish(mine, Cause.DEADLINE);
            tell(mine, began);
            rest();
            threads.execute(
                    this::think); // not here: this may be the deadline thread, which runs no users' code but to serve
        }
    }

    private void tell(Tick tick, long began) {
        Intent intent = tick.intent;
        if (intent != null) {
            listener.reasoned(tick, intent, began);
        }
    }

    private synchronized void rest() {
        busy = false;
    }

    void close() {
        Tick cut;
        Driver own;
        synchronized (this) {
            closed = true;
            mailbox.clear();
            cut = takeInFlight(inFlight);
            own = ownDriver;
        }
        if (cut != null) {
            loop.finish(cut, Cause.CLOSED);
        }
        if (own != null) {
            own.shutdown();
        }
    }
}
