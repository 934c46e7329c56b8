package dev.reflexloop.console.web;

import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TelemetryQuery;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads which events somebody wants to see from a URL. */
final class EventFilter {
    private static final Set<String> NAMES = Set.of("source", "level", "event", "entity", "tick");

    private EventFilter() {}

    /** The filter's parameters and others. */
    static Set<String> and(String... others) {
        Set<String> names = new HashSet<>(NAMES);
        names.addAll(Set.of(others));
        return names;
    }

    static TelemetryQuery of(Map<String, String> parameters) {
        TelemetryQuery query = TelemetryQuery.all();
        String level = parameters.get("level");
        if (level != null) {
            query = query.level(level(level));
        }
        if (parameters.containsKey("source")) {
            query = query.source(parameters.get("source"));
        }
        if (parameters.containsKey("event")) {
            query = query.event(parameters.get("event"));
        }
        if (parameters.containsKey("entity")) {
            query = query.entity(parameters.get("entity"));
        }
        var tick = Exchange.number(parameters, "tick", Long.MIN_VALUE, Long.MAX_VALUE);
        return tick.isPresent() ? query.tick(tick.getAsLong()) : query;
    }

    private static TelemetryEvent.Level level(String name) {
        try {
            return TelemetryEvent.Level.valueOf(name.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException unknown) {
            throw new Refusal(400, "level is '" + Exchange.shown(name) + "'; give debug, info, warn or error");
        }
    }
}
