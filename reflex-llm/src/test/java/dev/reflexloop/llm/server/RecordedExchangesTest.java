package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PromptLayout;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The replies in the folder recorded, each read by its adapter; README.md there says where they are from. */
class RecordedExchangesTest {
    private static final double ROUNDING = 1e-9;

    private static byte[] recorded(String name) throws IOException {
        try (InputStream file = RecordedExchangesTest.class.getResourceAsStream("recorded/" + name)) {
            return file.readAllBytes();
        }
    }

    private static JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(recorded(name));
    }

    @Test
    void ollama_generate_becomesADistributionOverTheNineActions() throws Exception {
        List<String> actions =
                List.of("charge", "strafe", "retreat", "ram", "hold_fire", "hunt", "circle_wall", "snipe", "dodge");
        ActionSchema.Builder schema = ActionSchema.builder("robocode");
        actions.forEach(action -> schema.action(Action.of(action)));
        byte[] reply = recorded("ollama-generate.json");
        try (RecordedServer server = RecordedServer.start();
                ReflexModel model = OllamaModel.builder(server.endpoint(), "nano")
                        .renderer(PromptLayout.builder("robocode", actions).build())
                        .build()) {
            server.scoring(request -> reply);
            Answer answer = Asking.answer(
                    model,
                    Question.about(
                            schema.idle("charge").build(),
                            Perception.builder("bot", 1).build()));
            assertThat(answer.probabilities()).containsOnlyKeys(actions);
            assertThat(answer.probabilities().get("charge")).isGreaterThan(0.999);
            assertThat(answer.probabilities().get("snipe")).isCloseTo(2.15e-5, within(1e-7));
            assertThat(answer.legalMass().orElseThrow()).isBetween(0.9998, 1.0);
            assertThat(answer.timings().evaluatedTokens()).isEqualTo(2);
            assertThat(answer.timings().computeNanos()).isEqualTo(885_820);
        }
    }

    @Test
    void vllm_completions_giveEachLabelItsShareAndTheMass() throws Exception {
        LabelScores scores =
                Dialect.VLLM.read(json("vllm-completions.json"), List.of(" A", " B", " C"), List.of(362, 426, 356));
        double mass = Math.exp(-1.61) + Math.exp(-2.3);
        assertThat(scores.mass()).hasValueCloseTo(mass, within(ROUNDING));
        assertThat(scores.probabilities().get(0)).isCloseTo(Math.exp(-1.61) / mass, within(ROUNDING));
        assertThat(scores.probabilities().get(2)).isZero();
        assertThat(scores.timings().evaluatedTokens()).isEqualTo(20);
        assertThat(scores.timings().cachedTokens()).isEqualTo(160);
    }

    @Test
    void sglang_score_withASoftmax_isADistribution() throws Exception {
        LabelScores scores = Dialect.SGLANG.read(json("sglang-score.json"), List.of("Yes", "No"), List.of(9454, 2753));
        assertThat(scores.probabilities()).containsExactly(0.0237, 0.9763);
    }

    @Test
    void sglang_score_withoutOne_givesSharesAndTheMass() throws Exception {
        LabelScores scores = Dialect.SGLANG.read(
                json("sglang-score-shares.json"), List.of(" A", " B", " C"), List.of(362, 426, 356));
        assertThat(scores.mass()).hasValueCloseTo(0.5001, within(ROUNDING));
        assertThat(scores.probabilities().get(1)).isCloseTo(0.4882 / 0.5001, within(ROUNDING));
        assertThat(scores.timings().evaluatedTokens()).isEqualTo(180);
    }

    @Test
    void openAi_completions_areReadByText() throws Exception {
        LabelScores scores = Dialect.PLAIN.read(json("openai-completions.json"), List.of(" A", " B"), List.of());
        assertThat(scores.best()).isEqualTo(1);
        assertThat(scores.mass()).hasValueCloseTo(Math.exp(-0.4), within(ROUNDING));
    }

    @Test
    void vllm_tokenize_isReadAsTokens() throws Exception {
        byte[] reply = recorded("vllm-tokenize.json");
        JsonNode tokens = json("vllm-tokenize.json");
        try (RecordedServer server = RecordedServer.start();
                ServerClient client = new ServerClient(server.endpoint(), "vllm")) {
            server.scoring(request -> reply);
            assertThat(client.post(
                                    "/other",
                                    new byte[] {'{', '}'},
                                    Asking.within(Duration.ofSeconds(10)),
                                    LabelTokens::read)
                            .get())
                    .containsExactly(128_000, 16_533, 25)
                    .hasSize(tokens.path("count").asInt());
        }
    }

    @Test
    void vllm_unknownModel_isNamedInTheServersWords() throws Exception {
        byte[] reply = recorded("vllm-unknown-model.json");
        try (RecordedServer server = RecordedServer.start();
                ReflexModel model = OpenAiCompatibleModel.vllm(server.endpoint(), "llama-3.2-1b")
                        .adapter("combat-7")
                        .build()) {
            server.scoring(request -> reply);
            server.status(404);
            assertThat(Asking.failure(model, Asking.question(80)))
                    .hasMessageContaining("The model `combat-7` does not exist.")
                    .hasMessageContaining("/v1/models");
        }
    }
}
