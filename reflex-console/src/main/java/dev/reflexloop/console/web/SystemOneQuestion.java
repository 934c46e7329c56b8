package dev.reflexloop.console.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Goal;
import dev.reflexloop.Question;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * One question of a System One request, as a reflex's model is asked it: the options are the actions, the instructions are the goal. What a
 * reflex itself would have sent - its goal beside its facts, and the instructions that it uses - becomes the question that it began as.
 * Immutable.
 *
 * @param options the options' keys, in the order of the question's actions
 */
record SystemOneQuestion(Kind kind, List<String> options, Question question) {
    private static final int MOST_QUESTIONS = 16;
    private static final int MOST_OPTIONS = ActionSchema.MAX_OPTIONS;
    private static final int MOST_LEVELS = 10;
    private static final int LONGEST_NAME = 64;
    private static final int LONGEST_ENTITY = 100;
    private static final String NEXT_ACTION = "Which action should be taken next?";

    /** The protocol's types of questions. */
    enum Kind {
        CHOICE,
        SCORE,
        NOUL
    }

    /** Reads a request. */
    static Map<String, SystemOneQuestion> read(ObjectNode request) {
        JsonNode state = request.path("state");
        JsonNode questions = request.path("questions");
        if (state.isMissingNode()) {
            throw new Refusal(400, "the request has no state; send what is known, as any JSON");
        }
        if (!questions.isObject() || questions.isEmpty() || questions.size() > MOST_QUESTIONS) {
            throw new Refusal(400, "questions is no object of 1 to " + MOST_QUESTIONS + " questions; send them by id");
        }
        SystemOneState seen = SystemOneState.of(state);
        Map<String, SystemOneQuestion> read = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> each : questions.properties()) {
            if (each.getKey().isBlank()) {
                throw new Refusal(400, "a question has no id; give it a short one");
            }
            read.put(each.getKey(), of(each.getKey(), each.getValue(), seen));
        }
        return read;
    }

    private static SystemOneQuestion of(String id, JsonNode json, SystemOneState state) {
        Map<String, String> options = new LinkedHashMap<>();
        Kind kind;
        switch (json.path("type").asText()) {
            case "choice" -> {
                kind = Kind.CHOICE;
                choice(id, json.path("criteria"), options);
            }
            case "score" -> {
                kind = Kind.SCORE;
                levels(id, json.path("criteria"), options);
            }
            case "noul" -> {
                kind = Kind.NOUL;
                options.put("yes", "");
                options.put("no", "");
            }
            default -> throw wrong(id, "has a type that is unknown; give choice, score or noul");
        }
        JsonNode given = json.path("instructions");
        String instructions = given.isTextual() ? given.textValue() : given.isMissingNode() ? "" : given.toString();
        boolean reflexs = state.isReflexs() && kind == Kind.CHOICE && instructions.equals(NEXT_ACTION);
        Goal goal = reflexs ? state.goal() : Goal.of(instructions);
        String entity = "systemone." + id.substring(0, Math.min(id.length(), LONGEST_ENTITY));
        ActionSchema schema = schema(options);
        try {
            Question question = new Question(state.perception(entity, reflexs), goal, schema, schema.actions());
            return new SystemOneQuestion(kind, List.copyOf(options.keySet()), question);
        } catch (IllegalArgumentException unusual) {
            throw wrong(id, "cannot be asked: " + Exchange.shown(String.valueOf(unusual.getMessage())));
        }
    }

    private static void choice(String id, JsonNode criteria, Map<String, String> options) {
        if (!criteria.isObject() || criteria.size() < 2 || criteria.size() > MOST_OPTIONS) {
            throw wrong(id, "has no criteria of 2 to " + MOST_OPTIONS + " options; give an object of descriptions");
        }
        criteria.properties().forEach(each -> options.put(each.getKey(), text(each.getValue())));
    }

    private static void levels(String id, JsonNode criteria, Map<String, String> options) {
        if (!criteria.isArray() || criteria.size() < 2 || criteria.size() > MOST_LEVELS) {
            throw wrong(id, "has no criteria of 2 to " + MOST_LEVELS + " levels; give an array, the lowest first");
        }
        for (int level = 0; level < criteria.size(); level++) {
            options.put(Integer.toString(level), text(criteria.path(level)));
        }
    }

    private static String text(JsonNode description) {
        return description.isNull() ? "" : description.isTextual() ? description.textValue() : description.toString();
    }

    private static Refusal wrong(String id, String reason) {
        return new Refusal(400, "question '" + Exchange.shown(id) + "' " + reason);
    }

    /** A schema whose actions are the options; a key that is no name of an action gets one. */
    private static ActionSchema schema(Map<String, String> options) {
        ActionSchema.Builder builder = ActionSchema.builder("systemone");
        Set<String> taken = new HashSet<>();
        List<Action> actions = new ArrayList<>();
        options.forEach((key, description) -> {
            String plain = key.replaceAll("[^\\p{L}\\p{Nd}_.-]", "_");
            plain = plain.isBlank() ? "option" : plain.substring(0, Math.min(plain.length(), LONGEST_NAME - 4));
            String name = key.equals(plain) ? key : plain;
            for (int again = 2; !taken.add(name); again++) {
                name = plain + "_" + again;
            }
            actions.add(Action.of(name, description));
        });
        actions.forEach(builder::action);
        return builder.idle(actions.get(0).name()).build();
    }

    /** The answer as the protocol has it. The confidence is 0 where all options are as likely, 1 where one is certain. */
    ObjectNode json(Answer answer) {
        ObjectNode json = Exchange.newObject();
        json.put("type", kind.name().toLowerCase(Locale.ROOT));
        double[] shares = shares(answer);
        if (kind == Kind.NOUL) {
            return json.put("noul", shares[0]);
        }
        int best = 0;
        double level = 0;
        ObjectNode probabilities = Exchange.newObject();
        for (int i = 0; i < shares.length; i++) {
            probabilities.put(options.get(i), shares[i]);
            best = shares[i] > shares[best] ? i : best;
            level += i * shares[i];
        }
        if (kind == Kind.CHOICE) {
            json.put("choice", options.get(best));
        } else {
            json.put("score", level);
        }
        json.set("probabilities", probabilities);
        double even = 1.0 / shares.length;
        return json.put("confidence", Math.max(0, (shares[best] - even) / (1 - even)));
    }

    private double[] shares(Answer answer) {
        double[] shares = new double[options.size()];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            shares[i] =
                    answer.probabilities().getOrDefault(question.legal().get(i).name(), 0.0);
            sum += shares[i];
        }
        for (int i = 0; i < shares.length; i++) {
            shares[i] /= sum;
        }
        return shares;
    }
}
