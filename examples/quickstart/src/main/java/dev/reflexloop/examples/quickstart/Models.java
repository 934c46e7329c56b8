package dev.reflexloop.examples.quickstart;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.langchain4j.LangChain4jModel;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.OllamaModel;
import dev.reflexloop.llm.server.OpenAiCompatibleModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** The same loop on other models. The README, and docs/models.md, show what stands between the marks. */
final class Models {
    private final ActionSchema schema;
    private final Consumer<ReflexLoop> bot;

    Models(ActionSchema schema, Consumer<ReflexLoop> bot) {
        this.schema = schema;
        this.bot = bot;
    }

    void llamaServer(Path gguf) {
        // README begins: llama-server
        try (LlamaServer server = LlamaServer.builder(gguf).slots(4).start(); // ends with this JVM, whatever ends it
                ReflexModel model = LlamaServerModel.builder(server.endpoint()).build();
                ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            bot.accept(loop);
        }
        // README ends: llama-server
    }

    void ollama(String address) {
        // README begins: Ollama
        Endpoint ollama = Endpoint.of(address); // http://127.0.0.1:11434
        try (ReflexModel model = OllamaModel.builder(ollama, "llama3.2:1b").build();
                ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            bot.accept(loop);
        }
        // README ends: Ollama
    }

    void vllm(String address, String key) {
        // README begins: vLLM
        Endpoint fleet = Endpoint.of(address).apiKey(key); // https://gpu.example:8000
        try (ReflexModel model =
                        OpenAiCompatibleModel.vllm(fleet, "my-lora-adapter").build();
                ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            bot.accept(loop);
        }
        // README ends: vLLM
    }

    void langChain4j(String address) {
        // README begins: LangChain4j
        Duration budget = Duration.ofMillis(200);
        ChatModel chat = OllamaChatModel.builder()
                .baseUrl(address) // http://127.0.0.1:11434
                .modelName("llama3.2:1b")
                .maxRetries(0) // it would try twice more, long after the tick
                .timeout(budget)
                .build();
        try (ReflexModel model = LangChain4jModel.builder(chat).build();
                ReflexLoop loop =
                        ReflexLoop.builder(schema, model).budget(budget).build()) {
            bot.accept(loop);
        }
        // README ends: LangChain4j
    }

    // README begins: custom
    /** Answers at once or later, from any thread; code that blocks goes into ReflexModel.blocking(...). */
    static final class EvenOdds implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            Map<String, Double> odds = new HashMap<>();
            question.legal()
                    .forEach(action ->
                            odds.put(action.name(), 1.0 / question.legal().size()));
            return CompletableFuture.completedFuture(Answer.of("even-odds", odds));
        }
    }
    // README ends: custom

    void custom() {
        try (ReflexModel model = new EvenOdds();
                ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            bot.accept(loop);
        }
    }
}
