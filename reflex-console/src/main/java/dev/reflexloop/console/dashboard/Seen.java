package dev.reflexloop.console.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Cause;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TrajectoryRecord;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A decision as far as a dashboard looks at it, from whichever log. Immutable.
 *
 * @param loop the session of the loop; for a heartbeat, which has none, its folder
 * @param at the wall-clock time
 * @param entity the bot; empty where it has no name
 * @param tick the bot's tick; -1 where none is known
 * @param action what was served
 * @param target the id of its target
 * @param served how it came about
 * @param because why it was not simply the model's
 * @param model the model that answered, with its adapter
 * @param probabilities by action
 * @param latencyMicros in microseconds
 * @param escalated whether it was handed over
 */
record Seen(
        String loop,
        Instant at,
        String entity,
        long tick,
        String action,
        Optional<String> target,
        String served,
        Optional<String> because,
        Optional<String> model,
        Map<String, Double> probabilities,
        long latencyMicros,
        boolean escalated) {
    private static final long MICROS = 1_000;

    static Seen of(TrajectoryRecord.Decided step) {
        return new Seen(
                step.session(),
                step.at(),
                step.perception().entity(),
                step.perception().tick(),
                step.action(),
                step.target(),
                step.served().name(),
                step.because().map(Cause::name),
                model(step.model(), step.adapter()),
                step.probabilities(),
                step.latencyMicros(),
                step.escalated());
    }

    /** A {@code loop.decision}. */
    static Seen of(TelemetryEvent event) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        if (event.fields().get("probabilities") instanceof Map<?, ?> map) {
            map.forEach((name, value) -> {
                if (value instanceof Number number) {
                    probabilities.put(String.valueOf(name), number.doubleValue());
                }
            });
        }
        return new Seen(
                text(event, "session").orElse(""),
                event.at(),
                event.entity(),
                event.tick(),
                text(event, "action").orElse("?"),
                text(event, "target"),
                text(event, "served").orElse("?"),
                text(event, "because"),
                model(text(event, "model"), text(event, "adapter")),
                probabilities,
                event.fields().get("latencyMicros") instanceof Number micros ? micros.longValue() : 0,
                Boolean.TRUE.equals(event.fields().get("escalated")));
    }

    private static Optional<String> text(TelemetryEvent event, String field) {
        return Optional.ofNullable(event.fields().get(field)).map(String::valueOf);
    }

    /** A heartbeat's tick. */
    static Seen of(JsonNode tick, String folder) {
        JsonNode decision = tick.path("decision");
        Map<String, Double> probabilities = new LinkedHashMap<>();
        decision.path("probabilities").path("severity").properties().forEach(each -> {
            if (each.getValue().isNumber()) {
                probabilities.put(each.getKey(), each.getValue().asDouble());
            }
        });
        return new Seen(
                folder,
                Instant.parse(tick.path("at").asText()),
                "heartbeat",
                -1,
                decision.path("severity").asText("?"),
                Optional.empty(),
                decision.path("served").asText("?"),
                Optional.ofNullable(decision.path("because").textValue()),
                Optional.ofNullable(decision.path("model").textValue()),
                probabilities,
                decision.path("latency_ms").asLong() * MICROS,
                tick.path("alert").path("raised").asBoolean());
    }

    private static Optional<String> model(Optional<String> model, Optional<String> adapter) {
        return model.map(id -> id + adapter.map(name -> " + " + name).orElse(""));
    }
}
