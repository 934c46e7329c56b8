package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.ReflexThreads;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A server of our own that replies as Ollama, vLLM, SGLang and plain OpenAI-compatible servers do, in the shapes that are recorded beside
 * the tests. Its vocabulary has a token for each letter behind a space and one for each character; its probabilities follow from the
 * prompt, the letters A to D being the likeliest tokens. Thread-safe.
 */
public final class RecordedServer implements AutoCloseable {
    /** The model that it serves. */
    public static final String MODEL = "recorded";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LETTER_TOKENS = 1_000_000;

    /** What came in: the path, and the body (missing without one). */
    public record Request(String path, JsonNode body, String authorization) {}

    /** Makes the reply to a request. */
    @FunctionalInterface
    public interface Reply {
        /** Makes the body of the reply. */
        byte[] to(Request request) throws IOException;
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool(ReflexThreads.factory("recorded-server"));
    private final List<Request> requests = new CopyOnWriteArrayList<>();
    private volatile Reply scoring = this::scores;
    private volatile int status = 200;

    private RecordedServer(HttpServer server) {
        this.server = server;
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    /** Starts one on a free loopback port. */
    public static RecordedServer start() {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // or each reply waits 40 ms for an acknowledgement
        try {
            return new RecordedServer(
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64));
        } catch (IOException failure) {
            throw new IllegalStateException("no loopback port is free", failure);
        }
    }

    /** Where it listens. */
    public Endpoint endpoint() {
        return Endpoint.of("http://127.0.0.1:" + server.getAddress().getPort());
    }

    /** Everything that came in, in order. */
    public List<Request> requests() {
        return requests;
    }

    /** What came in for one path. */
    public List<Request> requests(String path) {
        return requests.stream().filter(request -> request.path().equals(path)).toList();
    }

    /** Replies to scoring requests with what this makes of them from now on. */
    public void scoring(Reply reply) {
        this.scoring = reply;
    }

    /** Replies to scoring requests with this text from now on. */
    public void scoring(String body) {
        scoring(request -> body.getBytes(StandardCharsets.UTF_8));
    }

    /** Replies to scoring requests with this status from now on. */
    public void status(int code) {
        this.status = code;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            String authorization = exchange.getRequestHeaders().getFirst("Authorization");
            Request request = new Request(
                    exchange.getRequestURI().getPath(),
                    JSON.readTree(sent),
                    authorization == null ? "" : authorization);
            requests.add(request);
            byte[] reply;
            int code = 200;
            switch (request.path()) {
                case "/tokenize" -> reply = tokenized(request.body());
                case "/v1/models" -> reply = models();
                case "/api/tags" -> reply = tags();
                default -> {
                    reply = scoring.to(request);
                    code = status;
                }
            }
            exchange.getResponseHeaders().add("Content-Type", "application/json");
            exchange.sendResponseHeaders(code, reply.length == 0 ? -1 : reply.length);
            exchange.getResponseBody().write(reply);
        }
    }

    /** The reply of the real server for this path. */
    public byte[] scores(Request request) throws IOException {
        JsonNode body = request.body();
        ObjectNode reply = switch (request.path()) {
            case "/api/generate" -> ollama(body);
            case "/v1/completions" -> completion(body);
            case "/v1/score" -> score(body);
            default -> JSON.createObjectNode().put("error", "no such path");
        };
        return JSON.writeValueAsBytes(reply);
    }

    private static ObjectNode ollama(JsonNode body) {
        String prompt = body.path("prompt").asText();
        ObjectNode reply = JSON.createObjectNode()
                .put("model", body.path("model").asText())
                .put("created_at", "2026-11-21T12:00:00Z")
                .put("done", true)
                .put("done_reason", "length")
                .put("total_duration", 5_000_000)
                .put("load_duration", 1_000_000)
                .put("prompt_eval_count", tokens(prompt).size())
                .put("prompt_eval_duration", 3_000_000)
                .put("eval_count", 1)
                .put("eval_duration", 500_000);
        ObjectNode first = reply.putArray("logprobs").addObject();
        ArrayNode top = JSON.createArrayNode();
        likeliest(prompt, body.path("top_logprobs").asInt())
                .forEach((text, probability) ->
                        top.addObject().put("token", text).put("logprob", Math.log(probability)));
        first.setAll((ObjectNode) top.get(0));
        first.set("top_logprobs", top);
        return reply.put("response", top.get(0).path("token").asText());
    }

