package dev.reflexloop;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * Which events somebody wants to see: those that fit everything that is given. Immutable.
 *
 * <pre>{@code
 * TelemetryQuery.all().event("decision").entity("bot-7").level(TelemetryEvent.Level.WARN)
 * }</pre>
 */
public final class TelemetryQuery {
    private static final TelemetryQuery ALL = new TelemetryQuery(TelemetryEvent.Level.DEBUG, null, null, null, null);

    private final TelemetryEvent.Level level;
    private final @Nullable String source;
    private final @Nullable String event;
    private final @Nullable String entity;
    private final @Nullable Long tick;

    private TelemetryQuery(
            TelemetryEvent.Level level,
            @Nullable String source,
            @Nullable String event,
            @Nullable String entity,
            @Nullable Long tick) {
        this.level = level;
        this.source = source;
        this.event = event;
        this.entity = entity;
        this.tick = tick;
    }

    /**
     * Fits every event.
     *
     * @return the query
     */
    public static TelemetryQuery all() {
        return ALL;
    }

    /**
     * Only events of this level and of those that matter more.
     *
     * @param least the level
     * @return the narrower query
     */
    public TelemetryQuery level(TelemetryEvent.Level least) {
        return new TelemetryQuery(
                Check.present(least, "level of a telemetry query", "leave it out for all"),
                source,
                event,
                entity,
                tick);
    }

    /**
     * Only events of this source.
     *
     * @param only the source, exactly
     * @return the narrower query
     */
    public TelemetryQuery source(String only) {
        return new TelemetryQuery(
                level, Check.present(only, "source of a telemetry query", "leave it out for all"), event, entity, tick);
    }

    /**
     * Only events of this name.
     *
     * @param only the name, exactly
     * @return the narrower query
     */
    public TelemetryQuery event(String only) {
        return new TelemetryQuery(
                level, source, Check.present(only, "event of a telemetry query", "leave it out for all"), entity, tick);
    }

    /**
     * Only events about this bot.
     *
     * @param only the bot, exactly
     * @return the narrower query
     */
    public TelemetryQuery entity(String only) {
        return new TelemetryQuery(
                level, source, event, Check.present(only, "entity of a telemetry query", "leave it out for all"), tick);
    }

    /**
     * Only events of this tick.
     *
     * @param only the tick
     * @return the narrower query
     */
    public TelemetryQuery tick(long only) {
        return new TelemetryQuery(level, source, event, entity, only);
    }

    /**
     * Whether an event is one of those wanted.
     *
     * @param seen the event
     * @return whether it fits
     */
    public boolean fits(TelemetryEvent seen) {
        return seen.level().compareTo(level) >= 0
                && (tick == null || tick == seen.tick())
                && (event == null || event.equals(seen.event()))
                && (entity == null || entity.equals(seen.entity()))
                && (source == null || source.equals(seen.source()));
    }

    @Override
    public String toString() {
        OptionalLong only = tick == null ? OptionalLong.empty() : OptionalLong.of(tick);
        return "level>=" + level + " source=" + source + " event=" + event + " entity=" + entity + " tick=" + only;
    }
}
