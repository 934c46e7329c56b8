package dev.reflexloop.llm.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Action;
import dev.reflexloop.Question;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Target;
import dev.reflexloop.llm.PromptRenderer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One System One request, and how its reply is read. Immutable. The ids of the questions are ours, the keys of the options are harmless
 * forms of their names; what the reply holds is matched against exactly these.
 */
final class SystemOneRequest {
    /** The most options that the protocol allows in one choice. */
    static final int MAX_OPTIONS = 255;

    private static final int MOST_TEXT = 500;
    private static final double SUM_TOLERANCE = 0.02;
    private static final JsonFactory JSON = new JsonFactory();
    private static final List<String> YES_NO = List.of("yes", "no");

    private final List<Choice> choices = new ArrayList<>();
    private final Question question;

    SystemOneRequest(Question question, String instructions) {
        this.question = question;
        List<Action> legal = question.legal();
        if (legal.size() > 1) {
            choices.add(new Choice(
                    Kind.ACTION,
                    "",
                    "action",
                    instructions,
                    legal.stream().map(Action::name).toList(),
                    legal.stream().map(Action::description).toList()));
        }
        for (Action action : legal) {
            List<Target> targets = question.targets().getOrDefault(action.name(), List.of());
            if (targets.size() > 1) {
                choices.add(new Choice(
                        Kind.TARGET,
                        action.name(),
                        "target_" + choices.size(),
                        "If the next action is " + action.name() + ": which target is the best one for it?",
                        targets.stream().map(Target::id).toList(),
                        targets.stream().map(Target::description).toList()));
            }
        }
        for (SideQuestion side : question.sideQuestions()) {
            choices.add(new Choice(
                    side.options().equals(YES_NO) ? Kind.YES_NO : Kind.SIDE,
                    side.id(),
                    "side_" + choices.size(),
                    side.text(),
                    side.options(),
                    List.of()));
        }
    }

    private enum Kind {
        ACTION,
        TARGET,
        SIDE,
        YES_NO
    }

    /** One of the questions in the request; {@code owner} is the action of a target question or the id of a side question. */
    private record Choice(
            Kind kind, String owner, String id, String instructions, List<String> names, List<String> descriptions) {}

    /** True when there is nothing to choose. */
    boolean isEmpty() {
        return choices.isEmpty();
    }

    /** What is wrong with it, before it is sent. */
    Optional<String> problem() {
        for (Choice choice : choices) {
            if (choice.names().size() > MAX_OPTIONS) {
                return Optional.of(
                        "question '" + choice.id() + "' has " + choice.names().size() + " options and System One takes "
                                + MAX_OPTIONS + "; offer fewer actions or targets at a time");
            }
        }
        return Optional.empty();
    }

    /** The request's body. */
    byte[] body(String model, String state, boolean stateAsText) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(1_024);
        try (JsonGenerator json = JSON.createGenerator(bytes)) {
            json.writeStartObject();
            if (!model.isEmpty()) {
                json.writeStringField("model", model);
            }
            json.writeFieldName("state");
            if (stateAsText) {
                json.writeString(state);
            } else {
                json.writeRawValue(state);
            }
            json.writeObjectFieldStart("questions");
            for (Choice choice : choices) {
                write(json, choice);
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a byte array refused a write", impossible);
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, Choice choice) throws IOException {
        json.writeObjectFieldStart(choice.id());
        json.writeStringField("type", choice.kind() == Kind.YES_NO ? "noul" : "choice");
        json.writeStringField("instructions", PromptRenderer.harmless(choice.instructions(), MOST_TEXT));
        if (choice.kind() != Kind.YES_NO) {
            List<String> keys = OptionKeys.of(choice.names());
            json.writeObjectFieldStart("criteria");
            for (int i = 0; i < keys.size(); i++) {
                json.writeFieldName(keys.get(i));
                String description =
                        i < choice.descriptions().size() ? choice.descriptions().get(i) : "";
                if (description.isEmpty()) {
                    json.writeNull();
                } else {
                    json.writeString(PromptRenderer.harmless(description, MOST_TEXT));
                }
            }
            json.writeEndObject();
        }
        json.writeEndObject();
    }

    /** What a reply says, by name. */
    record Scores(
            Map<String, Double> actions,
            Map<String, Map<String, Double>> targets,
            Map<String, Map<String, Double>> sides,
            int inputTokens) {}

    /** The scores of what there is no choice about. */
    Scores certain() {
        Map<String, Map<String, Double>> targets = new LinkedHashMap<>();
        for (Action action : question.legal()) {
            List<Target> offered = question.targets().getOrDefault(action.name(), List.of());
            if (offered.size() == 1) {
                targets.put(action.name(), Map.of(offered.get(0).id(), 1.0));
            }
        }
        return new Scores(Map.of(question.legal().get(0).name(), 1.0), targets, new LinkedHashMap<>(), 0);
    }

    /**
     * Reads a reply.
     *
     * @throws IOException when it is not a distribution over exactly the options of each question
     */
    Scores read(JsonNode reply) throws IOException {
        Scores scores = certain();
        Map<String, Double> actions = scores.actions();
        for (Choice choice : choices) {
            JsonNode answer = reply.path("answers").path(choice.id());
            switch (choice.kind()) {
                case ACTION -> actions = distribution(choice, answer);
                case TARGET -> scores.targets().put(choice.owner(), distribution(choice, answer));
                case SIDE -> scores.sides().put(choice.owner(), distribution(choice, answer));
                case YES_NO -> scores.sides().put(choice.owner(), yesNo(choice, answer));
            }
        }
        int tokens = reply.path("usage").path("input_tokens").asInt(0);
        return new Scores(actions, scores.targets(), scores.sides(), tokens);
    }

    private static Map<String, Double> yesNo(Choice choice, JsonNode answer) throws IOException {
        double yes = probability(choice, "noul", answer.path("noul"));
        Map<String, Double> both = new LinkedHashMap<>();
        both.put(YES_NO.get(0), Math.min(1, yes));
        both.put(YES_NO.get(1), Math.max(0, 1 - yes));
        return both;
    }

    private static Map<String, Double> distribution(Choice choice, JsonNode answer) throws IOException {
        JsonNode given = answer.path("probabilities");
        List<String> keys = OptionKeys.of(choice.names());
        if (given.size() != keys.size()) {
            throw new IOException("question '" + choice.id() + "' has " + keys.size() + " options and the reply rates "
                    + given.size());
        }
        double[] values = new double[keys.size()];
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = probability(choice, keys.get(i), given.path(keys.get(i)));
            sum += values[i];
        }
        if (Math.abs(sum - 1) > SUM_TOLERANCE) {
            throw new IOException("the probabilities of question '" + choice.id() + "' add up to " + sum);
        }
        Map<String, Double> byName = new LinkedHashMap<>();
        for (int i = 0; i < values.length; i++) {
            byName.put(choice.names().get(i), values[i] / sum);
        }
        return byName;
    }

    private static double probability(Choice choice, String key, JsonNode value) throws IOException {
        double number = value.isNumber() ? value.asDouble() : Double.NaN;
        if (!(number >= 0 && number <= 1 + SUM_TOLERANCE)) {
            throw new IOException("question '" + choice.id() + "' has no probability of '" + key + "' in the reply");
        }
        return number;
    }
}
