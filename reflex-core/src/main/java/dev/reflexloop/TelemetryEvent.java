package dev.reflexloop;

import java.time.Instant;
import java.util.Map;

/**
 * One thing that happened inside. Immutable.
 *
 * <p>Those of a loop are described at {@link ReflexLoop.Builder#telemetry}; a bot may {@linkplain TelemetryBus#publish publish} its own.
 *
 * @param at the wall-clock time
 * @param level how much it matters
 * @param source what it comes from, for instance {@code loop}, {@code model}, {@code guard}
 * @param event what happened, for instance {@code decision}
 * @param entity the bot that it is about; empty if it is about none
 * @param tick the tick of the game in which it happened; -1 if in none
 * @param fields what else there is to say, in this order: texts, finite numbers, booleans, and maps from names to numbers. Anything else is
 *     kept as its text; null is left out. Texts are cut to 4,096 characters, the
 *     entity among them, maps to 256 entries
 */
public record TelemetryEvent(
        Instant at, Level level, String source, String event, String entity, long tick, Map<String, Object> fields) {

    /** How much an event matters, the least first. */
    public enum Level {
        /** Only for those who look for a cause. */
        DEBUG,
        /** What happens all the time. */
        INFO,
        /** What should not happen often. */
        WARN,
        /** What should not happen. */
        ERROR
    }

    /** Checks that it is whole, and copies the fields. */
    public TelemetryEvent {
        Check.present(at, "time of a telemetry event", "give the wall-clock time");
        Check.present(level, "level of a telemetry event", "give one");
        Check.name(source, "source of a telemetry event");
        Check.name(event, "name of a telemetry event");
        entity = TelemetryFields.clipped(
                Check.present(entity, "entity of a telemetry event", "give an empty text if it is about none"));
        fields = TelemetryFields.of(Check.present(fields, "fields of a telemetry event", "give an empty map"));
    }

    /**
     * The event as one line of JSON, without the line's end: {@code at}, {@code level}, {@code source}, {@code event}, {@code entity},
     * {@code tick}, {@code fields}. {@link #parse} reads it.
     *
     * @return the line
     */
    public String toJson() {
        return TelemetryJson.line(this);
    }

    /**
     * Reads a line that {@link #toJson} wrote. Fields that it does not know are left out, so that files of later versions can be read.
     *
     * @param line one JSON object
     * @return the event
     * @throws IllegalArgumentException if the line is no such event; says what is wrong with it
     */
    public static TelemetryEvent parse(String line) {
        return TelemetryJson.parse(line);
    }
}
