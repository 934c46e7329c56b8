package dev.reflexloop;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.Writer;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes the lines of a trajectory log, version 1. Fields are only ever appended. Confined to the writing thread. */
final class TrajectoryJson {
    static final int VERSION = 1;

    private static final JsonFactory JSON = new JsonFactory();
    private static final double PROBABILITY_STEPS = 1e6;

    private TrajectoryJson() {}

    static JsonGenerator generator(Writer out) throws IOException {
        return JSON.createGenerator(out)
                .disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET)
                .setRootValueSeparator(null);
    }

    static void header(JsonGenerator json, String session, ActionSchema schema, Instant startedAt) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "header");
        json.writeNumberField("version", VERSION);
        json.writeStringField("session", session);
        json.writeStringField("library", library());
        json.writeObjectFieldStart("schema");
        json.writeStringField("name", schema.name());
        json.writeArrayFieldStart("actions");
        for (Action action : schema.actions()) {
            json.writeStartObject();
            json.writeStringField("name", action.name());
            json.writeStringField("description", action.description());
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
        json.writeStringField("startedAt", startedAt.toString());
        json.writeEndObject();
    }

    private static String library() {
        String version = TrajectoryJson.class.getPackage().getImplementationVersion();
        return "reflex " + (version == null ? "unreleased" : version);
    }

    static void step(JsonGenerator json, Step step) throws IOException {
        Decision decision = step.decision();
        Perception perception = decision.perception();
        json.writeStartObject();
        json.writeStringField("type", "step");
        json.writeStringField("id", decision.id());
        json.writeStringField("session", step.session());
        json.writeStringField("entity", perception.entity());
        json.writeNumberField("tick", perception.tick());
        json.writeStringField("at", decision.at().toString());
        json.writeFieldName("perception");
        boolean unusable = decision.because().orElse(null) == Cause.BAD_PERCEPTION;
        perception(json, perception, unusable);
        json.writeStringField("goal", decision.goal().text());
        json.writeArrayFieldStart("legal");
        for (Action action : decision.legal()) {
            json.writeString(action.name());
        }
        json.writeEndArray();
        answer(json, decision);
        json.writeStringField("action", decision.action().name());
        nullable(json, "target", decision.target().map(Target::id).orElse(null));
        json.writeStringField("served", decision.served().name());
        nullable(json, "servedBecause", decision.because().map(Enum::name).orElse(null));
        json.writeNumberField("latencyMicros", decision.latency().toNanos() / 1_000);
        json.writeBooleanField("escalated", decision.escalated());
        nullable(json, "guidance", decision.guidance().orElse(null));
        if (decision.vetoed().isPresent()) {
            json.writeStringField("vetoed", decision.vetoed().get().name());
        }
        if (decision.late()) {
            json.writeBooleanField("late", true);
        }
        if (step.teacher().isPresent()) {
            json.writeStringField("teacher", step.teacher().get());
        }
        if (decision.situation().isPresent()) {
            json.writeStringField("situation", decision.situation().get().kind().name());
        }
        json.writeEndObject();
    }

    private static void answer(JsonGenerator json, Decision decision) throws IOException {
        Answer answer = decision.answer().orElse(null);
        nullable(json, "prompt", answer == null ? null : answer.prompt().orElse(null));
        nullable(json, "model", answer == null ? null : answer.model());
        nullable(json, "adapter", answer == null ? null : answer.adapter().orElse(null));
        json.writeObjectFieldStart("probabilities");
        if (answer != null) {
            for (Map.Entry<String, Double> entry : answer.probabilities().entrySet()) {
                probability(json, String.valueOf(entry.getKey()), entry.getValue());
            }
        }
        json.writeEndObject();
        if (answer != null && answer.legalMass().isPresent()) {
            probability(json, "legalMass", answer.legalMass().getAsDouble());
        } else {
            json.writeNullField("legalMass");
        }
    }

    /** JSON has no NaN; an answer's hostile numbers, and those that it left out, are written as null. */
    private static void probability(JsonGenerator json, String name, @Nullable Double value) throws IOException {
        if (value != null && Double.isFinite(value)) {
            json.writeNumberField(name, Math.rint(value * PROBABILITY_STEPS) / PROBABILITY_STEPS);
        } else {
            json.writeNullField(name);
        }
    }

    private static void nullable(JsonGenerator json, String name, @Nullable String value) throws IOException {
        if (value == null) {
            json.writeNullField(name);
        } else {
            json.writeStringField(name, value);
        }
    }

    private static void perception(JsonGenerator json, Perception perception, boolean unusable) throws IOException {
        json.writeStartObject();
        json.writeObjectFieldStart("facts");
        if (!unusable) {
            facts(json, perception.facts());
        }
        json.writeEndObject();
        if (!unusable && !perception.choices().isEmpty()) {
            json.writeArrayFieldStart("choices");
            for (String choice : perception.choices()) {
                json.writeString(choice);
            }
            json.writeEndArray();
        }
        json.writeStringField("urgency", perception.urgency().name());
        json.writeStringField("at", perception.at().toString());
        if (unusable) {
            json.writeNumberField("omittedFacts", perception.facts().size());
        }
        json.writeEndObject();
    }

    private static void facts(JsonGenerator json, Map<String, Fact> facts) throws IOException {
        for (Map.Entry<String, Fact> entry : facts.entrySet()) {
            json.writeFieldName(entry.getKey());
            fact(json, entry.getValue());
        }
    }

    private static void fact(JsonGenerator json, Fact fact) throws IOException {
        if (fact instanceof Fact.Text text) {
            json.writeString(text.value());
        } else if (fact instanceof Fact.Flag flag) {
            json.writeBoolean(flag.value());
        } else if (fact instanceof Fact.Quantity quantity) {
            number(json, quantity.value());
        } else if (fact instanceof Fact.Records records) {
            json.writeStartArray();
            for (Map<String, Fact> each : records.records()) {
                json.writeStartObject();
                facts(json, each);
                json.writeEndObject();
            }
            json.writeEndArray();
        }
    }

    private static void number(JsonGenerator json, double value) throws IOException {
        if (value == Math.rint(value) && Math.abs(value) < 1L << 53) {
            json.writeNumber((long) value);
        } else {
            json.writeNumber(value);
        }
    }

    static void applied(JsonGenerator json, String step, long tick, Instant at) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "applied");
        json.writeStringField("step", step);
        json.writeNumberField("tick", tick);
        json.writeStringField("at", at.toString());
        json.writeEndObject();
    }

    static void outcome(JsonGenerator json, Outcome outcome) throws IOException {
        json.writeStartObject();
        json.writeStringField("type", "outcome");
        json.writeStringField("step", outcome.step());
        json.writeNumberField("reward", outcome.reward());
        nullable(json, "label", outcome.label().orElse(null));
        json.writeArrayFieldStart("reasons");
        List<String> reasons = outcome.reasons();
        for (String reason : reasons) {
            json.writeString(reason);
        }
        json.writeEndArray();
        json.writeStringField("closedBy", outcome.closedBy().name().toLowerCase(Locale.ROOT));
        json.writeStringField("at", outcome.at().toString());
        json.writeEndObject();
    }
}
