package dev.reflexloop.llm.nano;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.llm.server.InstalledServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A real llama-server without a key, set to compute as exactly as our engine, and the questions that tests compare it by. The product's
 * {@link dev.reflexloop.llm.server.LlamaServer} runs it.
 */
public final class LlamaServer implements AutoCloseable {
    private final dev.reflexloop.llm.server.LlamaServer server;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    private LlamaServer(dev.reflexloop.llm.server.LlamaServer server) {
        this.server = server;
    }

    /** Where one is installed, if one is. */
    public static Optional<Path> executable() {
        return InstalledServer.executable();
    }

    /**
     * Starts it with 32-bit keys and values and without flash attention, and waits until it is healthy. It is not started again when it dies.
     *
     * @param more further arguments, which win over the usual ones; {@code --host} only with a Unix socket
     */
    public static LlamaServer start(Path executable, Path model, String... more) {
        List<String> arguments = new ArrayList<>(List.of("-ctk", "f32", "-ctv", "f32", "-fa", "off", "--no-warmup"));
        arguments.addAll(List.of(more));
        dev.reflexloop.llm.server.LlamaServer.Builder builder = dev.reflexloop.llm.server.LlamaServer.builder(model)
                .executable(executable)
                .threads(1)
                .withoutApiKey()
                .restartsPerMinute(0);
        int host = arguments.indexOf("--host");
        if (host >= 0) {
            builder.unixSocket(Path.of(arguments.get(host + 1)));
        }
        return new LlamaServer(
                builder.arguments(arguments.toArray(new String[0])).start());
    }

    /** Where it listens. */
    public String address() {
        return server.endpoint().toString();
    }

    /** What the server makes of a text: beginning-of-text token first, special tokens formed. */
    public int[] tokenize(String text) {
        ObjectNode request = json.createObjectNode()
                .put("content", text)
                .put("add_special", true)
                .put("parse_special", true);
        JsonNode tokens = post("/tokenize", request).path("tokens");
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens.get(i).asInt();
        }
        return ids;
    }

    /** The softmax over some labels behind a prompt. */
    double[] probabilities(String prompt, int[] labels) {
        ObjectNode request = json.createObjectNode()
                .put("prompt", prompt)
                .put("n_predict", 1)
                .put("cache_prompt", true)
                .put("id_slot", 0)
                .put("temperature", 1)
                .put("top_k", labels.length)
                .put("n_probs", labels.length)
                .put("post_sampling_probs", true);
        request.putArray("samplers").add("top_k").add("temperature");
        for (int label : labels) {
            request.withArray("logit_bias").addArray().add(label).add(100);
        }
        JsonNode answer = post("/completion", request);
        JsonNode top = answer.path("completion_probabilities").path(0).path("top_probs");
        double[] probabilities = new double[labels.length];
        for (JsonNode each : top) {
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] == each.path("id").asInt(-1)) {
                    probabilities[i] = each.path("prob").asDouble();
                }
            }
        }
        if (top.size() != labels.length) {
            throw new IllegalStateException(
                    "the server gave " + top.size() + " of " + labels.length + " probabilities: " + answer);
        }
        return probabilities;
    }

    private JsonNode post(String path, JsonNode body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(address() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(path + " answered " + response.statusCode() + ": " + response.body());
            }
            return json.readTree(response.body());
        } catch (IOException failure) {
            throw new UncheckedIOException(
                    "llama-server is gone; its last lines:\n" + String.join("\n", server.log()), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Stops it; waits until it is gone. */
    @Override
    public void close() {
        server.close();
    }
}
