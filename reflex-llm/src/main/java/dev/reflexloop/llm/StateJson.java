package dev.reflexloop.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a bot sees and wants as JSON, for models that are asked about a state. Texts are cut and made harmless as {@link PlainRenderer}
 * does it, numbers have two decimals.
 */
public final class StateJson {
    private static final ObjectMapper JSON = new ObjectMapper();

    private StateJson() {}

    /**
     * The goal, the facts in an order, and the offered choices as one object: {@code {"goal":"...","facts":{...},"offered":[...]}}.
     *
     * @param question what is asked
     * @param order the order of the facts
     * @return one line of JSON; {@code goal} and {@code offered} are left out when empty
     */
    public static String of(Question question, FactOrder order) {
        Perception perception = question.perception();
        ObjectNode state = JSON.createObjectNode();
        if (!question.goal().text().isEmpty()) {
            state.put("goal", PlainRenderer.clean(question.goal().text()));
        }
        Map<String, String> shown = new LinkedHashMap<>();
        Map<String, JsonNode> values = new LinkedHashMap<>();
        perception.facts().forEach((name, fact) -> {
            JsonNode value = value(fact);
            values.put(name, value);
            shown.put(name, value.toString());
        });
        ObjectNode facts = state.putObject("facts");
        for (String name : order.arrange(perception, shown)) {
            JsonNode value = values.get(name);
            if (value != null) {
                facts.set(PlainRenderer.clean(name), value);
            }
        }
        offered(state, perception);
        return state.toString();
    }

    /**
     * The facts and the offered choices in one object: {@code {"health":80,"place":"...","offered":[...]}}.
     *
     * @param perception what a bot sees
     * @return one line of JSON; {@code offered} is left out when empty
     */
    public static String of(Perception perception) {
        return flat(perception).toString();
    }

    /** The same as a tree. */
    static ObjectNode flat(Perception perception) {
        ObjectNode state = facts(perception.facts());
        offered(state, perception);
        return state;
    }

    private static void offered(ObjectNode state, Perception perception) {
        if (!perception.choices().isEmpty()) {
            ArrayNode offered = state.putArray("offered");
            perception.choices().forEach(choice -> offered.add(PlainRenderer.clean(choice)));
        }
    }

    private static ObjectNode facts(Map<String, Fact> facts) {
        ObjectNode object = JSON.createObjectNode();
        facts.forEach((name, fact) -> object.set(PlainRenderer.clean(name), value(fact)));
        return object;
    }

    private static JsonNode value(Fact fact) {
        if (fact instanceof Fact.Quantity number) {
            return DecimalNode.valueOf(new BigDecimal(PlainRenderer.number(number.value())));
        }
        if (fact instanceof Fact.Flag flag) {
            return BooleanNode.valueOf(flag.value());
        }
        if (fact instanceof Fact.Records list) {
            ArrayNode records = JSON.createArrayNode();
            list.records().forEach(record -> records.add(facts(record)));
            return records;
        }
        return TextNode.valueOf(fact instanceof Fact.Text text ? PlainRenderer.clean(text.value()) : "");
    }
}
