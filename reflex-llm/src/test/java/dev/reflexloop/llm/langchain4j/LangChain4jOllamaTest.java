package dev.reflexloop.llm.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The documented settings of an Ollama behind LangChain4j: one question is one request, and it ends with the budget. */
class LangChain4jOllamaTest {
    private static final Duration BUDGET = Duration.ofMillis(400);
    private static final Duration TIME_TO_SPARE = Duration.ofSeconds(10);
    private static final ActionSchema SCHEMA = ActionSchema.builder("duel")
            .action("wait", "")
            .action("fight", "")
            .idle("wait")
            .build();

    private final AtomicInteger requests = new AtomicInteger();
    private final CountDownLatch released = new CountDownLatch(1);
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(threads);
    }

    @AfterEach
    void stop() {
        released.countDown();
        server.stop(0);
        threads.shutdownNow();
    }

    private ReflexModel model(Duration budget) {
        server.start();
        ChatModel chat = OllamaChatModel.builder()
                .baseUrl("http://127.0.0.1:" + server.getAddress().getPort())
                .modelName("llama3.2:1b")
                .maxRetries(0)
                .timeout(budget)
                .build();
        return LangChain4jModel.builder(chat).threads(1).build();
    }

    private static CompletableFuture<Answer> ask(ReflexModel model, Duration budget) {
        Perception perception = Perception.builder("hero", 1).fact("health", 80).build();
        return model.ask(Question.about(SCHEMA, perception), Deadline.in(budget, ReflexClock.system()));
    }

    private static Throwable failure(CompletableFuture<Answer> call) throws Exception {
        try {
            throw new AssertionError("it answered " + call.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException failure) {
            return failure.getCause();
        }
    }

    private static void reply(HttpExchange exchange, int status, String body) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Test
    void question_toAServerThatAnswers_isOneRequest() throws Exception {
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            reply(
                    exchange,
                    200,
                    "{\"model\":\"llama3.2:1b\",\"created_at\":\"2026-11-21T12:00:00Z\",\"message\":{\"role\":\"assistant\","
                            + "\"content\":\"fight\"},\"done\":true,\"prompt_eval_count\":42,\"eval_count\":2}");
        });
        try (ReflexModel model = model(TIME_TO_SPARE)) {
            Answer answer = ask(model, TIME_TO_SPARE).get(10, TimeUnit.SECONDS);
            assertThat(answer.probabilities()).containsEntry("fight", 1.0);
            assertThat(answer.model()).isEqualTo("langchain4j:llama3.2:1b");
        }
        assertThat(requests).hasValue(1);
    }

    @Test
    void question_toAServerThatFails_isNotAskedAgain() throws Exception {
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            reply(exchange, 500, "{\"error\":\"out of memory\"}");
        });
        try (ReflexModel model = model(TIME_TO_SPARE)) {
            assertThat(failure(ask(model, TIME_TO_SPARE))).isInstanceOf(ModelUnavailableException.class);
        }
        assertThat(requests).hasValue(1);
    }

    @Test
    void question_toAServerThatHangs_endsWithItsBudgetAfterOneRequest() throws Exception {
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            try {
                released.await();
            } catch (InterruptedException stopped) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        try (ReflexModel model = model(BUDGET)) {
            long startedAt = System.nanoTime();
            assertThat(failure(ask(model, BUDGET))).isInstanceOf(ModelUnavailableException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - startedAt)).isLessThan(BUDGET.plusSeconds(2));
        }
        assertThat(requests).hasValue(1);
    }
}
