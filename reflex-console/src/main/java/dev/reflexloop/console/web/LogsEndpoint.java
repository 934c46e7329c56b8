package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TelemetryQuery;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntSupplier;

/** {@code /logs}: the newest events by page, and how many there are of which kind. Thread-safe. */
final class LogsEndpoint {
    private static final int DEFAULT_LIMIT = 100;
    private static final int MOST = 1_000;
    private static final int CURSOR_RADIX = 36;
    private static final Set<String> PAGE_PARAMETERS = EventFilter.and("limit", "until");

    private final TelemetryBus bus;
    private final IntSupplier readers;

    LogsEndpoint(TelemetryBus bus, IntSupplier readers) {
        this.bus = bus;
        this.readers = readers;
    }

    void page(Exchange exchange) {
        Map<String, String> parameters = exchange.parameters(PAGE_PARAMETERS);
        TelemetryQuery query = EventFilter.of(parameters);
        int limit = (int) Exchange.number(parameters, "limit", 1, MOST).orElse(DEFAULT_LIMIT);
        TelemetryBus.Page page = bus.page(query, until(parameters), limit);
        StringBuilder json = new StringBuilder(256 * page.events().size() + 64).append("{\"events\":");
        array(page.events(), json);
        json.append(",\"next\":");
        OptionalLong next = page.next();
        if (next.isPresent()) {
            json.append('"')
                    .append(Long.toString(next.getAsLong(), CURSOR_RADIX))
                    .append('"');
        } else {
            json.append("null");
        }
        exchange.answer(200, json.append('}').toString());
    }

    private static void array(List<TelemetryEvent> events, StringBuilder json) {
        char before = '[';
        for (TelemetryEvent event : events) {
            json.append(before).append(event.toJson());
            before = ',';
        }
        json.append(events.isEmpty() ? "[]" : "]");
    }

    private static long until(Map<String, String> parameters) {
        String cursor = parameters.get("until");
        if (cursor == null) {
            return Long.MAX_VALUE;
        }
        try {
            return Long.parseLong(cursor, CURSOR_RADIX);
        } catch (NumberFormatException none) {
            throw new Refusal(
                    400, "until is '" + Exchange.shown(cursor) + "'; give what 'next' said on the page before");
        }
    }

    void stats(Exchange exchange) {
        exchange.parameters(Set.of());
        List<TelemetryEvent> kept = bus.query(TelemetryQuery.all());
        Map<String, Integer> byEvent = new TreeMap<>();
        Map<String, Integer> byLevel = new TreeMap<>();
        for (TelemetryEvent event : kept) {
            byEvent.merge(event.source() + "." + event.event(), 1, Integer::sum);
            byLevel.merge(event.level().name(), 1, Integer::sum);
        }
        ObjectNode json = Exchange.newObject();
        json.put("published", bus.published());
        json.put("lost", bus.lost());
        json.put("kept", kept.size());
        json.putPOJO("byEvent", byEvent);
        json.putPOJO("byLevel", byLevel);
        json.put("readers", readers.getAsInt());
        exchange.answer(200, json);
    }
}
