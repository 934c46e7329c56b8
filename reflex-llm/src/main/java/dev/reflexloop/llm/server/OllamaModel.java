package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.Timings;
import dev.reflexloop.llm.PromptRenderer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A model on an Ollama server: answers by scoring the labels of the legal actions among the twenty likeliest next tokens, which is as many
 * as Ollama lists. Needs Ollama 0.12.11 or newer. Thread-safe; many loops may share one.
 *
 * <p>A label among the twenty has its exact share. One that is not listed has at most the least listed probability, and all of them
 * together at most what the list leaves over: each is given the largest equal share within these bounds, so that an action is never
 * chosen because of it, and doubt is overstated rather than understated. The answer's legal mass counts listed labels only, and so is a
 * lower bound. When no legal label is listed, or the model would rather end the text, the answer has no probabilities at all: a loop counts
 * it as an illegal answer and serves its fallback. Where every label must be scored, ask a llama-server.
 *
 * <p>{@link #ask} returns at once. Every request has the same options, because Ollama loads a model anew when they change, and is refused
 * rather than cut when its prompt is too long. Evaluated tokens are all tokens of the prompt, because Ollama does not say how many came
 * from its cache. Side questions are not answered. Targets cost a second request, which is given up in time to serve the action alone.
 *
 * <p>Building one needs no server. A model that is not loaded yet is loaded in the background after the first call that came too late,
 * which {@link #ready(Duration)} spares the first ticks. A model that Ollama does not have is a {@link ModelUnavailableException} in the future, whose message
 * says how to get it.
 */
public final class OllamaModel extends ServedModel {
    private static final int MOST_LISTED = 20;
    private static final long FOREVER = -1;
    private static final Duration LONGEST_LOAD = Duration.ofMinutes(5);
    private static final String PATH = "/api/generate";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String name;
    private final PromptRenderer renderer;
    private final ObjectNode request;
    private final Warmth warmth;
    private final AtomicBoolean loading = new AtomicBoolean();

    private OllamaModel(Builder builder) {
        super(builder, status -> status == 404 ? remedy(builder.model) : "");
        this.name = builder.model;
        this.renderer = builder.renderer();
        this.request = builder.request();
        this.warmth = new Warmth(this);
    }

    /**
     * Starts the settings of a model.
     *
     * @param endpoint the server, usually {@code http://127.0.0.1:11434}
     * @param model the model's name as {@code ollama list} shows it
     * @return a builder, one thread at a time
     */
    public static Builder builder(Endpoint endpoint, String model) {
        return new Builder(endpoint, model);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        CompletableFuture<Answer> call =
                ScoringCall.start(id(), Optional.empty(), renderer, question, deadline, this::score);
        call.whenComplete((answer, failure) -> {
            if (failure != null && (call.isCancelled() || deadline.expired())) {
                load();
            }
        });
        return call;
    }

    /**
     * Waits for the model to be loaded, which costs nothing where it is. Ollama gives loading up when the client goes away that caused it, so
     * that a model whose loading takes longer than a tick would never be there.
     */
    private void load() {
        if (loading.compareAndSet(false, true)) {
            byte[] body = request.toString().getBytes(StandardCharsets.UTF_8);
            client().post(PATH, body, Deadline.in(LONGEST_LOAD, ReflexClock.system()), JsonNode::isObject)
                    .whenComplete((loaded, failure) -> loading.set(false));
        }
    }

    /** Sends the prompt once, so that Ollama loads the model and keeps the prompt's beginning. */
    @Override
    public void prepare(Question expected) {
        warmth.prepare(expected);
    }

    /**
     * Waits until the server has loaded the model and lists probabilities.
     *
     * @param patience how long at most; loading a model takes seconds to minutes
     * @throws ModelUnavailableException when it does not within that time; the message says what to do
     */
    public void ready(Duration patience) {
        Deadline end = Deadline.in(patience, ReflexClock.system());
        List<String> present =
                Warmth.await(id(), patience, deadline -> client().get("/api/tags", deadline, OllamaModel::names));
        if (!present.contains(name) && !present.contains(name + ":latest")) {
            throw new ModelUnavailableException(
                    id(), client().endpoint() + " has " + present + " and not '" + name + "'; " + remedy(name), null);
        }
        Duration left = Duration.ofNanos(Math.max(0, end.remainingNanos()));
        Warmth.await(id(), left, deadline -> score("ready", List.of("ready"), deadline));
    }

    @Override
    String asked() {
        return "model=" + name + ", options=" + request.path("options") + ", prompt: " + renderer.settings();
    }

    private static List<String> names(JsonNode reply) {
        List<String> names = new ArrayList<>();
        reply.path("models").forEach(model -> names.add(model.path("name").asText("")));
        return names;
    }

    private static String remedy(String name) {
        return "get the model with: ollama pull " + name;
    }

    private CompletableFuture<LabelScores> score(String prompt, List<String> labels, Deadline deadline) {
        byte[] body = request.deepCopy().put("prompt", prompt).toString().getBytes(StandardCharsets.UTF_8);
        return client().post(PATH, body, deadline, reply -> read(reply, labels));
    }

    private LabelScores read(JsonNode reply, List<String> labels) throws IOException {
        Timings timings = timings(reply);
        JsonNode first = reply.path("logprobs").path(0);
        if (!first.isObject()) {
            if (reply.path("done_reason").asText("").equals("stop")) {
                return LabelScores.none(OptionalDouble.empty(), timings);
            }
            throw new ModelUnavailableException(
                    id(), client().endpoint() + " sent no log-probabilities; use Ollama 0.12.11 or newer", null);
        }
        TopTokens listed = new TopTokens();
        for (JsonNode entry : first.path("top_logprobs")) {
            listed.add(entry.path("token").asText(""), entry.path("logprob"));
        }
        if (listed.isEmpty()) {
            listed.add(first.path("token").asText(""), first.path("logprob"));
        }
        return listed.over(labels, timings);
    }

    private static Timings timings(JsonNode reply) {
        long compute = reply.path("prompt_eval_duration").asLong(0)
                + reply.path("eval_duration").asLong(0);
        return new Timings(
                Math.max(0, reply.path("total_duration").asLong(0) - compute),
                compute,
                reply.path("prompt_eval_count").asInt(0),
                0);
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder extends ScoringModelBuilder<Builder> {
        private final String model;
        private int contextTokens = 2_048;
        private long keepAliveSeconds = FOREVER;
        private int threads;

        private Builder(Endpoint endpoint, String model) {
            super(endpoint);
            if (model.isBlank()) {
                throw new IllegalArgumentException(
                        "name of an Ollama model is blank; give one that 'ollama list' shows");
            }
            this.model = model;
        }

        /**
         * Sets how long a prompt may be. Default: 2,048. All clients of a model should ask for the same, because Ollama loads it anew when
         * it changes.
         *
         * @param tokens 16 to 1,000,000
         * @return this builder
         */
        public Builder contextTokens(int tokens) {
            if (tokens < 16 || tokens > 1_000_000) {
                throw new IllegalArgumentException(
                        "context of Ollama model '" + model + "' is " + tokens + " tokens; give 16 to 1000000");
            }
            this.contextTokens = tokens;
            return this;
        }

        /**
         * Sets how many threads of the CPU the model computes with; leave cores to the game. Default: Ollama's own choice.
         *
         * @param count 1 to 1,024
         * @return this builder
         */
        public Builder threads(int count) {
            if (count < 1 || count > 1_024) {
                throw new IllegalArgumentException(
                        "threads of Ollama model '" + model + "' are " + count + "; give 1 to 1024");
            }
            this.threads = count;
            return this;
        }

        /**
         * Sets how long Ollama keeps the model in memory after a request. Default: for ever.
         *
         * @param duration one second or more
         * @return this builder
         */
        public Builder keepAlive(Duration duration) {
            if (duration.toSeconds() < 1) {
                throw new IllegalArgumentException("keepAlive of Ollama model '" + model + "' is " + duration
                        + "; give a second or more, or the model is loaded anew in every tick");
            }
            this.keepAliveSeconds = duration.toSeconds();
            return this;
        }

        /**
         * Builds the model. Does not block, and needs no server.
         *
         * @return the model, to be closed by the caller
         */
        public OllamaModel build() {
            return new OllamaModel(this);
        }

        @Override
        String defaultId() {
            return "ollama:" + model;
        }

        /** Everything but the prompt; the same in each request. */
        private ObjectNode request() {
            ObjectNode request = JSON.createObjectNode()
                    .put("model", model)
                    .put("raw", true)
                    .put("stream", false)
                    .put("truncate", false)
                    .put("logprobs", true)
                    .put("top_logprobs", MOST_LISTED)
                    .put("keep_alive", keepAliveSeconds);
            ObjectNode options = request.putObject("options")
                    .put("num_predict", 1)
                    .put("temperature", 0)
                    .put("seed", 0)
                    .put("num_ctx", contextTokens);
            if (threads > 0) {
                options.put("num_thread", threads);
            }
            return request;
        }
    }
}
