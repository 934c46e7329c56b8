package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexEntry;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.PromptRenderer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OpenAiCompatibleModelTest {
    private final RecordedServer server = RecordedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    private OpenAiCompatibleModel.Builder builder(Dialect dialect) {
        Endpoint endpoint = server.endpoint();
        return switch (dialect) {
            case VLLM -> OpenAiCompatibleModel.vllm(endpoint, RecordedServer.MODEL);
            case SGLANG -> OpenAiCompatibleModel.sglang(endpoint, RecordedServer.MODEL);
            case PLAIN -> OpenAiCompatibleModel.plain(endpoint, RecordedServer.MODEL);
        };
    }

    @ParameterizedTest
    @EnumSource
    void answer_ofEachKind_isTheServersDistributionOverTheLabels(Dialect dialect) throws Exception {
        try (ReflexModel model = builder(dialect).build()) {
            Answer answer = Asking.answer(model, Asking.question(80));
            Map<String, Double> all = RecordedServer.likeliest(answer.prompt().orElseThrow(), 1_000);
            double mass = all.get(" A") + all.get(" B") + all.get(" C");
            assertThat(answer.legalMass()).hasValueCloseTo(mass, within(1e-9));
            assertThat(answer.probabilities().get("fight")).isCloseTo(all.get(" B") / mass, within(1e-9));
        }
    }

    /** One served model, several adapters: which one decides is on record, although the id stays. */
    @Test
    void loop_builtWithAnotherAdapter_isRecorded(@TempDir Path folder) {
        Path ledger = folder.resolve("codex.jsonl");
        ActionSchema schema =
                ActionSchema.builder("duel").action("wait", "").idle("wait").build();
        try (Codex codex = Codex.open(ledger, CodexKey.loadOrCreate(folder.resolve("key.pem")))) {
            for (String adapter : List.of("brave", "brave", "meek")) {
                try (ReflexModel model = builder(Dialect.VLLM).adapter(adapter).build();
                        ReflexLoop loop =
                                ReflexLoop.builder(schema, model).codex(codex).build()) {
                    assertThat(loop).isNotNull();
                }
            }
        }
        List<Change> models = Codex.verify(ledger).entries().stream()
                .map(CodexEntry::change)
                .filter(change -> change.kind() == Change.Kind.MODEL)
                .toList();
        assertThat(models).hasSize(2);
        assertThat(models.get(0).after()).contains("adapter=brave");
        assertThat(models.get(1).before()).isEqualTo(models.get(0).after());
        assertThat(models.get(1).after()).contains("adapter=meek");
    }

    @Test
    void vllm_request_asksForExactlyTheLabelsTokens() throws Exception {
        try (ReflexModel model = builder(Dialect.VLLM).build()) {
            Asking.answer(model, Asking.question(80));
        }
        JsonNode body = server.requests("/v1/completions").get(0).body();
        assertThat(body.path("model").asText()).isEqualTo(RecordedServer.MODEL);
        assertThat(body.path("max_tokens").asInt()).isEqualTo(1);
        assertThat(body.path("logprobs").asInt()).isPositive();
        assertThat(body.path("return_tokens_as_token_ids").asBoolean()).isTrue();
        assertThat(body.path("logprob_token_ids")).hasSize(3);
    }

    @Test
    void vllm_withoutSelectedTokens_isReadFromItsLikeliest() throws Exception {
        server.scoring(request -> server.scores(new RecordedServer.Request(
                request.path(),
                ((com.fasterxml.jackson.databind.node.ObjectNode) request.body()).without("logprob_token_ids"),
                "")));
        try (ReflexModel model = builder(Dialect.VLLM).build()) {
            Answer answer = Asking.answer(model, Asking.question(80));
            Map<String, Double> all = RecordedServer.likeliest(answer.prompt().orElseThrow(), 1_000);
            assertThat(answer.legalMass()).hasValueCloseTo(all.get(" A") + all.get(" B") + all.get(" C"), within(1e-9));
        }
    }

    @Test
    void sglang_request_asksForSharesAndNotForASoftmax() throws Exception {
        try (ReflexModel model = builder(Dialect.SGLANG).build()) {
            Asking.answer(model, Asking.question(80));
        }
        JsonNode body = server.requests("/v1/score").get(0).body();
        assertThat(body.path("apply_softmax").asBoolean(true)).isFalse();
        assertThat(body.path("items")).hasSize(1);
        assertThat(body.path("label_token_ids")).hasSize(3);
    }

    @Test
    void labels_onceProven_areNotLookedUpAgain() throws Exception {
        try (ReflexModel model = builder(Dialect.VLLM).build()) {
            Asking.answer(model, Asking.question(80));
            int lookedUp = server.requests("/tokenize").size();
            Asking.answer(model, Asking.question(70));
            assertThat(server.requests("/tokenize")).hasSize(lookedUp);
            assertThat(lookedUp).isGreaterThanOrEqualTo(4);
        }
    }

    @Test
    void labels_afterTheServerWasLost_areProvenAgain() throws Exception {
        try (ReflexModel model = builder(Dialect.SGLANG).build()) {
            Asking.answer(model, Asking.question(80));
            int lookedUp = server.requests("/tokenize").size();
            server.status(500);
            assertThat(Asking.failure(model, Asking.question(80))).isInstanceOf(ModelUnavailableException.class);
            server.status(200);
            Asking.answer(model, Asking.question(80));
            assertThat(server.requests("/tokenize")).hasSizeGreaterThan(lookedUp);
        }
    }

    @Test
    void label_ofSeveralTokens_isRefusedAsAValueWithItsRemedy() throws Exception {
        try (ReflexModel model =
                builder(Dialect.VLLM).renderer(new WholeNames()).build()) {
            assertThat(Asking.failure(model, Asking.question(80)))
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("single token")
                    .hasMessageContaining("' wait'");
        }
    }

    @Test
    void action_withoutALabel_isRefusedAsAValue() throws Exception {
        ActionSchema.Builder many = ActionSchema.builder("many");
        for (int i = 0; i < 60; i++) {
            many.action(Action.of("action_" + i));
        }
        ActionSchema schema = many.idle("action_0").build();
        try (ReflexModel model = builder(Dialect.PLAIN).build()) {
            Question question = Question.about(schema, Asking.question(1).perception());
            assertThat(Asking.failure(model, question))
                    .isInstanceOf(UnusableModelException.class)
                    .hasMessageContaining("action_52");
        }
    }

    @Test
    void adapter_ofVllm_isAskedForByItsNameAndNamedInTheAnswer() throws Exception {
        try (ReflexModel model = builder(Dialect.VLLM).adapter("combat-7").build()) {
            Answer answer = Asking.answer(model, Asking.question(80));
            assertThat(answer.adapter()).hasValue("combat-7");
            assertThat(answer.model()).isEqualTo("vllm:" + RecordedServer.MODEL);
        }
        assertThat(server.requests())
                .allSatisfy(request ->
                        assertThat(request.body().path("model").asText()).isEqualTo("combat-7"));
    }

    @Test
    void adapter_ofSglang_isRefusedWithItsRemedy() {
        assertThatThrownBy(() -> builder(Dialect.SGLANG).adapter("combat-7"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("merged");
    }

    @Test
    void key_ofTheEndpoint_goesWithEveryRequest() throws Exception {
        try (ReflexModel model = OpenAiCompatibleModel.vllm(server.endpoint().apiKey("sesame"), RecordedServer.MODEL)
                .build()) {
            Asking.answer(model, Asking.question(80));
        }
        assertThat(server.requests())
                .allSatisfy(request -> assertThat(request.authorization()).isEqualTo("Bearer sesame"));
    }

    @Test
    void plain_withChatShapedProbabilities_isRead() throws Exception {
        server.scoring("{\"choices\":[{\"text\":\" B\",\"logprobs\":{\"content\":[{\"token\":\" B\",\"logprob\":-0.1,"
                + "\"top_logprobs\":[{\"token\":\" B\",\"logprob\":-0.1},{\"token\":\" A\",\"logprob\":-3}]}]}}]}");
        try (ReflexModel model = builder(Dialect.PLAIN).build()) {
            Answer answer = Asking.answer(model, Asking.question(80));
            assertThat(answer.legalMass()).hasValueCloseTo(Math.exp(-0.1) + Math.exp(-3), within(1e-9));
        }
    }

    @Test
    void ready_ofAServerWithTheModel_returns() {
        try (OpenAiCompatibleModel model = builder(Dialect.PLAIN).build()) {
            model.ready(Duration.ofSeconds(10));
            assertThat(server.requests("/v1/models")).hasSize(1);
        }
    }

    @Test
    void ready_ofAServerWithoutTheAdapter_namesWhatItServes() {
        try (OpenAiCompatibleModel model =
                builder(Dialect.VLLM).adapter("combat-7").build()) {
            assertThatThrownBy(() -> model.ready(Duration.ofSeconds(10)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("[" + RecordedServer.MODEL + "]")
                    .hasMessageContaining("combat-7");
        }
    }

    @Test
    void modelThatIsMissing_isNamedWithItsRemedy() throws Exception {
        server.status(404);
        try (ReflexModel model = builder(Dialect.VLLM).build()) {
            assertThat(Asking.failure(model, Asking.question(80)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("/v1/models");
        }
    }

    /** Labels that are whole words, which this vocabulary spells. */
    private static final class WholeNames implements PromptRenderer {
        private final PromptRenderer plain = PlainRenderer.builder().build();

        @Override
        public String render(Question question) {
            return plain.render(question);
        }

        @Override
        public Optional<String> label(ActionSchema schema, Action action) {
            return Optional.of(" " + action.name());
        }

        @Override
        public String renderTargets(Question question, Action chosen) {
            return plain.renderTargets(question, chosen);
        }

        @Override
        public Optional<String> targetLabel(int index) {
            return plain.targetLabel(index);
        }
    }
}
