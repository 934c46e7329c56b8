package dev.reflexloop;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Where a program says what happens inside it, for whoever wants to watch: the newest events in memory, a file of JSON lines, and any number
 * of subscribers.
 *
 * <pre>{@code
 * try (TelemetryBus bus = TelemetryBus.builder().file(Path.of("telemetry.jsonl")).build();
 *         ReflexLoop loop = ReflexLoop.builder(schema, model).telemetry(bus).build()) { ... }
 * }</pre>
 *
 * <p>Publishing never blocks, never fails and calls nobody: an event is put into a ring, from which the file's thread and the subscribers take
 * it when they come to it. Whoever falls behind by the whole ring loses what was overwritten and is told how much. What nobody watches
 * costs the ring; with {@link #off()} it costs a look at a field. One bus may serve all loops of a program. Thread-safe.
 */
public final class TelemetryBus implements AutoCloseable {
    /** So many events fit in at least, so that a reader may rest for a second and a half at 10,000 events a second. */
    private static final int LEAST_RING = 16_384;

    private static final int MOST_KEPT = 1_000_000;

    private static final TelemetryBus OFF = new TelemetryBus();

    private final boolean on;
    private final int kept;
    private final TelemetryRing ring;
    private final @Nullable TelemetryFile file;

    private TelemetryBus() {
        this.on = false;
        this.kept = 0;
        this.ring = new TelemetryRing(1);
        this.file = null;
    }

    private TelemetryBus(Builder builder) {
        this.on = true;
        this.kept = builder.keep;
        this.ring = new TelemetryRing(Math.max(LEAST_RING, builder.keep));
        Path path = builder.file;
        this.file = path == null ? null : new TelemetryFile(path, builder.rotateAtBytes, ring);
    }

    /**
     * Takes nothing and keeps nothing.
     *
     * @return the bus for those who do not watch
     */
    public static TelemetryBus off() {
        return OFF;
    }

    /**
     * Starts a bus.
     *
     * @return a builder, one thread at a time
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Whether anything is kept. Ask before an event is made, so that nothing is made in vain.
     *
     * @return false for {@link #off()}, true for any other, always the same
     */
    public boolean isOn() {
        return on;
    }

    /**
     * Tells what happened. Any thread; never blocks.
     *
     * @param event the event
     */
    public void publish(TelemetryEvent event) {
        Check.present(event, "telemetry event", "give one");
        if (on) {
            ring.add(event);
        }
    }

    /**
     * Looks among the newest events, as many as {@link Builder#keep} says. Any thread; takes as long as it takes to look at each of them.
     *
     * @param query which ones
     * @return those that fit, the oldest first
     */
    public List<TelemetryEvent> query(TelemetryQuery query) {
        Check.present(query, "telemetry query", "use TelemetryQuery.all()");
        return new Subscription(query, ring.reader(kept)).poll(Integer.MAX_VALUE);
    }

    /**
     * Looks among the newest events a page at a time, the newest first. What is published meanwhile moves no page: an event is seen once,
     * unless it was overwritten before its page was asked for. Any thread; takes as long as it takes to look at each of them.
     *
     * @param query which ones
     * @param until where to begin: {@link Long#MAX_VALUE} for the first page, {@link Page#next} of a page for the one after it
     * @param most how many events a page has at most, 1 or more
     * @return the page
     */
    public Page page(TelemetryQuery query, long until, int most) {
        Check.present(query, "telemetry query", "use TelemetryQuery.all()");
        Check.atLeast(1, most, "number of events on a page");
        long count = ring.count();
        long oldest = Math.max(0, count - kept);
        List<TelemetryEvent> events = new ArrayList<>();
        long place = ring.backwards(Math.min(until, count), oldest, most, query, events);
        return new Page(events, place > oldest ? OptionalLong.of(place) : OptionalLong.empty());
    }

    /**
     * Some of the newest events. Immutable.
     *
     * @param events the events, the newest first
     * @param next where the page after this one begins; empty if nothing older is kept
     */
    public record Page(List<TelemetryEvent> events, OptionalLong next) {
        /** Copies. */
        public Page {
            events = List.copyOf(events);
            Check.present(next, "next of a page of telemetry", "use OptionalLong.empty()");
        }
    }

    /**
     * The file that {@link Builder#file} named.
     *
     * @return the file; empty without one
     */
    public Optional<Path> file() {
        return Optional.ofNullable(file).map(TelemetryFile::path);
    }

    /**
     * Follows events from now on.
     *
     * @param query which ones
     * @param before how many of the newest events to begin with; at most as many as {@link Builder#keep} says
     * @return the subscriber's own place; it takes events by {@link Subscription#poll}
     */
    public Subscription subscribe(TelemetryQuery query, int before) {
        Check.present(query, "telemetry query", "use TelemetryQuery.all()");
        return new Subscription(query, ring.reader(Math.min(kept, Math.max(0, before))));
    }

    /**
     * How many events there were.
     *
     * @return their number since the bus was made
     */
    public long published() {
        return ring.count();
    }

    /**
     * How many events are not in the file, because it could not be written, or not as fast as they came.
     *
     * @return their number; 0 without a file
     */
    public long lost() {
        return file == null ? 0 : file.lost();
    }

    /** Writes what is still to be written, for at most five seconds, and closes the file. What is published afterwards is only kept in memory. Idempotent. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }

    /** A subscriber's place in the stream of events. Belongs to one thread at a time, but for {@link #lost()}. */
    public static final class Subscription {
        private final TelemetryQuery query;
        private final TelemetryRing.Reader reader;

        private Subscription(TelemetryQuery query, TelemetryRing.Reader reader) {
            this.query = query;
            this.reader = reader;
        }

        /**
         * Takes what has come since the last call. Never blocks: call it as often as you want to be told, for instance every 50 ms. A
         * subscriber that is no longer called costs nothing.
         *
         * @param most how many to take; the rest waits for the next call
         * @return the events that fit, in their order; empty if there are none
         */
        public List<TelemetryEvent> poll(int most) {
            List<TelemetryEvent> taken = new ArrayList<>();
            long until = reader.end();
            while (taken.size() < most && reader.place() < until) {
                TelemetryEvent event = reader.take();
                if (event == null) {
                    break;
                }
                if (query.fits(event)) {
                    taken.add(event);
                }
            }
            return taken;
        }

        /**
         * How many events were overwritten before this subscriber took them, whether they would have fitted or not.
         *
         * @return their number since it subscribed
         */
        public long lost() {
            return reader.lost();
        }
    }

    /** Collects the options of a bus. One thread at a time. */
    public static final class Builder {
        private int keep = 5_000;
        private long rotateAtBytes = 50L * 1024 * 1024;
        private @Nullable Path file;

        private Builder() {}

        /**
         * Sets how many of the newest events can be asked for. Default: 5,000.
         *
         * @param events 1 to 1,000,000
         * @return this builder
         */
        public Builder keep(int events) {
            if (events < 1 || events > MOST_KEPT) {
                throw new IllegalArgumentException(
                        "number of telemetry events to keep is " + events + "; give 1 to " + MOST_KEPT);
            }
            this.keep = events;
            return this;
        }

        /**
         * Writes every event into a file, as {@link TelemetryEvent#toJson} says, on a thread of the bus. A file that is there is continued. Only one
         * process may write it. What somebody deletes or replaces meanwhile is begun anew, and a symbolic link is refused. Default: no file.
         *
         * @param path the file; its folder is created
         * @return this builder
         */
        public Builder file(Path path) {
            this.file = Check.present(path, "file of a telemetry bus", "give a path, or leave it out");
            return this;
        }

        /**
         * Sets the size at which a new file is begun; the full one is renamed to {@code name.1.jsonl} and so on, higher numbers being newer. Default:
         * 50 MB.
         *
         * @param bytes 1,024 or more
         * @return this builder
         */
        public Builder rotateAt(long bytes) {
            if (bytes < 1_024) {
                throw new IllegalArgumentException(
                        "rotation size of a telemetry file is " + bytes + "; give at least 1024");
            }
            this.rotateAtBytes = bytes;
            return this;
        }

        /**
         * Makes the bus.
         *
         * @return the bus, on
         * @throws ReflexException if the file cannot be written; names it and says why
         */
        public TelemetryBus build() {
            return new TelemetryBus(this);
        }
    }
}
