package dev.reflexloop.escalation.relay;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexThreads;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Delivers alerts through one channel, one after the other, on a thread of its own, so that a channel that hangs stops no other. An alert is tried
 * until it is delivered, refused or too old; its followers wait, because whatever holds it up would hold them up, too.
 */
final class ChannelWorker {
    private static final Logger LOG = LoggerFactory.getLogger(AlertRelay.class);
    private static final Duration LONGEST_PAUSE = Duration.ofHours(1);

    private final String name;
    private final RelayChannel channel;
    private final AlertRelay.Settings settings;
    private final Backlog backlog;
    private final Runnable onLast;
    private final PaceKeeper pace;
    private final BlockingQueue<Item> queue = new LinkedBlockingQueue<>();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder retried = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private final Thread thread;
    private final Object waiting = new Object();
    private @Nullable CompletableFuture<Void> wait;
    private boolean closing;
    private long closeAtNanos;
    private boolean failing;
    private volatile boolean stopped;

    /** An alert to deliver; none at the end of all work. */
    private record Item(Backlog.@Nullable Entry entry) {}

    /** @param onLast runs when no other channel has to deliver the alert any more */
    ChannelWorker(String name, RelayChannel channel, AlertRelay.Settings settings, Backlog backlog, Runnable onLast) {
        this.name = name;
        this.channel = channel;
        this.settings = settings;
        this.backlog = backlog;
        this.onLast = onLast;
        this.pace = new PaceKeeper(channel.pace());
        this.thread = ReflexThreads.create("reflex-relay-" + name, this::work);
    }

    void start() {
        thread.start();
    }

    /** Bounded by how many alerts the relay takes. */
    void add(Backlog.Entry entry) {
        queue.add(new Item(entry));
    }

    RelayStats.Channel stats() {
        return new RelayStats.Channel(delivered.sum(), retried.sum(), failed.sum());
    }

    private void work() {
        Backlog.Entry entry = null;
        while (true) {
            try {
                if (entry == null) {
                    entry = queue.take().entry();
                }
                if (entry == null || !deliver(entry)) {
                    return;
                }
                entry = null;
            } catch (InterruptedException interrupted) {
                if (stopped) {
                    return;
                }
            }
        }
    }

    /** Until the channel is done with it: true. False when the relay is closing and this would take longer. */
    private boolean deliver(Backlog.Entry entry) throws InterruptedException {
        int failures = 0;
        while (true) {
            if (!await(pace.waitNanos(settings.clock.nanos()))) {
                return false;
            }
            pace.attempted(settings.clock.nanos());
            Delivery delivery = attempt(entry);
            switch (delivery.result()) {
                case DELIVERED -> {
                    delivered.increment();
                    works();
                    finish(entry);
                    return true;
                }
                case REFUSED -> {
                    giveUp(entry, delivery.reason());
                    return true;
                }
                case RETRY -> {
                    if (isTooOld(entry)) {
                        giveUp(
                                entry,
                                "it waits for longer than " + settings.giveUpAfter + ", and " + delivery.reason());
                        return true;
                    }
                    retried.increment();
                    fails(delivery.reason());
                    if (!await(pauseNanos(failures++, delivery.pause()))) {
                        return false;
                    }
                }
            }
        }
    }

    private boolean isTooOld(Backlog.Entry entry) {
        Duration age = Duration.between(entry.since(), settings.clock.instant());
        return age.compareTo(settings.giveUpAfter) >= 0;
    }

    private Delivery attempt(Backlog.Entry entry) {
        try {
            Delivery delivery = channel.deliver(entry.alert(), Deadline.in(settings.timeout, settings.clock));
            return delivery != null ? delivery : Delivery.retry("it returned null; return a Delivery");
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            StackTraceElement[] trace = thrown.getStackTrace(); // the message is left out: it may hold a secret
            return Delivery.retry("it threw " + thrown.getClass().getName()
                    + (trace.length == 0 ? "" : " at " + trace[0]) + "; mend the channel");
        }
    }

    /** Twice as long with every failure, and somewhere in the upper half of it, so that many relays do not come back at once. */
    private long pauseNanos(int failures, Duration asked) {
        long first = settings.firstPause.toNanos();
        long longest = settings.longestPause.toNanos();
        long doubled = failures >= 62 || first > longest >> failures ? longest : first << failures;
        long own = (long) (doubled * (0.5 + 0.5 * settings.random.getAsDouble()));
        Duration bounded = asked.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : asked;
        return Math.max(own, bounded.toNanos());
    }

    private void giveUp(Backlog.Entry entry, String reason) {
        failed.increment();
        LOG.warn("Relay '{}' gave up alert '{}': {}", name, entry.alert().id(), reason);
        finish(entry);
    }

    private void finish(Backlog.Entry entry) {
        if (backlog.done(entry, name)) {
            onLast.run();
        }
    }

    private void fails(String reason) {
        if (failing) {
            LOG.debug("Relay '{}' still cannot deliver: {}", name, reason);
        } else {
            failing = true;
            LOG.warn("Relay '{}' cannot deliver: {}. It is tried again", name, reason);
        }
    }

    private void works() {
        if (failing) {
            failing = false;
            LOG.info("Relay '{}' delivers again", name);
        }
    }

    /** Waits on the relay's clock; false when the relay is closing and would not wait that long. */
    private boolean await(long nanos) throws InterruptedException {
        long until = settings.clock.nanos() + nanos;
        while (true) {
            CompletableFuture<Void> woken = new CompletableFuture<>();
            long left = until - settings.clock.nanos();
            synchronized (waiting) {
                if (closing && left > closeAtNanos - System.nanoTime()) {
                    return false;
                }
                if (left <= 0) {
                    return true;
                }
                wait = woken;
            }
            settings.clock.await(woken, until);
        }
    }

    /** Lets it deliver what it can until then. Called once nothing is added any more. */
    void finishBy(long nanoTime) {
        queue.add(new Item(null));
        synchronized (waiting) {
            closing = true;
            closeAtNanos = nanoTime;
            if (wait != null) {
                wait.complete(null);
            }
        }
    }

    /** Waits for its end until then. */
    boolean join(long nanoTime) throws InterruptedException {
        long millis = (nanoTime - System.nanoTime()) / 1_000_000;
        if (millis > 0) {
            thread.join(millis);
        }
        return !thread.isAlive();
    }

    /** Cuts short what it does. */
    void stop() {
        stopped = true;
        backlog.interrupt(thread);
        try {
            channel.close();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            LOG.warn("Relay '{}' did not close: {}", name, thrown.getClass().getName());
        }
    }
}
