package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.PromptRenderer;
import dev.reflexloop.llm.Relay;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A model behind vLLM, SGLang or another server with OpenAI's completions API: answers by scoring the labels of the legal actions, with one
 * generated token at most. Thread-safe; many loops may share one.
 *
 * <ul>
 *   <li>{@link #vllm}: {@code POST /v1/completions} with {@code logprob_token_ids}; every label is scored, the legal mass is exact. A
 *       version that does not know the field lists the twenty likeliest tokens instead.
 *   <li>{@link #sglang}: {@code POST /v1/score}; every label is scored, the legal mass is exact.
 *   <li>{@link #plain}: {@code POST /v1/completions} with the likeliest tokens by text, as every compatible server lists them.
 * </ul>
 *
 * <p>Where only the likeliest tokens are listed, a label outside the list is given the largest share that the list allows it: at most the
 * least listed probability, and together at most what is left over. The legal mass is then a lower bound. When no legal label is listed
 * the answer has no probabilities, which a loop counts as an illegal answer.
 *
 * <p>{@link #ask} returns at once. With vLLM and SGLang the labels' tokens are looked up through {@code POST /tokenize} inside the first call,
 * and again after the server was lost; a label that is not a single token is an {@link UnusableModelException} in the future. Targets cost a
 * second request, which is given up in time to serve the action alone. Side questions are not answered. The servers do not say how long they
 * computed; cached tokens are known where the server reports them.
 *
 * <p>Building one needs no server. The key of the endpoint is sent with each request.
 */
public final class OpenAiCompatibleModel extends ServedModel {
    private final Dialect dialect;
    private final String model;
    private final String servedName;
    private final Optional<String> adapter;
    private final int listed;
    private final PromptRenderer renderer;
    private final LabelTokens tokens;
    private final Warmth warmth;

    private OpenAiCompatibleModel(Builder builder) {
        super(builder, builder.remedies());
        this.dialect = builder.dialect;
        this.model = builder.model;
        this.adapter = Optional.ofNullable(builder.adapter);
        this.servedName = builder.servedName();
        this.listed = builder.topLogprobs;
        this.renderer = builder.renderer();
        this.tokens = new LabelTokens(client(), id(), servedName);
        this.warmth = new Warmth(this);
    }

    /**
     * Starts the settings of a model behind vLLM.
     *
     * @param endpoint the server without {@code /v1}, for instance {@code http://127.0.0.1:8000}
     * @param model the name under which it is served
     * @return a builder, one thread at a time
     */
    public static Builder vllm(Endpoint endpoint, String model) {
        return new Builder(Dialect.VLLM, endpoint, model);
    }

    /**
     * Starts the settings of a model behind SGLang.
     *
     * @param endpoint the server without {@code /v1}, for instance {@code http://127.0.0.1:30000}
     * @param model the name under which it is served
     * @return a builder, one thread at a time
     */
    public static Builder sglang(Endpoint endpoint, String model) {
        return new Builder(Dialect.SGLANG, endpoint, model);
    }

    /**
     * Starts the settings of a model behind any other server with OpenAI's completions API.
     *
     * @param endpoint the server without {@code /v1}
     * @param model the name under which it is served
     * @return a builder, one thread at a time
     */
    public static Builder plain(Endpoint endpoint, String model) {
        return new Builder(Dialect.PLAIN, endpoint, model);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return ScoringCall.start(id(), adapter, renderer, question, deadline, this::score);
    }

    /** Sends the prompt once, so that the labels' tokens are known and the server's prefix cache holds the prompt's beginning. */
    @Override
    public void prepare(Question expected) {
        warmth.prepare(expected);
    }

    /**
     * Waits until the server serves the model, which its {@code GET /v1/models} says.
     *
     * @param patience how long at most
     * @throws ModelUnavailableException when it cannot be reached within that time, or serves other models only; the message says which
     */
    public void ready(Duration patience) {
        List<String> served = Warmth.await(
                id(), patience, deadline -> client().get("/v1/models", deadline, OpenAiCompatibleModel::names));
        if (!served.contains(servedName)) {
            throw new ModelUnavailableException(
                    id(),
                    client().endpoint() + " serves " + served + " and not '" + servedName
                            + "'; name one of them, or load it there",
                    null);
        }
    }

    @Override
    String asked() {
        return "dialect=" + dialect.shortName() + ", model=" + model + ", adapter=" + adapter.orElse("none")
                + (dialect == Dialect.PLAIN ? ", topLogprobs=" + listed : "") + ", prompt: " + renderer.settings();
    }

    private static List<String> names(JsonNode reply) {
        List<String> names = new ArrayList<>();
        reply.path("data").forEach(model -> names.add(model.path("id").asText("")));
        return names;
    }

    private CompletableFuture<LabelScores> score(String prompt, List<String> labels, Deadline deadline) {
        if (!dialect.byToken()) {
            return post(prompt, labels, List.of(), deadline);
        }
        Relay<LabelScores> result = new Relay<>();
        result.follow(
                tokens.of(prompt, labels, deadline),
                ids -> result.follow(post(prompt, labels, ids, deadline), result::complete, failure -> {
                    if (isLoss(failure) && !deadline.expired()) {
                        tokens.forget();
                    }
                    result.fail(failure);
                }));
        return result;
    }

    /** A call that was cut or came late proves nothing; looking the labels up again would only make the next one late as well. */
    private static boolean isLoss(Throwable failure) {
        return failure instanceof ModelUnavailableException || failure.getCause() instanceof ModelUnavailableException;
    }

    private CompletableFuture<LabelScores> post(
            String prompt, List<String> labels, List<Integer> ids, Deadline deadline) {
        byte[] body =
                dialect.request(servedName, prompt, ids, listed).toString().getBytes(StandardCharsets.UTF_8);
        return client().post(dialect.path(), body, deadline, reply -> dialect.read(reply, labels, ids));
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder extends ScoringModelBuilder<Builder> {
        private final Dialect dialect;
        private final String model;
        private int topLogprobs = 5;
        private @Nullable String adapter;

        private Builder(Dialect dialect, Endpoint endpoint, String model) {
            super(endpoint);
            this.dialect = dialect;
            this.model = named(model, "name of a served model");
        }

        /**
         * Asks for a LoRA adapter by the name under which the server loaded it; answers carry that name. Default: none. Not for SGLang, whose
         * {@code /v1/score} leaves adapters out.
         *
         * @param name the adapter's name
         * @return this builder
         */
        public Builder adapter(String name) {
            if (dialect == Dialect.SGLANG) {
                throw new IllegalArgumentException(
                        "adapter '" + name + "': SGLang scores without adapters; serve a merged model, or use vLLM");
            }
            this.adapter = named(name, "adapter of model '" + model + "'");
            return this;
        }

        /**
         * Sets how many of the likeliest tokens a {@link OpenAiCompatibleModel#plain} server is asked for. Default: 5, the most that OpenAI
         * allows; many servers list 20 and more. Others score each label and ignore it.
         *
         * @param count 1 to 1,000
         * @return this builder
         */
        public Builder topLogprobs(int count) {
            if (count < 1 || count > 1_000) {
                throw new IllegalArgumentException(
                        "topLogprobs of model '" + model + "' is " + count + "; give 1 to 1000");
            }
            this.topLogprobs = count;
            return this;
        }

        /**
         * Builds the model. Does not block, and needs no server.
         *
         * @return the model, to be closed by the caller
         */
        public OpenAiCompatibleModel build() {
            return new OpenAiCompatibleModel(this);
        }

        @Override
        String defaultId() {
            return dialect.shortName() + ":" + model;
        }

        private String servedName() {
            return adapter == null ? model : adapter;
        }

        private IntFunction<String> remedies() {
            String absent = "it does not serve '" + servedName() + "' or has no " + dialect.path();
            return status -> switch (status) {
                case 400 -> "it refuses the request; is the prompt longer than its context?";
                case 404 -> absent + "; see its /v1/models";
                default -> "";
            };
        }

        private static String named(String name, String what) {
            if (name.isBlank()) {
                throw new IllegalArgumentException(what + " is blank; give the name that the server knows");
            }
            return name;
        }
    }
}
