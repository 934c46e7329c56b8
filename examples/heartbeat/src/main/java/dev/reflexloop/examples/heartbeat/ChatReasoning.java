package dev.reflexloop.examples.heartbeat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Optional;

/**
 * A model that writes, behind {@code POST /v1/chat/completions} as llama-server, Ollama, vLLM and others serve it. Give it a server of its
 * own: while one reads this prompt, its reflexes wait.
 */
final class ChatReasoning implements Reasoning {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int MOST_TOKENS = 60;
    private static final int MOST_BYTES = 64 << 10;
    private static final double TEMPERATURE = 0.2;

    private final HttpClient client;
    private final URI address;
    private final String model;
    private final Optional<String> key;

    /**
     * A writer.
     *
     * @param client the client
     * @param server the server's address, without a path
     * @param model the model's name as the server knows it; may be empty where it has only one
     * @param key the server's key, which appears nowhere else
     */
    ChatReasoning(HttpClient client, String server, String model, Optional<String> key) {
        this.client = client;
        this.address = URI.create(server.replaceFirst("/+$", "") + "/v1/chat/completions");
        this.model = model;
        this.key = key;
    }

    @Override
    public String write(String prompt) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode();
        if (!model.isEmpty()) {
            body.put("model", model);
        }
        body.putArray("messages").addObject().put("role", "user").put("content", prompt);
        body.put("max_tokens", MOST_TOKENS).put("temperature", TEMPERATURE).put("stream", false);
        HttpRequest.Builder request = HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)));
        key.ifPresent(secret -> request.header("Authorization", "Bearer " + secret));
        HttpResponse<InputStream> response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream in = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("the chat server answered with status " + response.statusCode());
            }
            JsonNode reply = JSON.readTree(in.readNBytes(MOST_BYTES));
            return reply.at("/choices/0/message/content").asText();
        }
    }
}
