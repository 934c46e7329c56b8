package dev.reflexloop.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.llm.gguf.GgufWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything the child process has to know, as one line of JSON on its standard input. Immutable.
 *
 * @param logs logs and folders of logs
 * @param output the GGUF file to write
 * @param shape size of the model
 * @param hyper how it is trained
 * @param heldOutShare share of the examples that is held out
 * @param options what the caller decides about the layout
 * @param label which action is the right one
 * @param type how matrices are stored
 * @param threads threads for matrix products
 * @param checkpointNanos time between checkpoints
 * @param fresh whether an earlier checkpoint is ignored
 * @param scratch a folder of the parent's that the child deletes if it outlives the parent
 */
record TrainingPlan(
        List<Path> logs,
        Path output,
        NanoShape shape,
        Hyper hyper,
        double heldOutShare,
        LayoutLearner.Options options,
        LabelSource label,
        GgufWriter.TensorType type,
        int threads,
        long checkpointNanos,
        boolean fresh,
        Path scratch) {

    private static final ObjectMapper JSON = new ObjectMapper();

    Path checkpoint() {
        return output.resolveSibling(output.getFileName() + ".checkpoint");
    }

    Path report() {
        String name = String.valueOf(output.getFileName());
        String stem = name.endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
        return output.resolveSibling(stem + ".training.json");
    }

    String toJson() {
        ObjectNode json = JSON.createObjectNode();
        logs.forEach(log -> json.withArray("logs").add(log.toString()));
        json.put("output", output.toString());
        json.putObject("shape")
                .put("layers", shape.layers())
                .put("width", shape.width())
                .put("heads", shape.heads())
                .put("kvHeads", shape.kvHeads())
                .put("feedForward", shape.feedForward())
                .put("contextLength", shape.contextLength())
                .put("tiedHead", shape.tiedHead());
        json.putObject("hyper")
                .put("batch", hyper.batch())
                .put("epochs", hyper.epochs())
                .put("learningRate", hyper.learningRate())
                .put("warmupSteps", hyper.warmupSteps())
                .put("weightDecay", hyper.weightDecay())
                .put("clip", hyper.clip())
                .put("vocabularyShare", hyper.vocabularyShare())
                .put("patience", hyper.patience())
                .put("enough", hyper.enough())
                .put("timeLimitNanos", hyper.timeLimitNanos())
                .put("seed", hyper.seed());
        json.put("heldOutShare", heldOutShare);
        ObjectNode layout = json.putObject("options")
                .put("bands", options.bands())
                .put("texts", options.texts())
                .put("slots", options.slots());
        ArrayNode ignored = layout.putArray("ignored");
        options.ignored().forEach(ignored::add);
        ObjectNode edges = layout.putObject("edges");
        options.edges().forEach((name, values) -> {
            ArrayNode array = edges.putArray(name);
            for (double value : values) {
                array.add(value);
            }
        });
        json.put("label", label.name())
                .put("type", type.name())
                .put("threads", threads)
                .put("checkpointNanos", checkpointNanos)
                .put("fresh", fresh)
                .put("scratch", scratch.toString());
        return json.toString();
    }

    static TrainingPlan fromJson(String text) throws JsonProcessingException {
        JsonNode json = JSON.readTree(text);
        List<Path> logs = new ArrayList<>();
        json.path("logs").forEach(log -> logs.add(Path.of(log.asText())));
        JsonNode shape = json.path("shape");
        JsonNode hyper = json.path("hyper");
        JsonNode options = json.path("options");
        Set<String> ignored = new HashSet<>();
        options.path("ignored").forEach(name -> ignored.add(name.asText()));
        Map<String, double[]> edges = new LinkedHashMap<>();
        options.path("edges").properties().forEach(entry -> {
            double[] values = new double[entry.getValue().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = entry.getValue().path(i).asDouble();
            }
            edges.put(entry.getKey(), values);
        });
        return new TrainingPlan(
                logs,
                Path.of(json.path("output").asText()),
                new NanoShape(
                        shape.path("layers").asInt(),
                        shape.path("width").asInt(),
                        shape.path("heads").asInt(),
                        shape.path("kvHeads").asInt(),
                        shape.path("feedForward").asInt(),
                        shape.path("contextLength").asInt(),
                        shape.path("tiedHead").asBoolean()),
                new Hyper(
                        hyper.path("batch").asInt(),
                        hyper.path("epochs").asInt(),
                        hyper.path("learningRate").asDouble(),
                        hyper.path("warmupSteps").asInt(),
                        hyper.path("weightDecay").asDouble(),
                        hyper.path("clip").asDouble(),
                        hyper.path("vocabularyShare").asDouble(),
                        hyper.path("patience").asInt(),
                        hyper.path("enough").asDouble(),
                        hyper.path("timeLimitNanos").asLong(),
                        hyper.path("seed").asLong()),
                json.path("heldOutShare").asDouble(),
                new LayoutLearner.Options(
                        options.path("bands").asInt(),
                        options.path("texts").asInt(),
                        options.path("slots").asInt(),
                        ignored,
                        edges),
                LabelSource.valueOf(json.path("label").asText()),
                GgufWriter.TensorType.valueOf(json.path("type").asText()),
                json.path("threads").asInt(),
                json.path("checkpointNanos").asLong(),
                json.path("fresh").asBoolean(),
                Path.of(json.path("scratch").asText()));
    }
}
