package dev.reflexloop.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A recorded loop: a trajectory log with two kinds of lines more, which its readers skip. {@code guard-trace}: what a person expects, and
 * why; the schema's idle action, {@code wait} by default; how long one tick of the game is, where the record was made faster than the game is
 * played. {@code signal}: a reply of the strategist after a step.
 */
record GuardTrace(
        String expected,
        String why,
        String idle,
        long tickMillis,
        GuardStory.Settings settings,
        List<TrajectoryRecord> records,
        Map<String, List<GuardStory.Reply>> replies) {
    private static final ObjectMapper JSON = new ObjectMapper();

    static GuardTrace read(Path file) {
        String expected = "";
        String why = "";
        String idle = "";
        long tickMillis = 0;
        GuardStory.Settings settings = GuardStory.Settings.DEFAULT;
        Map<String, List<GuardStory.Reply>> replies = new LinkedHashMap<>();
        try {
            for (String line : Files.readAllLines(file)) {
                JsonNode node = JSON.readTree(line);
                switch (node.path("type").asText()) {
                    case "guard-trace" -> {
                        expected = node.path("expected").asText();
                        why = node.path("why").asText();
                        idle = node.path("idle").asText("wait");
                        tickMillis = node.path("tickMillis").asLong();
                        settings = new GuardStory.Settings(
                                texts(node.path("progress")), texts(node.path("ignore")), texts(node.path("waiting")));
                    }
                    case "signal" ->
                        replies.computeIfAbsent(node.path("afterStep").asText(), step -> new ArrayList<>())
                                .add(new GuardStory.Reply(node.path("exit_code").asInt(), texts(node.path("actions"))));
                    default -> {
                        // the log's own lines
                    }
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(file + " is no trace", failure);
        }
        return new GuardTrace(expected, why, idle, tickMillis, settings, TrajectoryReader.readAll(file), replies);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(each -> texts.add(each.asText()));
        return texts;
    }

    static String expectation(String expected, String why, GuardStory.Settings settings) {
        ObjectNode line = JSON.createObjectNode();
        line.put("type", "guard-trace").put("expected", expected).put("why", why);
        put(line, "progress", settings.progress());
        put(line, "ignore", settings.ignore());
        put(line, "waiting", settings.waiting());
        return text(line);
    }

    static String signal(String afterStep, GuardStory.Reply reply) {
        ObjectNode line = JSON.createObjectNode();
        line.put("type", "signal").put("afterStep", afterStep).put("exit_code", reply.exitCode());
        put(line, "actions", reply.actions());
        return text(line);
    }

    private static void put(ObjectNode line, String name, List<String> texts) {
        if (!texts.isEmpty()) {
            ArrayNode array = line.putArray(name);
            texts.forEach(array::add);
        }
    }

    private static String text(ObjectNode line) {
        try {
            return JSON.writeValueAsString(line);
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException("a tree of texts cannot be written", impossible);
        }
    }
}
