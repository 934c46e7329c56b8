package dev.reflexloop.console.decisions;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Fact;
import dev.reflexloop.TrajectoryRecord;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * A decision as its log tells it, and what came of it so far. Immutable. Every text in it came from a game, a model or a file, and is
 * hostile.
 *
 * @param file the log that it is in
 * @param kind what kind of log that is
 * @param step the decision; for a heartbeat's tick the action is the severity (that of the rules where they decided), the entity is
 *     {@code heartbeat}, the session is the run's part of the {@code tick_id}, and the goal is empty
 * @param result what came of it; empty while nothing is known
 */
public record LoggedDecision(Path file, Kind kind, TrajectoryRecord.Decided step, Optional<Result> result) {

    /** The kinds of logs that hold decisions. */
    public enum Kind {
        /** A trajectory log. */
        TRAJECTORY,
        /** The ticks of a heartbeat. */
        HEARTBEAT
    }

    /**
     * What came of a decision.
     *
     * @param reward how good it was, -1 to 1; empty for a tick
     * @param label "chosen" or "rejected" where it is known
     * @param reasons why, in short words
     * @param closedBy who said so: {@code game}, {@code timeout}, {@code shutdown}, or {@code review} for the label on a tick
     */
    public record Result(OptionalDouble reward, Optional<String> label, List<String> reasons, String closedBy) {
        /** Copies. */
        public Result {
            reasons = List.copyOf(reasons);
        }
    }

    /**
     * The id of the decision.
     *
     * @return the id, a tick's {@code tick_id}
     */
    public String id() {
        return step.id();
    }

    /**
     * The decision as JSON, for the page and for {@code --json}.
     *
     * @return an object with {@code id, file, kind, session, at, entity, tick, perception, goal, legal, prompt, model, adapter,
     *     probabilities, legalMass, action, target, served, because, latencyMicros, escalated, guidance, outcome}; the file is its name
     *     only; what is unknown is null; the perception holds the facts by name, and the offered {@code choices}; the outcome has
     *     {@code reward, label, reasons, closedBy}
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("id", id());
        json.put("file", String.valueOf(file.getFileName()));
        json.put("kind", kind.name());
        json.put("session", step.session());
        json.put("at", step.at().toString());
        json.put("entity", step.perception().entity());
        json.put("tick", step.perception().tick());
        ObjectNode perception = json.putObject("perception");
        facts(perception, step.perception().facts());
        if (!step.perception().choices().isEmpty() && !perception.has("choices")) {
            texts(perception.putArray("choices"), step.perception().choices());
        }
        json.put("goal", step.goal().text());
        texts(json.putArray("legal"), step.legal());
        json.put("prompt", step.prompt().orElse(null));
        json.put("model", step.model().orElse(null));
        json.put("adapter", step.adapter().orElse(null));
        ObjectNode probabilities = json.putObject("probabilities");
        step.probabilities().forEach(probabilities::put);
        json.put(
                "legalMass",
                step.legalMass().isPresent() ? (Double) step.legalMass().getAsDouble() : null);
        json.put("action", step.action());
        json.put("target", step.target().orElse(null));
        json.put("served", step.served().name());
        json.put("because", step.because().map(Enum::name).orElse(null));
        json.put("latencyMicros", step.latencyMicros());
        json.put("escalated", step.escalated());
        json.put("guidance", step.guidance().orElse(null));
        json.set("outcome", result.map(LoggedDecision::toJson).orElse(null));
        return json;
    }

    private static ObjectNode toJson(Result result) {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put(
                "reward", result.reward().isPresent() ? (Double) result.reward().getAsDouble() : null);
        json.put("label", result.label().orElse(null));
        texts(json.putArray("reasons"), result.reasons());
        json.put("closedBy", result.closedBy());
        return json;
    }

    private static void texts(ArrayNode json, List<String> texts) {
        texts.forEach(json::add);
    }

    private static void facts(ObjectNode json, Map<String, Fact> facts) {
        facts.forEach((name, fact) -> {
            if (fact instanceof Fact.Text text) {
                json.put(name, text.value());
            } else if (fact instanceof Fact.Flag flag) {
                json.put(name, flag.value());
            } else if (fact instanceof Fact.Quantity quantity) {
                number(json, name, quantity.value());
            } else if (fact instanceof Fact.Records list) {
                ArrayNode records = json.putArray(name);
                list.records().forEach(each -> facts(records.addObject(), each));
            }
        });
    }

    private static void number(ObjectNode json, String name, double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            json.put(name, (long) value);
        } else {
            json.put(name, value);
        }
    }
}
