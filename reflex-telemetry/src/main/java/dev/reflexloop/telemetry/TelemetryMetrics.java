package dev.reflexloop.telemetry;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What happens on a bus as Micrometer metrics.
 *
 * <pre>{@code
 * try (TelemetryMetrics metrics = TelemetryMetrics.follow(bus, registry)) { ... }
 * }</pre>
 *
 * <table>
 * <caption>The meters</caption>
 * <tr><th>meter</th><th>what it is</th><th>tags</th></tr>
 * <tr><td>{@code reflex.decision}</td><td>timer: from a tick's entry until its decision was served</td><td>{@code served}, {@code because},
 * {@code model}</td></tr>
 * <tr><td>{@code reflex.decision.late}</td><td>decisions served after their deadline</td><td>{@code model}</td></tr>
 * <tr><td>{@code reflex.tokens}</td><td>prompt tokens</td><td>{@code model}, {@code kind}: {@code evaluated} or {@code cached}</td></tr>
 * <tr><td>{@code reflex.outcome}</td><td>decisions of which is known what came of them</td><td>{@code label}, {@code closedBy}</td></tr>
 * <tr><td>{@code reflex.reward}</td><td>the sum of their rewards, without the sign</td><td>{@code sign}: {@code gained} or {@code lost}</td></tr>
 * <tr><td>{@code reflex.dropped}</td><td>what did not fit into a mailbox</td><td>{@code what}</td></tr>
 * <tr><td>{@code reflex.events}</td><td>all events, decisions and the bot's own included</td><td>{@code source}, {@code event}, {@code level}, and
 * {@code detail}: the situation's kind, the guidance's fate or the mission's ending, where there is one</td></tr>
 * <tr><td>{@code reflex.events.missed}</td><td>events that are in none of these, because they were overwritten first</td><td></td></tr>
 * </table>
 *
 * <p>A tag without a value is {@code none}. A bot, a tick, an action are never tags, as there is no end of them; after {@value #MOST_SERIES}
 * combinations of tags in all, further ones are counted as {@code other}. Registers its meters as the events come, takes them on one thread of its own, and
 * costs a loop nothing. Thread-safe.
 */
public final class TelemetryMetrics implements AutoCloseable {
    private static final int MOST_SERIES = 1_000;
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final String NONE = "none";
    private static final String MODEL = "model";

    private final Meter.MeterProvider<Timer> decisions;
    private final Meter.MeterProvider<Counter> late;
    private final Meter.MeterProvider<Counter> tokens;
    private final Meter.MeterProvider<Counter> outcomes;
    private final Meter.MeterProvider<Counter> rewards;
    private final Meter.MeterProvider<Counter> dropped;
    private final Meter.MeterProvider<Counter> events;
    private final Set<Tags> series = new HashSet<>();
    private final Follower follower;

    private TelemetryMetrics(TelemetryBus bus, MeterRegistry registry, Duration every) {
        decisions = Timer.builder("reflex.decision")
                .description("from a tick's entry until its decision was served")
                .withRegistry(registry);
        late = counter(registry, "reflex.decision.late", "decisions served after their deadline");
        tokens = counter(registry, "reflex.tokens", "prompt tokens");
        outcomes = counter(registry, "reflex.outcome", "decisions of which is known what came of them");
        rewards = counter(registry, "reflex.reward", "the sum of rewards, without the sign");
        dropped = counter(registry, "reflex.dropped", "what did not fit into a mailbox");
        events = counter(registry, "reflex.events", "what happened");
        follower = new Follower("reflex-metrics", bus, every, this::take);
        FunctionCounter.builder("reflex.events.missed", follower, Follower::missed)
                .description("events that are in no metric")
                .register(registry);
    }

    private static Meter.MeterProvider<Counter> counter(MeterRegistry registry, String name, String description) {
        return Counter.builder(name).description(description).withRegistry(registry);
    }

    /**
     * Follows a bus from now on, and looks once a second.
     *
     * @param bus the bus; stays open when this is closed
     * @param registry where the meters go; stays open when this is closed
     * @return to be closed by the caller
     */
    public static TelemetryMetrics follow(TelemetryBus bus, MeterRegistry registry) {
        return follow(bus, registry, EVERY);
    }

    /**
     * Follows a bus from now on.
     *
     * @param bus the bus; stays open when this is closed
     * @param registry where the meters go; stays open when this is closed
     * @param every how often to look; above zero. Longer than the bus's ring lasts loses events, which {@code reflex.events.missed} counts
     * @return to be closed by the caller
     */
    public static TelemetryMetrics follow(TelemetryBus bus, MeterRegistry registry, Duration every) {
        Objects.requireNonNull(bus, "bus of telemetry metrics");
        Objects.requireNonNull(registry, "registry of telemetry metrics");
        return new TelemetryMetrics(bus, registry, Objects.requireNonNull(every, "interval of telemetry metrics"));
    }

    /** Takes the events that are still there, for at most two seconds, and ends. The meters stay. Idempotent. */
    @Override
    public void close() {
        follower.close();
    }

    private void take(TelemetryEvent event) {
        Fields fields = new Fields(event);
        events.withTags(bounded(Tags.of(
                        "source",
                        event.source(),
                        "event",
                        event.event(),
                        "level",
                        event.level().name(),
                        "detail",
                        detail(fields))))
                .increment();
        if (!event.source().equals("loop")) {
            return;
        }
        if (event.event().equals("decision")) {
            decision(fields);
        } else if (event.event().equals("outcome")) {
            outcome(fields);
        } else if (event.event().equals("dropped")) {
            dropped.withTags(bounded(Tags.of("what", fields.text("what", NONE))))
                    .increment(Math.max(0, fields.number("count")));
        }
    }

    private static String detail(Fields fields) {
        for (String name : new String[] {"fate", "ending", "kind"}) {
            String value = fields.text(name, "");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return NONE;
    }

    private void outcome(Fields fields) {
        outcomes.withTags(bounded(
                        Tags.of("label", fields.text("label", NONE), "closedBy", fields.text("closedBy", NONE))))
                .increment();
        double reward = fields.number("reward");
        // a counter takes nothing below zero
        rewards.withTag("sign", reward < 0 ? "lost" : "gained").increment(Math.abs(reward));
    }

    private void decision(Fields fields) {
        Tags model = bounded(Tags.of(MODEL, fields.text(MODEL, NONE)));
        Tags served = Tags.of("served", fields.text("served", NONE), "because", fields.text("because", NONE));
        decisions
                .withTags(bounded(model.and(served)))
                .record(Math.max(0, (long) fields.number("latencyMicros")), TimeUnit.MICROSECONDS);
        if (fields.isTrue("late")) {
            late.withTags(model).increment();
        }
        count(model, "evaluated", fields.number("evaluatedTokens"));
        count(model, "cached", fields.number("cachedTokens"));
    }

    private void count(Tags model, String kind, double count) {
        if (count > 0) {
            tokens.withTags(bounded(model.and("kind", kind))).increment(count);
        }
    }

    /** The tags, or their names with nothing of value once there are too many of them. One thread. */
    private Tags bounded(Tags tags) {
        if (series.contains(tags) || series.size() < MOST_SERIES) {
            series.add(tags);
            return tags;
        }
        return Tags.of(tags.stream().map(tag -> Tag.of(tag.getKey(), "other")).toList());
    }
}
