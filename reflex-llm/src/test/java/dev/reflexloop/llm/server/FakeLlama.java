package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What a llama-server says, without a model: a letter behind a space is one token, any other character one of its own; of the labels in
 * question the first is the most probable. Tests set what is to be different.
 */
final class FakeLlama implements ScriptedServer.Script {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int BEGINNING = 1;
    private static final int LETTERS = 5_000;

    /** The paths that were asked for, in order; a completion with what it predicts and its slot. */
    final List<String> asked = new CopyOnWriteArrayList<>();

    /** Completions wait for it. */
    volatile CountDownLatch gate = new CountDownLatch(0);

    /** So many completions pass the gate whatever it says. */
    final AtomicInteger passes = new AtomicInteger();

    /** Whether a letter behind a space is one token. */
    volatile boolean labels = true;

    /** Whether texts are answered with JSON of another shape instead of tokens. */
    volatile boolean tokenless;

    /** What the tokens' numbers begin at: another vocabulary. */
    volatile int shift;

    volatile int slots = 2;
    volatile boolean tellsSlots = true;
    volatile String properties = "";

    @Override
    public void answer(ScriptedServer.Request request, ScriptedServer.Connection connection) throws IOException {
        String path = request.head().split(" ")[1];
        JsonNode body = request.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(request.body());
        switch (path) {
            case "/props" -> {
                asked.add(path);
                connection.reply(200, properties.isEmpty() ? properties() : properties);
            }
            case "/tokenize" -> {
                asked.add(path);
                if (tokenless) {
                    connection.reply(200, "{\"ids\":[1]}");
                    return;
                }
                ArrayNode tokens = JSON.createArrayNode();
                tokens(body.path("content").asText()).forEach(tokens::add);
                connection.reply(
                        200, JSON.createObjectNode().set("tokens", tokens).toString());
            }
            case "/slots" -> {
                asked.add(path);
                if (tellsSlots) {
                    connection.reply(200, slots());
                } else {
                    connection.reply(501, "{\"error\":{\"message\":\"start with --slots\"}}");
                }
            }
            default -> {
                asked.add(path + " " + body.path("n_predict") + " in " + body.path("id_slot"));
                await();
                connection.reply(200, completion(body));
            }
        }
    }

    private void await() throws IOException {
        if (passes.getAndDecrement() > 0) {
            return;
        }
        try {
            gate.await();
        } catch (InterruptedException interrupted) {
            throw new IOException(interrupted);
        }
    }

    private String properties() {
        return "{\"default_generation_settings\":{\"n_ctx\":4096},\"total_slots\":" + slots + ",\"endpoint_slots\":"
                + tellsSlots + "}";
    }

    private String slots() {
        List<String> all = new ArrayList<>();
        for (int id = 0; id < slots; id++) {
            all.add("{\"id\":" + id + ",\"is_processing\":" + (gate.getCount() > 0) + "}");
        }
        return all.toString();
    }

    private List<Integer> tokens(String text) {
        List<Integer> tokens = new ArrayList<>(List.of(BEGINNING));
        for (int i = 0; i < text.length(); i++) {
            boolean label =
                    labels && text.charAt(i) == ' ' && i + 1 < text.length() && Character.isLetter(text.charAt(i + 1));
            tokens.add(shift + (label ? LETTERS + text.charAt(++i) : text.charAt(i)));
        }
        return tokens;
    }

    private String completion(JsonNode body) {
        ObjectNode reply = JSON.createObjectNode();
        ArrayNode entries =
                reply.putArray("completion_probabilities").addObject().putArray("top_probs");
        int count = body.path("logit_bias").size();
        double probability = 0.5;
        for (int i = 0; i < count; i++) {
            int id = body.path("logit_bias").path(i).path(0).asInt();
            int letter = id - shift - LETTERS;
            String text = letter > 0 && letter < 128 ? " " + (char) letter : "?";
            entries.addObject().put("id", id).put("token", text).put("prob", probability);
            probability /= i == count - 2 ? 1 : 2;
        }
        reply.putObject("timings")
                .put("prompt_n", 5)
                .put("cache_n", body.path("prompt").size() - 5)
                .put("prompt_ms", 20);
        return reply.toString();
    }
}
