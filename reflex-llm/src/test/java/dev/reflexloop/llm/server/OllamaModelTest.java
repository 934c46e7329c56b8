package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Answer;
import dev.reflexloop.ModelUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OllamaModelTest {
    private final RecordedServer server = RecordedServer.start();
    private final OllamaModel model =
            OllamaModel.builder(server.endpoint(), RecordedServer.MODEL).build();

    @AfterEach
    void stop() {
        model.close();
        server.close();
    }

    private static String reply(String logprobs, String doneReason) {
        return "{\"model\":\"tiny\",\"response\":\"\",\"done\":true,\"done_reason\":\"" + doneReason + "\"" + logprobs
                + "}";
    }

    private static String listing(String entries) {
        return reply(",\"logprobs\":[{\"token\":\"x\",\"logprob\":-1,\"top_logprobs\":[" + entries + "]}]", "length");
    }

    @Test
    void requests_ofDifferentQuestions_differInNothingButThePrompt() throws Exception {
        Asking.answer(model, Asking.question(80));
        Asking.answer(model, Asking.question(20));
        Assertions.assertThat(server.requests()).hasSizeGreaterThan(1);
        JsonNode first = withoutPrompt(server.requests().get(0).body());
        assertThat(server.requests()).allSatisfy(request -> {
            assertThat(request.path()).isEqualTo("/api/generate");
            assertThat(withoutPrompt(request.body())).isEqualTo(first);
        });
        assertThat(first.path("raw").asBoolean()).isTrue();
        assertThat(first.path("stream").asBoolean(true)).isFalse();
        assertThat(first.path("truncate").asBoolean(true)).isFalse();
        assertThat(first.path("top_logprobs").asInt()).isEqualTo(20);
        assertThat(first.path("keep_alive").asInt()).isEqualTo(-1);
        assertThat(first.path("options").path("num_predict").asInt()).isEqualTo(1);
        assertThat(first.path("options").path("num_ctx").asInt()).isEqualTo(2_048);
    }

    private static JsonNode withoutPrompt(JsonNode body) {
        assertThat(body.path("prompt").asText()).contains("health: ");
        return ((ObjectNode) body.deepCopy()).without("prompt");
    }

    @Test
    void answer_ofAServer_hasItsSharesItsMassAndItsTimes() throws Exception {
        server.scoring(listing("{\"token\":\" B\",\"logprob\":-0.5},{\"token\":\" A\",\"logprob\":-2},"
                + "{\"token\":\" C\",\"logprob\":-3}"));
        Answer answer = Asking.answer(model, Asking.question(80));
        double mass = Math.exp(-0.5) + Math.exp(-2) + Math.exp(-3);
        assertThat(answer.probabilities()).containsOnlyKeys("wait", "fight", "flee");
        assertThat(answer.probabilities().get("fight")).isCloseTo(Math.exp(-0.5) / mass, Assertions.within(1e-9));
        assertThat(answer.legalMass()).hasValueCloseTo(mass, Assertions.within(1e-9));
        assertThat(answer.prompt())
                .hasValueSatisfying(prompt -> assertThat(prompt).endsWith("Answer:"));
        assertThat(answer.model()).isEqualTo("ollama:recorded");
    }

    @Test
    void targets_ofTheChosenAction_areScoredBehindItsLabel() throws Exception {
        server.scoring(request -> (request.body().path("prompt").asText().endsWith("Target:")
                        ? listing("{\"token\":\" B\",\"logprob\":-0.1},{\"token\":\" A\",\"logprob\":-4}")
                        : listing("{\"token\":\" B\",\"logprob\":-0.1}"))
                .getBytes(StandardCharsets.UTF_8));
        Answer answer = Asking.answer(model, Asking.question(80));
        assertThat(answer.targets()).containsOnlyKeys("fight");
        assertThat(answer.targets().get("fight").get("wolf")).isGreaterThan(0.9);
    }

    @Test
    void targets_thatFail_leaveTheActionItsAnswer() throws Exception {
        server.scoring(request -> (request.body().path("prompt").asText().endsWith("Target:")
                        ? "nonsense"
                        : listing("{\"token\":\" B\",\"logprob\":-0.1}"))
                .getBytes(StandardCharsets.UTF_8));
        Answer answer = Asking.answer(model, Asking.question(80));
        assertThat(answer.targets()).isEmpty();
        assertThat(answer.probabilities().get("fight")).isGreaterThan(0.5);
    }

    @Test
    void call_thatIsCut_isFollowedByOneThatWaitsForTheModelToBeLoaded() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch waited = new CountDownLatch(1);
        server.scoring(request -> {
            if (request.body().has("prompt")) {
                asked.countDown();
                try {
                    waited.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException stopped) {
                    Thread.currentThread().interrupt();
                }
            } else {
                waited.countDown();
            }
            return "{}".getBytes(StandardCharsets.UTF_8);
        });
        CompletableFuture<Answer> call = model.ask(Asking.question(80), Asking.within(Duration.ofSeconds(10)));
        assertThat(asked.await(10, TimeUnit.SECONDS)).isTrue();
        call.cancel(true);
        assertThat(waited.await(10, TimeUnit.SECONDS)).isTrue();
        JsonNode load = server.requests().get(1).body();
        assertThat(load.path("options"))
                .isEqualTo(server.requests().get(0).body().path("options"));
        assertThat(load.path("keep_alive").asInt()).isEqualTo(-1);
    }

    @Test
    void labels_thatAreNotListed_makeAnAnswerWithoutProbabilities() throws Exception {
        server.scoring(listing("{\"token\":\" the\",\"logprob\":-0.1}"));
        Answer answer = Asking.answer(model, Asking.question(80));
        assertThat(answer.probabilities()).isEmpty();
        assertThat(answer.legalMass()).hasValue(0);
    }

    @Test
    void modelThatEndsTheText_answersWithoutProbabilities() throws Exception {
        server.scoring(reply("", "stop"));
        Answer answer = Asking.answer(model, Asking.question(80));
        assertThat(answer.probabilities()).isEmpty();
        assertThat(answer.legalMass()).isEmpty();
    }

    @Test
    void serverThatKnowsNoLogProbabilities_isNamedWithItsRemedy() throws Exception {
        server.scoring(reply("", "length"));
        assertThat(Asking.failure(model, Asking.question(80)))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("0.12.11");
    }

    @Test
    void modelThatIsMissing_isNamedWithItsRemedy() throws Exception {
        server.status(404);
        assertThat(Asking.failure(model, Asking.question(80)))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("ollama pull recorded");
    }

    @Test
    void ready_withoutTheModel_saysAtOnceHowToGetIt() {
        try (OllamaModel other = OllamaModel.builder(server.endpoint(), "tiny").build()) {
            assertThatThrownBy(() -> other.ready(Duration.ofDays(1)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("[recorded:latest]")
                    .hasMessageContaining("ollama pull tiny");
        }
    }

    @Test
    void ready_ofAServerThatListsProbabilities_returns() {
        model.ready(Duration.ofSeconds(10));
        assertThat(server.requests("/api/generate")).hasSize(1);
    }

    @Test
    void ready_withoutAServer_saysSoInTime() {
        server.close();
        assertThatThrownBy(() -> model.ready(Duration.ofMillis(300)))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("not ready within");
    }

    @Test
    void builder_withoutSense_isRefused() {
        OllamaModel.Builder builder = OllamaModel.builder(server.endpoint(), "tiny");
        assertThatThrownBy(() -> builder.contextTokens(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.keepAlive(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> builder.id(" ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> OllamaModel.builder(server.endpoint(), ""))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
