package dev.reflexloop.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a training came to. Immutable; also written as JSON beside the model.
 *
 * @param model the GGUF file
 * @param report the JSON file with these figures
 * @param parameters number of weights
 * @param bytes size of the model file
 * @param vocabulary number of tokens
 * @param examples decisions that were trained on
 * @param heldOut decisions that were held out
 * @param episodes sessions, or parts of them, that examples were split by
 * @param longestPrompt tokens of the longest prompt
 * @param accuracy share of held-out decisions that agree with the label
 * @param loss held-out loss over the legal labels, in nats
 * @param legalMass mean share of the whole vocabulary's probability on the legal labels
 * @param confusion held-out counts: for each labelled action (row) what the model chose (column), in the order of
 *     {@code actions}
 * @param actions the schema's actions
 * @param steps optimizer steps
 * @param elapsed time spent training, over all starts
 * @param seed the seed
 * @param ending why training ended
 * @param notices what was left out or unusual about the data
 */
public record TrainingReport(
        Path model,
        Path report,
        long parameters,
        long bytes,
        int vocabulary,
        int examples,
        int heldOut,
        int episodes,
        int longestPrompt,
        double accuracy,
        double loss,
        double legalMass,
        List<List<Integer>> confusion,
        List<String> actions,
        long steps,
        Duration elapsed,
        long seed,
        String ending,
        List<String> notices) {

    /** Copies. */
    public TrainingReport {
        confusion = confusion.stream().map(List::copyOf).toList();
        actions = List.copyOf(actions);
        notices = List.copyOf(notices);
    }

    String toJson() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        json.put("model", model.toString())
                .put("report", report.toString())
                .put("parameters", parameters)
                .put("bytes", bytes)
                .put("vocabulary", vocabulary)
                .put("examples", examples)
                .put("heldOut", heldOut)
                .put("episodes", episodes)
                .put("longestPrompt", longestPrompt)
                .put("accuracy", accuracy)
                .put("loss", loss)
                .put("legalMass", legalMass);
        ArrayNode rows = json.putArray("confusion");
        confusion.forEach(row -> row.forEach(rows.addArray()::add));
        actions.forEach(json.putArray("actions")::add);
        json.put("steps", steps)
                .put("minutes", elapsed.toMillis() / 60_000.0)
                .put("seed", seed)
                .put("ending", ending);
        notices.forEach(json.putArray("notices")::add);
        return json.toString();
    }

    static TrainingReport fromJson(JsonNode json) {
        List<List<Integer>> confusion = new ArrayList<>();
        for (JsonNode row : json.path("confusion")) {
            List<Integer> counts = new ArrayList<>();
            row.forEach(count -> counts.add(count.asInt()));
            confusion.add(counts);
        }
        return new TrainingReport(
                Path.of(json.path("model").asText()),
                Path.of(json.path("report").asText()),
                json.path("parameters").asLong(),
                json.path("bytes").asLong(),
                json.path("vocabulary").asInt(),
                json.path("examples").asInt(),
                json.path("heldOut").asInt(),
                json.path("episodes").asInt(),
                json.path("longestPrompt").asInt(),
                json.path("accuracy").asDouble(),
                json.path("loss").asDouble(),
                json.path("legalMass").asDouble(),
                confusion,
                texts(json.path("actions")),
                json.path("steps").asLong(),
                Duration.ofMillis(Math.round(json.path("minutes").asDouble() * 60_000)),
                json.path("seed").asLong(),
                json.path("ending").asText(),
                texts(json.path("notices")));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.asText()));
        return texts;
    }
}
