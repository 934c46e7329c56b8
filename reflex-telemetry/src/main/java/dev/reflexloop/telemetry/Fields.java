package dev.reflexloop.telemetry;

import dev.reflexloop.TelemetryEvent;
import java.util.Map;

/** Reads the fields of an event, which anybody may have published. Immutable. */
record Fields(TelemetryEvent event) {
    String text(String name, String otherwise) {
        return event.fields().get(name) instanceof String text && !text.isEmpty() ? text : otherwise;
    }

    /** A finite number; 0 if there is none. */
    double number(String name) {
        return event.fields().get(name) instanceof Number number ? number.doubleValue() : 0;
    }

    boolean isTrue(String name) {
        return Boolean.TRUE.equals(event.fields().get(name));
    }

    /** A number out of a map of numbers; NaN if there is none. */
    double entry(String map, String name) {
        return event.fields().get(map) instanceof Map<?, ?> numbers && numbers.get(name) instanceof Number number
                ? number.doubleValue()
                : Double.NaN;
    }
}
