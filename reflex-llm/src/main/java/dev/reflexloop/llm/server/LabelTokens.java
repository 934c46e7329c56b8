package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Deadline;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.Relay;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The token of each label, proven by the server's {@code POST /tokenize}: the tokens of prompt and label together must be those of the
 * prompt and one more. Looked up once, behind the first prompt that needs it, because every prompt of a renderer ends alike. Thread-safe.
 */
final class LabelTokens {
    private static final int MOST_LABELS = 4_096;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ServerClient client;
    private final String subject;
    private final String model;
    private final Map<String, Integer> known = new ConcurrentHashMap<>();

    /**
     * @param client the server
     * @param subject the model's id, for messages
     * @param model the name that the server knows
     */
    LabelTokens(ServerClient client, String subject, String model) {
        this.client = client;
        this.subject = subject;
        this.model = model;
    }

    /** The labels' tokens, in order; fails with {@link UnusableModelException} when a label is not one token. Returns at once. */
    CompletableFuture<List<Integer>> of(String prompt, List<String> labels, Deadline deadline) {
        List<Integer> tokens = inOrder(labels);
        if (tokens.size() == labels.size()) {
            return CompletableFuture.completedFuture(tokens);
        }
        Relay<List<Integer>> result = new Relay<>();
        result.follow(tokenize(prompt, deadline), base -> prove(result, prompt, base, labels, deadline));
        return result;
    }

    /** What is known may be of another model: the server went away. */
    void forget() {
        known.clear();
    }

    private List<Integer> inOrder(List<String> labels) {
        List<Integer> tokens = new ArrayList<>(labels.size());
        for (String label : labels) {
            Integer token = known.get(label);
            if (token == null) {
                break;
            }
            tokens.add(token);
        }
        return tokens;
    }

    private void prove(
            Relay<List<Integer>> result, String prompt, List<Integer> base, List<String> labels, Deadline deadline) {
        List<Integer> tokens = inOrder(labels);
        if (tokens.size() == labels.size()) {
            result.complete(tokens);
            return;
        }
        String label = labels.get(tokens.size());
        result.follow(tokenize(prompt + label, deadline), longer -> {
            int last = longer.size() - 1;
            if (last != base.size() || !longer.subList(0, last).equals(base)) {
                throw new UnusableModelException(
                        subject,
                        "label '" + label
                                + "' is not a single token behind its prompt; use a renderer whose labels are",
                        null);
            }
            if (known.size() >= MOST_LABELS) {
                known.clear();
            }
            known.put(label, longer.get(last));
            prove(result, prompt, base, labels, deadline);
        });
    }

    private CompletableFuture<List<Integer>> tokenize(String text, Deadline deadline) {
        byte[] body = JSON.createObjectNode()
                .put("model", model)
                .put("prompt", text)
                .put("add_special_tokens", true)
                .toString()
                .getBytes(StandardCharsets.UTF_8);
        return client.post("/tokenize", body, deadline, LabelTokens::read);
    }

    static List<Integer> read(JsonNode reply) throws IOException {
        List<Integer> tokens = new ArrayList<>();
        for (JsonNode token : reply.path("tokens")) {
            if (!token.isInt() || token.intValue() < 0) {
                throw new IOException("a token's id is no number of zero or more");
            }
            tokens.add(token.intValue());
        }
        return tokens;
    }
}
