package dev.reflexloop.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.UnaryOperator;

/** Plain requests to a llama-server, as somebody without a library sends them: the JDK's client, blocking, one connection kept. */
final class LlamaApi {
    private static final JsonMapper JSON = new JsonMapper();
    private static final String EVALUATED = "llamacpp:prompt_tokens_total";
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final HttpClient http = HttpClient.newHttpClient();
    private final String address;

    LlamaApi(String address) {
        this.address = address;
    }

    String address() {
        return address;
    }

    static ObjectNode object() {
        return JSON.createObjectNode();
    }

    JsonNode post(String path, ObjectNode body) {
        byte[] reply = send(
                path,
                request -> request.header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body.toString())));
        try {
            return JSON.readTree(reply);
        } catch (IOException malformed) {
            throw new UncheckedIOException(address + path + " sent no JSON", malformed);
        }
    }

    private byte[] send(String path, UnaryOperator<HttpRequest.Builder> what) {
        HttpRequest request = what.apply(
                        HttpRequest.newBuilder(URI.create(address + path)).timeout(PATIENCE))
                .build();
        try {
            HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(address + path + " answered " + response.statusCode() + ": "
                        + new String(response.body(), StandardCharsets.UTF_8));
            }
            return response.body();
        } catch (IOException failure) {
            throw new UncheckedIOException(address + path + " gave no answer", failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while " + address + path + " was asked", interrupted);
        }
    }

    /** How many tokens of prompts the server has evaluated since its start; it has to be started with --metrics. */
    int evaluatedTokens() {
        String metrics = new String(send("/metrics", HttpRequest.Builder::GET), StandardCharsets.UTF_8);
        return metrics.lines()
                .filter(line -> line.startsWith(EVALUATED))
                .map(line -> line.substring(EVALUATED.length()).strip())
                .mapToInt(number -> (int) Double.parseDouble(number))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(address + "/metrics has no " + EVALUATED));
    }

    /** The tokens of a text that stands inside another. */
    int[] tokens(String text) {
        JsonNode tokens = post("/tokenize", object().put("content", text).put("add_special", false))
                .path("tokens");
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens.path(i).asInt();
        }
        return ids;
    }
}
