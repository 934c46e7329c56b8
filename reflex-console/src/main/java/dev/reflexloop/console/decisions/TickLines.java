package dev.reflexloop.console.decisions;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.util.List;
import java.util.Optional;

/**
 * Reads a heartbeat's tick. It is told again in the words of a trajectory log and read as one, so that both kinds of line are checked in
 * one place.
 */
final class TickLines {
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .build())
            .build();
    private static final List<String> SEVERITIES = List.of("ok", "warning", "critical");
    private static final String BY_RULES = "fallback";
    private static final String ENTITY = "heartbeat";

    private TickLines() {}

    /** A tick as a decision, and the label that a review left on it. */
    record Read(TrajectoryRecord.Decided step, Optional<String> label) {}

    /** Reads a line; empty when it is no tick. */
    static Optional<Read> read(String line) {
        if (!line.contains("\"tick_id\"")) {
            return Optional.empty();
        }
        try {
            JsonNode tick = JSON.readTree(line);
            if (!tick.path("tick_id").isTextual() || !tick.path("decision").isObject()) {
                return Optional.empty();
            }
            String label = tick.path("dpo_label").asText();
            return TrajectoryReader.parse(step(tick).toString())
                    .filter(TrajectoryRecord.Decided.class::isInstance)
                    .map(step -> new Read(
                            (TrajectoryRecord.Decided) step,
                            Optional.of(label).filter(said -> said.equals("chosen") || said.equals("rejected"))));
        } catch (JsonProcessingException noTick) {
            return Optional.empty();
        }
    }

    private static ObjectNode step(JsonNode tick) {
        JsonNode decision = tick.path("decision");
        String id = tick.path("tick_id").asText();
        int dash = id.lastIndexOf('-');
        ObjectNode step = JSON.createObjectNode();
        step.put("type", "step");
        step.put("id", id);
        step.put("session", dash > 0 ? id.substring(0, dash) : id);
        step.put("entity", ENTITY);
        step.put("tick", number(id.substring(dash + 1)));
        step.set("at", tick.path("at"));
        step.putObject("perception").set("facts", tick.path("perception"));
        step.put("goal", "");
        JsonNode ratings = decision.path("probabilities").path("severity");
        ArrayNode legal = step.putArray("legal");
        if (ratings.isEmpty()) {
            SEVERITIES.forEach(legal::add);
        } else {
            ratings.fieldNames().forEachRemaining(legal::add);
        }
        step.set("probabilities", ratings);
        step.set("model", decision.path("model"));
        boolean byRules = decision.path("severity").asText().equals(BY_RULES);
        step.set("action", decision.path(byRules ? "rule_severity" : "severity"));
        step.put(
                "served",
                byRules ? Served.FALLBACK.name() : decision.path("served").asText());
        step.set("servedBecause", decision.path("because"));
        step.put("latencyMicros", decision.path("latency_ms").asLong() * 1_000);
        return step;
    }

    private static long number(String digits) {
        boolean isNumber =
                !digits.isEmpty() && digits.length() < 19 && digits.chars().allMatch(c -> c >= '0' && c <= '9');
        return isNumber ? Long.parseLong(digits) : 0;
    }
}
