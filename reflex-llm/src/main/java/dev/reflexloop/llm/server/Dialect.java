package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Timings;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** How a kind of server is asked for the probabilities of labels. */
enum Dialect {
    /**
     * vLLM's completions with {@code logprob_token_ids}: the raw log-probability of exactly these tokens. Versions that do not know the
     * field ignore it and list the twenty likeliest tokens instead, also by id.
     */
    VLLM("vllm", "/v1/completions", true) {
        @Override
        ObjectNode request(String model, String prompt, List<Integer> tokens, int listed) {
            ObjectNode request = completion(model, prompt, 20).put("return_tokens_as_token_ids", true);
            ArrayNode ids = request.putArray("logprob_token_ids");
            tokens.forEach(ids::add);
            return request;
        }

        @Override
        LabelScores read(JsonNode reply, List<String> labels, List<Integer> tokens) throws IOException {
            return listed(
                    reply, tokens.stream().map(token -> "token_id:" + token).toList());
        }
    },

    /** SGLang's scoring: without its softmax the scores are the tokens' shares of the whole distribution. */
    SGLANG("sglang", "/v1/score", true) {
        @Override
        ObjectNode request(String model, String prompt, List<Integer> tokens, int listed) {
            ObjectNode request = JSON.createObjectNode()
                    .put("model", model)
                    .put("query", "")
                    .put("apply_softmax", false)
                    .put("item_first", false);
            request.putArray("items").add(prompt);
            ArrayNode ids = request.putArray("label_token_ids");
            tokens.forEach(ids::add);
            return request;
        }

        @Override
        LabelScores read(JsonNode reply, List<String> labels, List<Integer> tokens) throws IOException {
            JsonNode scores = reply.path("scores").path(0);
            if (scores.size() != tokens.size()) {
                throw new IOException("the reply scores " + scores.size() + " of " + tokens.size() + " labels");
            }
            double[] shares = new double[tokens.size()];
            double mass = 0;
            for (int i = 0; i < shares.length; i++) {
                JsonNode score = scores.path(i);
                shares[i] = score.isNumber() ? score.asDouble() : Double.NaN;
                mass += shares[i];
            }
            return LabelScores.ofShares(shares, mass, timings(reply));
        }
    },

    /** Completions as OpenAI defined them: the likeliest tokens, by text. */
    PLAIN("openai", "/v1/completions", false) {
        @Override
        ObjectNode request(String model, String prompt, List<Integer> tokens, int listed) {
            return completion(model, prompt, listed);
        }

        @Override
        LabelScores read(JsonNode reply, List<String> labels, List<Integer> tokens) throws IOException {
            return listed(reply, labels);
        }
    };

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String shortName;
    private final String path;
    private final boolean byToken;

    Dialect(String shortName, String path, boolean byToken) {
        this.shortName = shortName;
        this.path = path;
        this.byToken = byToken;
    }

    /** The request for one prompt. */
    abstract ObjectNode request(String model, String prompt, List<Integer> tokens, int listed);

    /** What a reply says about the labels. */
    abstract LabelScores read(JsonNode reply, List<String> labels, List<Integer> tokens) throws IOException;

    String shortName() {
        return shortName;
    }

    String path() {
        return path;
    }

    /** Whether labels are named by their token's id instead of their text. */
    boolean byToken() {
        return byToken;
    }

    private static ObjectNode completion(String model, String prompt, int listed) {
        return JSON.createObjectNode()
                .put("model", model)
                .put("prompt", prompt)
                .put("max_tokens", 1)
                .put("temperature", 0)
                .put("logprobs", listed);
    }

    /** Reads {@code top_logprobs} as OpenAI's completions have it, or the list that its chat API and llama-server send. */
    private static LabelScores listed(JsonNode reply, List<String> labels) throws IOException {
        JsonNode logprobs = reply.path("choices").path(0).path("logprobs");
        TopTokens listed = new TopTokens();
        for (Map.Entry<String, JsonNode> entry :
                logprobs.path("top_logprobs").path(0).properties()) {
            listed.add(entry.getKey(), entry.getValue());
        }
        for (JsonNode entry : logprobs.path("content").path(0).path("top_logprobs")) {
            listed.add(entry.path("token").asText(""), entry.path("logprob"));
        }
        if (listed.isEmpty()) {
            throw new IOException("the reply lists no log-probabilities");
        }
        return listed.over(labels, timings(reply));
    }

    private static Timings timings(JsonNode reply) {
        JsonNode usage = reply.path("usage");
        int cached = usage.path("prompt_tokens_details").path("cached_tokens").asInt(0);
        return new Timings(0, 0, Math.max(0, usage.path("prompt_tokens").asInt(0) - cached), cached);
    }
}
