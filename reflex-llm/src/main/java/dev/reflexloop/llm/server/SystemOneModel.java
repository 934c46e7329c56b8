package dev.reflexloop.llm.server;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.Timings;
import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.StateJson;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/**
 * A decision model behind {@code POST /v1/systemone}, as llama-server, Ollama from 0.35 on and hosted services offer it. Thread-safe.
 *
 * <p>The legal actions are asked for as one choice; the targets of every action that has some, and the side questions, ride along in the
 * same request. Yes-or-no questions are asked as such. The state is the goal and the facts as JSON, facts that change rarely first. Each
 * question is a prompt of its own for the server: give llama-server as many slots as there are questions, and offer targets sparingly.
 *
 * <p>{@link #ask} returns at once. An answer has the probabilities over the legal actions, of all targets and of the side questions,
 * never the server's own confidence. Its evaluated tokens are the input tokens that the server reports for all questions together: how
 * many of them came from its cache, the protocol does not say. A reply that is not a distribution over exactly the options that were sent
 * is a {@link ModelUnavailableException} in the future. Where there is only one thing to do, nobody is asked.
 *
 * <p>A choice takes 255 options; llama-server has letters for 52 and refuses more, with its reason in the future's failure.
 *
 * <p>Building one needs no server. A text of the game can change neither the request's structure nor its options.
 */
public final class SystemOneModel extends ServedModel {
    private static final String PATH = "/v1/systemone";

    private final String modelName;
    private final String instructions;
    private final boolean stateAsText;
    private final FactOrder order;

    private SystemOneModel(Builder builder) {
        super(builder, status -> "");
        this.modelName = builder.modelName;
        this.instructions = builder.instructions;
        this.stateAsText = builder.stateAsText;
        this.order = builder.order;
    }

    /**
     * Starts the settings of a model.
     *
     * @param endpoint the server; {@code /v1/systemone} is appended to its address
     * @return a builder, one thread at a time
     */
    public static Builder builder(Endpoint endpoint) {
        return new Builder(endpoint);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        SystemOneRequest request = new SystemOneRequest(question, instructions);
        Optional<String> problem = request.problem();
        if (problem.isPresent()) {
            return CompletableFuture.failedFuture(new ModelUnavailableException(id(), problem.get(), null));
        }
        if (request.isEmpty()) {
            return CompletableFuture.completedFuture(answer(request.certain(), Optional.empty(), Timings.unknown()));
        }
        String state = StateJson.of(question, order);
        byte[] body = request.body(modelName, state, stateAsText);
        long startedAt = System.nanoTime();
        return client().post(PATH, body, deadline, reply -> {
            SystemOneRequest.Scores scores = request.read(reply);
            return answer(
                    scores,
                    Optional.of(new String(body, StandardCharsets.UTF_8)),
                    new Timings(0, System.nanoTime() - startedAt, scores.inputTokens(), 0));
        });
    }

    @Override
    String asked() {
        return "model=" + (modelName.isEmpty() ? "none named" : modelName) + ", stateAsText=" + stateAsText + ", order="
                + order.settings() + ", instructions=" + instructions;
    }

    private Answer answer(SystemOneRequest.Scores scores, Optional<String> prompt, Timings timings) {
        return new Answer(
                id(),
                Optional.empty(),
                scores.actions(),
                OptionalDouble.empty(),
                scores.targets(),
                scores.sides(),
                prompt,
                timings);
    }

    /** Settings of a model. One thread at a time. */
    public static final class Builder extends ServedModelBuilder<Builder> {
        private String modelName = "";
        private String instructions = "Which action should be taken next?";
        private boolean stateAsText;
        private FactOrder order = FactOrder.learned();

        private Builder(Endpoint endpoint) {
            super(endpoint);
        }

        /**
         * Names the model, for servers that hold several: Ollama and hosted services need it. Default: none is sent.
         *
         * @param model the name that the server knows
         * @return this builder
         */
        public Builder model(String model) {
            this.modelName = model;
            return this;
        }

        /**
         * Sets what is asked. Default: {@code Which action should be taken next?}
         *
         * @param text the instructions of the choice; they never change
         * @return this builder
         */
        public Builder instructions(String text) {
            this.instructions = text;
            return this;
        }

        /**
         * Sets the order of the facts in the state. Default: {@link FactOrder#learned()}.
         *
         * @param facts the order, which nobody else uses
         * @return this builder
         */
        public Builder order(FactOrder facts) {
            this.order = facts;
            return this;
        }

        /**
         * Says whether to send the state as a text that holds JSON instead of as a JSON object, for services that refuse objects. Default:
         * false.
         *
         * @param wanted whether to
         * @return this builder
         */
        public Builder stateAsText(boolean wanted) {
            this.stateAsText = wanted;
            return this;
        }

        /**
         * Builds the model. Does not block, and needs no server.
         *
         * @return the model, to be closed by the caller
         */
        public SystemOneModel build() {
            return new SystemOneModel(this);
        }

        @Override
        String defaultId() {
            return "systemone:" + (modelName.isEmpty() ? endpoint().toString() : modelName);
        }
    }
}
