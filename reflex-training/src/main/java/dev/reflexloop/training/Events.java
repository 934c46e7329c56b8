package dev.reflexloop.training;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.OptionalDouble;

/** Reads the events that the child prints. */
final class Events {

    private Events() {}

    static TrainingProgress progress(JsonNode json) {
        return new TrainingProgress(
                TrainingProgress.Phase.valueOf(json.path("phase").asText()),
                json.path("done").asDouble(),
                json.path("step").asLong(),
                json.path("loss").asDouble(Double.NaN),
                number(json, "heldOutAccuracy"),
                number(json, "heldOutLoss"),
                json.path("examplesPerSecond").asDouble(),
                Duration.ofNanos(json.path("elapsedNanos").asLong()),
                json.path("message").asText());
    }

    static TrainingException error(JsonNode json) {
        return new TrainingException(
                TrainingException.Reason.valueOf(json.path("reason").asText()),
                json.path("subject").asText(),
                json.path("message").asText(),
                null);
    }

    private static OptionalDouble number(JsonNode json, String field) {
        JsonNode value = json.path(field);
        return value.isNumber() ? OptionalDouble.of(value.asDouble()) : OptionalDouble.empty();
    }
}
