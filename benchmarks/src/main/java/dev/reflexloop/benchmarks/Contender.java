package dev.reflexloop.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.UserMessage;
import dev.langchain4j.service.V;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PlainRenderer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * A way to have a model behind a llama-server choose an action. Each keeps to a slot of its own, so that nobody takes another's cache away.
 *
 * <p>The models know nothing, so those that write would write until they are cut off. They may write as many tokens as the name of an action
 * has, on average and rounded down, and one for the end; what they have written is then taken for an answer.
 */
interface Contender {
    /** What a decision cost: tokens of the prompt that were not in the cache, and tokens that were written. */
    record Cost(int evaluated, int written) {}

    /** Is called before a decision, and not part of what is measured. */
    default void prepare() {}

    /** Decides, and returns what asks what that has cost: asking need not be part of what is measured. */
    Supplier<Cost> decide(Question question);

    /** Our model that scores labels. */
    record Scored(ReflexModel model) implements Contender {
        private static final Duration PATIENCE = Duration.ofMinutes(2);

        static Answer answer(ReflexModel model, Question question) {
            return model.ask(question, Deadline.in(PATIENCE, ReflexClock.system()))
                    .join();
        }

        @Override
        public Supplier<Cost> decide(Question question) {
            Answer answer = answer(model, question);
            return () -> new Cost(answer.timings().evaluatedTokens(), 0);
        }
    }

    /** Our model that speaks System One. The protocol counts whole prompts; what was evaluated is read off the server's counter. */
    final class SystemOne implements Contender {
        private final ReflexModel model;
        private final LlamaApi server;
        private int before;

        SystemOne(ReflexModel model, LlamaApi server) {
            this.model = model;
            this.server = server;
        }

        @Override
        public void prepare() {
            before = server.evaluatedTokens();
        }

        @Override
        public Supplier<Cost> decide(Question question) {
            Scored.answer(model, question);
            return () -> new Cost(server.evaluatedTokens() - before, 0);
        }
    }

    /** What somebody saves who does without our model: the same prompt as a text in one plain request, for the labels' probabilities. */
    final class RawCompletion implements Contender {
        private static final int BIAS = 100;

        private final LlamaApi server;
        private final PlainRenderer renderer;
        private final ObjectNode body;

        RawCompletion(LlamaApi server, int slot, PlainRenderer renderer) {
            this.server = server;
            this.renderer = renderer;
            int labels = WireGame.schema().actions().size();
            this.body = LlamaApi.object()
                    .put("n_predict", 1)
                    .put("id_slot", slot)
                    .put("cache_prompt", true)
                    .put("temperature", 1)
                    .put("top_k", labels)
                    .put("n_probs", labels)
                    .put("post_sampling_probs", true);
            body.putArray("samplers").add("top_k").add("temperature");
            body.putArray("response_fields").add("completion_probabilities").add("timings");
            WireGame.schema().actions().forEach(action -> {
                int[] tokens =
                        server.tokens(renderer.label(WireGame.schema(), action).orElseThrow());
                body.withArray("logit_bias")
                        .addArray()
                        .add(tokens[tokens.length - 1])
                        .add(BIAS);
            });
        }

        @Override
        public Supplier<Cost> decide(Question question) {
            JsonNode reply = server.post("/completion", body.put("prompt", renderer.render(question)));
            if (reply.path("completion_probabilities").path(0).path("top_probs").size()
                    != question.legal().size()) {
                throw new IllegalStateException("the server gave no probabilities: " + reply);
            }
            return () -> new Cost(reply.path("timings").path("prompt_n").asInt(), 0);
        }
    }

    /** The prompt of the original reflex loop, over HTTP. */
    final class PlainPrompt implements Contender {
        private final LlamaApi server;
        private final ObjectNode body;

        PlainPrompt(LlamaApi server, int slot) {
            this.server = server;
            this.body = LlamaApi.object()
                    .put("max_tokens", tokensOfAnAnswer(server, WireGame.ACTIONS))
                    .put("id_slot", slot)
                    .put("temperature", 0);
        }

        @Override
        public Supplier<Cost> decide(Question question) {
            String prompt = "Game state: " + WireGame.asGiven(question, ", ") + ". Goal: "
                    + question.goal().text() + ". Pick one action: " + String.join(", ", WireGame.ACTIONS)
                    + ". Respond with just the action name.";
            body.putArray("messages").addObject().put("role", "user").put("content", prompt);
            JsonNode timings = server.post("/v1/chat/completions", body).path("timings");
            return () -> new Cost(
                    timings.path("prompt_n").asInt(),
                    timings.path("predicted_n").asInt());
        }
    }

    /** LangChain4j: an AI service whose method returns an enum, with nothing set that is not needed. */
    final class AiService implements Contender {
        private final Tactician service;
        private Cost last = new Cost(0, 0);

        /** The actions as a Java program names them. */
        @SuppressWarnings("unused") // by reflection
        enum Tactic {
            EXPLORE,
            APPROACH_NPC,
            ENTER_DOOR,
            FIGHT,
            FLEE,
            TALK,
            WAIT,
            QUICKSAVE
        }

        interface Tactician {
            @UserMessage("You play a role-playing game. Goal: {{goal}}\nState:\n{{state}}\nWhat do you do next?")
            Tactic decide(@V("goal") String goal, @V("state") String state);
        }

        AiService(LlamaApi server, int slot) {
            List<String> names =
                    Arrays.stream(Tactic.values()).map(Tactic::name).toList();
            ChatModel model = OpenAiChatModel.builder()
                    .baseUrl(server.address() + "/v1")
                    .apiKey("none")
                    .modelName("any")
                    .temperature(0.0)
                    .maxTokens(tokensOfAnAnswer(server, names))
                    .maxRetries(0)
                    .customParameters(Map.of("id_slot", slot))
                    .build();
            this.service = AiServices.create(Tactician.class, new Answering(model));
        }

        /** Puts a sound answer where the model's is, which knows nothing. */
        private final class Answering implements ChatModel {
            private final ChatModel model;

            Answering(ChatModel model) {
                this.model = model;
            }

            @Override
            public ChatResponse doChat(ChatRequest request) {
                ChatResponse response = model.doChat(request);
                OpenAiTokenUsage usage = (OpenAiTokenUsage) response.tokenUsage();
                last = new Cost(
                        usage.inputTokenCount() - usage.inputTokensDetails().cachedTokens(), usage.outputTokenCount());
                return response.toBuilder()
                        .aiMessage(AiMessage.from(Tactic.FIGHT.name()))
                        .build();
            }

            @Override
            public ChatRequestParameters defaultRequestParameters() {
                return model.defaultRequestParameters();
            }

            @Override
            public Set<Capability> supportedCapabilities() {
                return model.supportedCapabilities();
            }
        }

        @Override
        public Supplier<Cost> decide(Question question) {
            Tactic chosen = service.decide(question.goal().text(), WireGame.asGiven(question, "\n"));
            if (chosen != Tactic.FIGHT) {
                throw new IllegalStateException("the AI service read " + chosen);
            }
            return () -> last;
        }
    }

    private static int tokensOfAnAnswer(LlamaApi server, List<String> names) {
        int all = 0;
        for (String name : names) {
            all += server.tokens(name).length;
        }
        return all / names.size() + 1;
    }
}
