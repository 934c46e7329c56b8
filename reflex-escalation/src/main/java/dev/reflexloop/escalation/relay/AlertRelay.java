package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.DoubleSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Passes alerts on through any number of channels: each alert once by its id, in order, at each channel's pace, repeated until it arrives.
 *
 * <pre>{@code
 * AlertRelay relay = AlertRelay.builder()
 *         .channel("discord", RelayChannel.discord(Secret.fromEnvironment("DISCORD_WEBHOOK")))
 *         .channel("log", RelayChannel.log())
 *         .spool(Path.of("spool"))
 *         .build();
 * }</pre>
 *
 * <p>Thread-safe. {@link #raise} only puts the alert into a queue, for any thread and any tick. A thread of the relay's own stores what is queued
 * in the spool and hands it to the channels, each of which has a thread of its own. An alert is acknowledged when it is in the spool and forced to
 * the disk; acknowledged alerts are delivered at least once, by this process or by the next one with the same spool and channel names. What was
 * raised and not yet acknowledged - the last milliseconds - dies with the process. Without a spool, and while the disk does not take it, everything
 * that waits does.
 *
 * <p>An alert that a channel refuses, or could not deliver within a day, is given up. When 1,000 alerts wait, new ones are dropped. Ids are
 * remembered for the last 10,000 alerts. Longer texts than 8,192 characters are cut, and so are ids and missions over 256.
 */
public final class AlertRelay implements AlertSink {
    private static final Logger LOG = LoggerFactory.getLogger(AlertRelay.class);
    private static final int LONGEST_TEXT = 8_192;
    private static final int LONGEST_NAME = 256;
    private static final long MEND_NANOS = 1_000_000_000;
    private static final long STOP_NANOS = 1_000_000_000;

    /** What the workers need to know. */
    static final class Settings {
        final ReflexClock clock;
        final DoubleSupplier random;
        final Duration timeout;
        final Duration firstPause;
        final Duration longestPause;
        final Duration giveUpAfter;

        Settings(Builder builder) {
            this.clock = builder.clock;
            this.random = builder.random;
            this.timeout = builder.timeout;
            this.firstPause = builder.firstPause;
            this.longestPause = builder.longestPause;
            this.giveUpAfter = builder.giveUpAfter;
        }
    }

    private final int capacity;
    private final Duration closeWithin;
    private final Backlog backlog;
    private final Map<String, ChannelWorker> workers = new LinkedHashMap<>();
    private final Queue<Alert> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final LongAdder raised = new LongAdder();
    private final LongAdder duplicates = new LongAdder();
    private final LongAdder dropped = new LongAdder();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final Thread thread;
    private volatile boolean closing;

    private AlertRelay(Builder builder) {
        Settings settings = new Settings(builder);
        this.capacity = builder.capacity;
        this.closeWithin = builder.closeWithin;
        this.backlog = new Backlog(
                builder.spool.map(SpoolFile::open).orElse(null), List.copyOf(builder.channels.keySet()), builder.clock);
        waiting.set(backlog.waiting());
        builder.channels.forEach((name, channel) ->
                workers.put(name, new ChannelWorker(name, channel, settings, backlog, waiting::decrementAndGet)));
        workers.forEach((name, worker) -> backlog.waitingFor(name).forEach(worker::add));
        this.thread = ReflexThreads.create("reflex-relay", this::pass);
        thread.start();
        workers.values().forEach(ChannelWorker::start);
    }

    /**
     * Starts a relay.
     *
     * @return a builder, one thread at a time
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Puts an alert into the queue; never blocks, and never fails for what the alert holds. When the relay is full or closed, the alert is dropped
     * and counted.
     */
    @Override
    public void raise(Alert alert) {
        Objects.requireNonNull(alert, "alert");
        raised.increment();
        if (closing) {
            dropped.increment();
            return;
        }
        if (waiting.incrementAndGet() > capacity) {
            waiting.decrementAndGet();
            dropped.increment();
            return;
        }
        Alert bounded = bounded(alert);
        queue.add(bounded);
        LockSupport.unpark(thread);
        if (closing && !thread.isAlive() && queue.remove(bounded)) { // the relay was closed while this alert came
            lose();
        }
    }

    private static Alert bounded(Alert alert) {
        if (alert.text().length() <= LONGEST_TEXT
                && alert.mission().length() <= LONGEST_NAME
                && alert.id().length() <= LONGEST_NAME) {
            return alert;
        }
        String id = alert.id();
        String shortId = id.length() <= LONGEST_NAME
                ? id
                : cut(id, LONGEST_NAME - 20) + "#" + Integer.toHexString(id.hashCode()) + "-" + id.length();
        return new Alert(
                shortId,
                alert.level(),
                cut(alert.mission(), LONGEST_NAME),
                cut(alert.text(), LONGEST_TEXT),
                alert.at());
    }

    private static String cut(String text, int most) {
        return text.length() <= most ? text : text.substring(0, most);
    }

    /** The relay's thread. */
    private void pass() {
        while (true) {
            boolean last = closing;
            List<Alert> batch = new ArrayList<>();
            for (Alert alert = queue.poll(); alert != null; alert = queue.poll()) {
                batch.add(alert);
            }
            if (!batch.isEmpty()) {
                admit(batch);
            } else if (last) {
                return;
            } else if (backlog.isBroken()) {
                LockSupport.parkNanos(this, MEND_NANOS);
                backlog.mend();
            } else {
                LockSupport.park(this);
            }
            Thread.interrupted(); // somebody else's interrupt would keep it from parking, and close the spool
        }
    }

    private void admit(List<Alert> batch) {
        List<Backlog.Entry> fresh = backlog.admit(batch);
        int known = batch.size() - fresh.size();
        duplicates.add(known);
        waiting.addAndGet(-known);
        for (Backlog.Entry entry : fresh) {
            workers.values().forEach(worker -> worker.add(entry));
        }
    }

    private void lose() {
        waiting.decrementAndGet();
        dropped.increment();
    }

    /**
     * What the relay has done so far.
     *
     * @return the counts
     */
    public RelayStats stats() {
        Map<String, RelayStats.Channel> channels = new LinkedHashMap<>();
        workers.forEach((name, worker) -> channels.put(name, worker.stats()));
        return new RelayStats(
                raised.sum(), backlog.acknowledged(), duplicates.sum(), dropped.sum(), waiting.get(), channels);
    }

    /**
     * Stores what is queued, lets the channels deliver what they can at once, at most for the time that {@link Builder#closeWithin} gives, then cuts
     * them short and closes them. What is left waits in the spool for the next relay; without a spool, or with one that cannot be written, it is dropped. Blocks until that is done;
     * called again it returns at once.
     */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closing = true;
        long end = System.nanoTime() + closeWithin.toNanos();
        LockSupport.unpark(thread);
        boolean interrupted = false;
        try {
            thread.join(Math.max(1, closeWithin.toMillis()));
            workers.values().forEach(worker -> worker.finishBy(end));
            for (ChannelWorker worker : workers.values()) {
                worker.join(end);
            }
        } catch (InterruptedException hurried) {
            interrupted = true;
        }
        workers.values().forEach(ChannelWorker::stop);
        try {
            for (Map.Entry<String, ChannelWorker> each : workers.entrySet()) {
                if (!each.getValue().join(System.nanoTime() + STOP_NANOS)) {
                    LOG.warn("Relay '{}' still hangs in its channel; its thread is left behind", each.getKey());
                }
            }
        } catch (InterruptedException hurried) {
            interrupted = true;
        }
        backlog.mend();
        backlog.close();
        while (!thread.isAlive() && queue.poll() != null) { // raised in the moment in which the thread ended
            lose();
        }
        for (int left = backlog.unsafe(); left > 0; left--) {
            lose();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Collects a relay's channels and options. One thread at a time. */
    public static final class Builder {
        private static final String NAME = "[A-Za-z0-9._-]{1,64}";

        private final Map<String, RelayChannel> channels = new LinkedHashMap<>();
        private Optional<Path> spool = Optional.empty();
        private int capacity = 1_000;
        private Duration timeout = Duration.ofSeconds(10);
        private Duration firstPause = Duration.ofSeconds(1);
        private Duration longestPause = Duration.ofMinutes(5);
        private Duration giveUpAfter = Duration.ofDays(1);
        private Duration closeWithin = Duration.ofSeconds(5);
        private ReflexClock clock = ReflexClock.system();
        private DoubleSupplier random = () -> ThreadLocalRandom.current().nextDouble();

        private Builder() {}

        /**
         * Adds a channel. The relay closes it.
         *
         * @param name its name in the spool, in logs and counts; keep it, or what waits for it in the spool is never delivered
         * @param channel the channel
         * @return this builder
         */
        public Builder channel(String name, RelayChannel channel) {
            if (!name.matches(NAME)) {
                throw new IllegalArgumentException("name of a relay's channel is '" + name
                        + "'; give 1 to 64 letters, digits, dots, hyphens or underscores");
            }
            if (channels.putIfAbsent(name, Objects.requireNonNull(channel, "channel " + name)) != null) {
                throw new IllegalArgumentException(
                        "there are two channels named '" + name + "'; give each its own name");
            }
            return this;
        }

        /**
         * Keeps what waits in a folder, so that it survives this process. One relay at a time may use it. Default: none.
         *
         * @param folder a folder of the relay's own; created when it is missing
         * @return this builder
         */
        public Builder spool(Path folder) {
            this.spool = Optional.of(folder);
            return this;
        }

        /**
         * Bounds the alerts that wait for any channel; what is raised beyond it is dropped and counted. Default: 1,000.
         *
         * @param alerts 1 or more
         * @return this builder
         */
        public Builder capacity(int alerts) {
            if (alerts < 1) {
                throw new IllegalArgumentException("capacity of a relay is " + alerts + "; give 1 or more");
            }
            this.capacity = alerts;
            return this;
        }

        /**
         * Bounds one attempt. Default: 10 seconds.
         *
         * @param timeout above zero
         * @return this builder
         */
        public Builder timeout(Duration timeout) {
            this.timeout = positive(timeout, "time-out");
            return this;
        }

        /**
         * Sets how long a channel rests after a failed attempt: the first pause, doubled with every further failure of the same alert up to the
         * longest, less up to half of it at random; or as long as the other side asks for, if that is longer. Default: 1 second to 5 minutes.
         *
         * @param first above zero
         * @param longest at least as long as the first
         * @return this builder
         */
        public Builder pauses(Duration first, Duration longest) {
            this.firstPause = positive(first, "first pause");
            if (longest.compareTo(first) < 0) {
                throw new IllegalArgumentException(
                        "longest pause of a relay is " + longest + ", shorter than the first, " + first);
            }
            this.longestPause = longest;
            return this;
        }

        /**
         * Sets after how long an alert that a channel could not deliver is given up. Default: a day.
         *
         * @param age above zero
         * @return this builder
         */
        public Builder giveUpAfter(Duration age) {
            this.giveUpAfter = positive(age, "age at which alerts are given up");
            return this;
        }

        /**
         * Bounds how long {@link AlertRelay#close()} lets the channels deliver what waits. Default: 5 seconds.
         *
         * @param time zero or more
         * @return this builder
         */
        public Builder closeWithin(Duration time) {
            if (time.isNegative()) {
                throw new IllegalArgumentException("closing time of a relay is " + time + "; give zero or more");
            }
            this.closeWithin = time;
            return this;
        }

        /**
         * Sets where pauses and ages are measured. Default: the system's clock.
         *
         * @param clock the clock
         * @return this builder
         */
        public Builder clock(ReflexClock clock) {
            this.clock = Objects.requireNonNull(clock, "clock of a relay");
            return this;
        }

        /** Tests choose the chance in pauses: 0 is the shortest, 1 the longest. */
        Builder random(DoubleSupplier chance) {
            this.random = chance;
            return this;
        }

        /**
         * Starts the relay and its threads. Blocks for as long as reading the spool takes.
         *
         * @return an open relay, which first delivers what waits in the spool
         * @throws IllegalArgumentException without a channel
         * @throws RelayException if the spool cannot be used
         */
        public AlertRelay build() {
            if (channels.isEmpty()) {
                throw new IllegalArgumentException(
                        "a relay without a channel reaches nobody; add one, or use AlertSink.disabled()");
            }
            return new AlertRelay(this);
        }

        private static Duration positive(Duration value, String what) {
            if (value.isZero() || value.isNegative()) {
                throw new IllegalArgumentException(what + " of a relay is " + value + "; give a duration above zero");
            }
            return value;
        }
    }
}
