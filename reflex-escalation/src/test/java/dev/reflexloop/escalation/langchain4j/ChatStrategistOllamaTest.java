package dev.reflexloop.escalation.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.langchain4j.model.ollama.OllamaChatModel;
import dev.langchain4j.model.ollama.OllamaStreamingChatModel;
import dev.reflexloop.Escalation;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Situation;
import dev.reflexloop.escalation.StrategistReply;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The documented settings of an Ollama behind LangChain4j: one call is one request, and a plan arrives while it is written. */
@Timeout(60)
class ChatStrategistOllamaTest {
    private static final Escalation DOOR = new Escalation(
            "a-e",
            "a",
            new Situation(
                    Situation.Kind.UNKNOWN,
                    "A door.",
                    List.of(new Situation.Option("Open it", "enter_door", Optional.empty())),
                    Situation.Waiting.IDLE),
            Perception.builder("hero", 1).build(),
            Goal.none(),
            Instant.EPOCH);

    private final AtomicInteger requests = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private HttpServer server;

    @BeforeEach
    void create() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        server.setExecutor(threads);
    }

    @AfterEach
    void stop() {
        server.stop(0);
        threads.shutdownNow();
    }

    private String serve(int status, String... lines) {
        server.createContext("/api/chat", exchange -> {
            requests.incrementAndGet();
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(status, 0);
            try (var out = exchange.getResponseBody()) {
                for (String line : lines) {
                    out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                    out.flush();
                }
            }
        });
        server.start();
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    @Test
    void call_thatFails_isOneRequest() {
        String url = serve(500, "{\"error\":\"out of memory\"}");
        ChatStrategist strategist = ChatStrategist.builder(OllamaChatModel.builder()
                        .baseUrl(url)
                        .modelName("qwen2.5:14b")
                        .maxRetries(0)
                        .timeout(Duration.ofSeconds(20))
                        .build())
                .build();
        assertThatThrownBy(() -> strategist.consider(DOOR, plan -> {})).isInstanceOf(ModelUnavailableException.class);
        assertThat(requests).hasValue(1);
    }

    @Test
    void reply_thatIsStreamed_showsItsPlanAndIsRead() throws Exception {
        String url = serve(200, token("Open the door. ", false), token("{\\\"answer\\\": 1}", false), token("", true));
        ChatStrategist strategist = ChatStrategist.builder(OllamaStreamingChatModel.builder()
                        .baseUrl(url)
                        .modelName("qwen2.5:14b")
                        .timeout(Duration.ofSeconds(20))
                        .build())
                .build();
        Queue<String> plans = new ConcurrentLinkedQueue<>();
        StrategistReply reply = strategist.consider(DOOR, plans::add);
        assertThat(reply.answer()).contains("1");
        assertThat(plans).containsExactly("Open the door. ", "Open the door. {\"answer\": 1}");
        assertThat(requests).hasValue(1);
    }

    private static String token(String text, boolean isLast) {
        return "{\"model\":\"m\",\"created_at\":\"2026-01-01T00:00:00Z\",\"message\":{\"role\":\"assistant\",\"content\":\""
                + text + "\"},\"done\":" + isLast + (isLast ? ",\"done_reason\":\"stop\"" : "") + "}";
    }
}
