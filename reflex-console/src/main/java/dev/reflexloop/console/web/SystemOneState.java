package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Urgency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The state of a System One request as what a bot sees: the fields of an object are facts, anything else is one text. The state that a
 * reflex sends, {@code {"goal":"...","facts":{...},"offered":[...]}}, is taken apart as it was put together. Immutable.
 *
 * @param isReflexs whether it is such a state
 * @param facts what is seen, without the goal and the offers of a reflex's state
 */
record SystemOneState(boolean isReflexs, Goal goal, Map<String, Fact> facts, List<String> offered) {
    private static final Set<String> REFLEXS = Set.of("goal", "facts", "offered");
    private static final String WHOLE = "state";

    static SystemOneState of(JsonNode given) {
        JsonNode state = given.isTextual() ? objectIn(given) : given;
        boolean isReflexs = state.path("facts").isObject()
                && state.properties().stream().allMatch(each -> REFLEXS.contains(each.getKey()));
        if (!isReflexs) {
            return new SystemOneState(false, Goal.none(), facts(state), List.of());
        }
        List<String> offered = new ArrayList<>();
        state.path("offered").forEach(each -> offered.add(text(each)));
        JsonNode goal = state.path("goal");
        return new SystemOneState(
                true, goal.isMissingNode() ? Goal.none() : Goal.of(text(goal)), facts(state.path("facts")), offered);
    }

    /** Some clients send an object as a text that holds it. */
    private static JsonNode objectIn(JsonNode text) {
        if (!text.textValue().stripLeading().startsWith("{")) {
            return text;
        }
        JsonNode inside = Exchange.parsed(text.textValue());
        return inside == null ? text : inside;
    }

    private static Map<String, Fact> facts(JsonNode state) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        if (!state.isObject()) {
            facts.put(WHOLE, Fact.of(text(state)));
            return facts;
        }
        state.properties().forEach(each -> {
            Fact fact = each.getKey().isBlank() ? null : fact(each.getValue());
            if (fact != null) {
                facts.put(each.getKey(), fact);
            }
        });
        return facts;
    }

    private static @Nullable Fact fact(JsonNode value) {
        if (value.isNull()) {
            return null;
        }
        List<Map<String, Fact>> records = records(value);
        return records == null ? plain(value) : Fact.of(records);
    }

    private static Fact plain(JsonNode value) {
        if (value.isBoolean()) {
            return Fact.of(value.booleanValue());
        }
        return value.isNumber() && Double.isFinite(value.doubleValue())
                ? Fact.of(value.doubleValue())
                : Fact.of(text(value));
    }

    /** The records of a list of objects; null for anything else. */
    private static @Nullable List<Map<String, Fact>> records(JsonNode value) {
        if (!value.isArray() || value.isEmpty()) {
            return null;
        }
        List<Map<String, Fact>> records = new ArrayList<>();
        for (JsonNode each : value) {
            if (!each.isObject()) {
                return null;
            }
            Map<String, Fact> record = new LinkedHashMap<>();
            each.properties().forEach(field -> {
                if (!field.getKey().isBlank() && !field.getValue().isNull()) {
                    record.put(field.getKey(), plain(field.getValue()));
                }
            });
            records.add(record);
        }
        return records;
    }

    private static String text(JsonNode value) {
        return value.isTextual() ? value.textValue() : value.toString();
    }

    /** What is seen, for a question that a reflex would ask or for any other one, which is told the goal as a fact. */
    Perception perception(String entity, boolean reflexs) {
        Map<String, Fact> seen = facts;
        if (!reflexs && !goal.text().isEmpty() && !facts.containsKey("goal")) {
            seen = new LinkedHashMap<>();
            seen.put("goal", Fact.of(goal.text()));
            seen.putAll(facts);
        }
        return new Perception(entity, 0, Instant.now(), seen, offered, Urgency.NORMAL);
    }
}