    private static ObjectNode completion(JsonNode body) {
        String prompt = body.path("prompt").asText();
        Map<String, Double> all = likeliest(prompt, Integer.MAX_VALUE);
        boolean byId = body.path("return_tokens_as_token_ids").asBoolean(false);
        ObjectNode top = JSON.createObjectNode();
        if (body.has("logprob_token_ids")) {
            for (JsonNode id : body.path("logprob_token_ids")) {
                all.forEach((text, probability) -> {
                    if (token(text) == id.asInt()) {
                        top.put("token_id:" + id, Math.log(probability));
                    }
                });
            }
        } else {
            likeliest(prompt, body.path("logprobs").asInt())
                    .forEach((text, probability) ->
                            top.put(byId ? "token_id:" + token(text) : text, Math.log(probability)));
        }
        String first = all.keySet().iterator().next();
        ObjectNode reply = JSON.createObjectNode()
                .put("id", "cmpl-1")
                .put("object", "text_completion")
                .put("created", 1_795_262_400)
                .put("model", body.path("model").asText());
        ObjectNode choice =
                reply.putArray("choices").addObject().put("index", 0).put("text", first);
        ObjectNode logprobs = choice.putObject("logprobs");
        logprobs.putArray("text_offset").add(0);
        logprobs.putArray("token_logprobs").add(Math.log(all.get(first)));
        logprobs.putArray("tokens").add(byId ? "token_id:" + token(first) : first);
        logprobs.putArray("top_logprobs").add(top);
        choice.put("finish_reason", "length").putNull("stop_reason");
        int count = tokens(prompt).size();
        ObjectNode usage = reply.putObject("usage")
                .put("prompt_tokens", count)
                .put("total_tokens", count + 1)
                .put("completion_tokens", 1);
        usage.putObject("prompt_tokens_details").put("cached_tokens", count / 2);
        return reply;
    }

    private static ObjectNode score(JsonNode body) {
        ObjectNode reply = JSON.createObjectNode();
        ArrayNode scores = reply.putArray("scores");
        int count = 0;
        for (JsonNode item : body.path("items")) {
            String prompt = body.path("query").asText() + item.asText();
            count += tokens(prompt).size();
            Map<String, Double> all = likeliest(prompt, Integer.MAX_VALUE);
            ArrayNode each = scores.addArray();
            for (JsonNode id : body.path("label_token_ids")) {
                each.add(all.entrySet().stream()
                        .filter(entry -> token(entry.getKey()) == id.asInt())
                        .mapToDouble(Map.Entry::getValue)
                        .sum());
            }
        }
        reply.put("model", body.path("model").asText())
                .putObject("usage")
                .put("prompt_tokens", count)
                .put("total_tokens", count)
                .put("completion_tokens", 0);
        return reply.put("object", "scoring");
    }

    private static byte[] tokenized(JsonNode body) throws IOException {
        ObjectNode reply = JSON.createObjectNode();
        List<Integer> ids = tokens(body.path("prompt").asText());
        ArrayNode tokens =
                reply.put("count", ids.size()).put("max_model_len", 2_048).putArray("tokens");
        ids.forEach(tokens::add);
        return JSON.writeValueAsBytes(reply.putNull("token_strs"));
    }

    private static byte[] models() throws IOException {
        ObjectNode reply = JSON.createObjectNode().put("object", "list");
        reply.putArray("data").addObject().put("id", MODEL).put("object", "model");
        return JSON.writeValueAsBytes(reply);
    }

    private static byte[] tags() throws IOException {
        ObjectNode reply = JSON.createObjectNode();
        reply.putArray("models")
                .addObject()
                .put("name", MODEL + ":latest")
                .put("model", MODEL + ":latest")
                .put("size", 1_965_792);
        return JSON.writeValueAsBytes(reply);
    }

    /** The likeliest next tokens of a prompt, the likeliest first. */
    public static Map<String, Double> likeliest(String prompt, int count) {
        List<String> texts = new ArrayList<>(List.of("\n", ".", " the"));
        for (char letter = 'A'; letter <= 'z'; letter++) {
            if (Character.isLetter(letter)) {
                texts.add(" " + letter);
                texts.add(String.valueOf(letter));
            }
        }
        Map<String, Double> weights = new LinkedHashMap<>();
        double sum = 0;
        for (String text : texts) {
            double logit =
                    Math.floorMod((prompt + text).hashCode(), 3_001) / 1_000.0 + (text.matches(" [A-D]") ? 4 : 0);
            weights.put(text, Math.exp(logit));
            sum += Math.exp(logit);
        }
        double all = sum;
        Map<String, Double> top = new LinkedHashMap<>();
        weights.entrySet().stream()
                .sorted(Map.Entry.comparingByValue(Comparator.reverseOrder()))
                .limit(count)
                .forEach(entry -> top.put(entry.getKey(), entry.getValue() / all));
        return top;
    }

    /** A text's tokens: a letter behind a space and before no other letter is one, everything else one for each character. */
    private static List<Integer> tokens(String text) {
        List<Integer> tokens = new ArrayList<>();
        for (int i = 0; i < text.length(); i++) {
            boolean isLabel = text.charAt(i) == ' '
                    && i + 1 < text.length()
                    && Character.isLetter(text.charAt(i + 1))
                    && (i + 2 == text.length() || !Character.isLetter(text.charAt(i + 2)));
            tokens.add(isLabel ? LETTER_TOKENS + text.charAt(++i) : text.charAt(i));
        }
        return tokens;
    }

    private static int token(String text) {
        List<Integer> tokens = tokens(text);
        return tokens.size() == 1 ? tokens.get(0) : -1;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
