package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Situation;
import dev.reflexloop.Urgency;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Reads {@code perception.json}; the example's README describes it. Whatever is wrong with it is said in the words of {@link Json.Unusable}.
 * Stateless.
 */
final class PerceptionJson {
    private static final int MAX_NAME = 64;
    private static final int MAX_TEXT = 2_000;
    private static final int MAX_OPTIONS = 20;
    private static final int MAX_RECORDS = 40;
    private static final Set<String> OURS =
            Set.of(Sight.AIM, Sight.SITUATION, Sight.SITUATION_ID, Sight.WORDS, Sight.OPTIONS);

    /** What can be an answer: everything but waiting, which is what the bot does until there is one. */
    private static final List<String> ANSWERS = Arrays.stream(Tactic.values())
            .filter(tactic -> tactic != Tactic.WAIT)
            .map(Tactic::label)
            .toList();

    private static final Set<Situation.Kind> SHOWN =
            Set.of(Situation.Kind.DIALOGUE, Situation.Kind.QUEST, Situation.Kind.DILEMMA, Situation.Kind.UNKNOWN);

    private PerceptionJson() {}

    /**
     * Reads a perception.
     *
     * @param bytes the file's content
     * @param at the wall-clock time at which it was seen
     * @throws Json.Torn if it may still be in the making
     * @throws Json.Unusable if it is no perception
     */
    static Perception read(byte[] bytes, Instant at) throws Json.Torn, Json.Unusable {
        JsonNode file = Json.object(bytes);
        Map<String, Fact> facts = facts(file.path("facts"));
        List<String> choices = new ArrayList<>();
        List<Map<String, Fact>> options = options(file.path("choices"), choices);
        situation(file.path("situation"), facts, !options.isEmpty());
        if (!options.isEmpty()) {
            facts.put(Sight.OPTIONS, Fact.of(options));
        }
        return new Perception(
                Json.text(file, "entity", MAX_NAME),
                Json.whole(file, "tick"),
                at,
                facts,
                choices,
                Json.flag(file, "urgent") ? Urgency.URGENT : Urgency.NORMAL);
    }

    private static Map<String, Fact> facts(JsonNode given) throws Json.Unusable {
        Map<String, Fact> facts = new LinkedHashMap<>();
        if (given.isMissingNode() || given.isNull()) {
            return facts;
        }
        if (!given.isObject()) {
            throw new Json.Unusable("'facts' is no object");
        }
        for (Map.Entry<String, JsonNode> entry : given.properties()) {
            String name = entry.getKey();
            if (OURS.contains(name)) {
                throw new Json.Unusable("fact '" + name + "' has a name that the bridge uses itself; choose another");
            }
            checkName(name);
            if (!entry.getValue().isNull()) {
                facts.put(
                        name,
                        entry.getValue().isArray() ? records(name, entry.getValue()) : fact(name, entry.getValue()));
            }
        }
        return facts;
    }

    private static void checkName(String name) throws Json.Unusable {
        if (name.isBlank() || name.length() > MAX_NAME) {
            throw new Json.Unusable("the name of a fact is blank or longer than " + MAX_NAME + " characters");
        }
    }

    private static Fact fact(String name, JsonNode value) throws Json.Unusable {
        if (value.isTextual() && value.textValue().length() <= MAX_TEXT) {
            return Fact.of(value.textValue());
        }
        if (value.isBoolean()) {
            return Fact.of(value.booleanValue());
        }
        if (value.isNumber() && Double.isFinite(value.doubleValue())) {
            return Fact.of(value.doubleValue());
        }
        throw new Json.Unusable("fact '" + shortened(name) + "' is no text of at most " + MAX_TEXT
                + " characters, finite number, true, false or list of objects of these");
    }

    private static String shortened(String name) {
        return name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name;
    }

    private static Fact records(String name, JsonNode list) throws Json.Unusable {
        if (list.size() > MAX_RECORDS) {
            throw new Json.Unusable("list '" + name + "' has " + list.size() + " entries; give the " + MAX_RECORDS
                    + " that are nearest");
        }
        List<Map<String, Fact>> records = new ArrayList<>();
        for (JsonNode each : list) {
            if (!each.isObject()) {
                throw new Json.Unusable("list '" + name + "' holds something that is no object");
            }
            Map<String, Fact> record = new LinkedHashMap<>();
            for (Map.Entry<String, JsonNode> entry : each.properties()) {
                checkName(entry.getKey());
                if (!entry.getValue().isNull()) {
                    record.put(entry.getKey(), fact(name + "." + entry.getKey(), entry.getValue()));
                }
            }
            records.add(record);
        }
        return Fact.of(records);
    }

    private static List<Map<String, Fact>> options(JsonNode list, List<String> texts) throws Json.Unusable {
        List<Map<String, Fact>> options = new ArrayList<>();
        if (list.isMissingNode() || list.isNull()) {
            return options;
        }
        if (!list.isArray() || list.size() > MAX_OPTIONS) {
            throw new Json.Unusable("'choices' is no list of at most " + MAX_OPTIONS + " objects");
        }
        Set<String> ids = new HashSet<>();
        for (JsonNode each : list) {
            if (!each.isObject()) {
                throw new Json.Unusable("'choices' holds something that is no object");
            }
            String id = Json.text(each, "id", MAX_NAME);
            if (!ids.add(id)) {
                throw new Json.Unusable("two choices have the id '" + id + "'; give each its own");
            }
            String action = Json.optionalText(each, "action", MAX_NAME).orElse(Tactic.TALK.label());
            if (!ANSWERS.contains(action)) {
                throw new Json.Unusable("choice '" + id + "' has the action '" + action + "'; use one of " + ANSWERS);
            }
            texts.add(Json.text(each, "text", MAX_TEXT));
            options.add(Map.of(Sight.ID, Fact.of(id), Sight.ACTION, Fact.of(action)));
        }
        return options;
    }

    private static void situation(JsonNode given, Map<String, Fact> facts, boolean choices) throws Json.Unusable {
        if (given.isMissingNode() || given.isNull()) {
            if (choices) {
                facts.put(Sight.SITUATION, Fact.of(label(Situation.Kind.DIALOGUE)));
            }
            return;
        }
        if (!given.isObject()) {
            throw new Json.Unusable("'situation' is no object");
        }
        String kind = Json.text(given, "kind", MAX_NAME);
        if (SHOWN.stream().noneMatch(each -> label(each).equals(kind))) {
            throw new Json.Unusable("situation is of kind '" + kind + "'; use dialogue, quest, dilemma or unknown");
        }
        facts.put(Sight.SITUATION, Fact.of(kind));
        facts.put(Sight.SITUATION_ID, Fact.of(Json.text(given, "id", MAX_NAME)));
        facts.put(Sight.WORDS, Fact.of(Json.text(given, "text", MAX_TEXT)));
    }

    private static String label(Situation.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }
}
