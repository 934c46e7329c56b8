package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real Ollama with a trained model. */
final class OllamaModelIT {
    @TempDir
    static Path folder;

    private static @Nullable OllamaServer server;

    private final PromptLayout layout = RobocodeModel.layout();
    private final ActionSchema schema = RobocodeModel.schema();

    @BeforeAll
    static void start() throws Exception {
        server = OllamaServer.start(folder);
        server.add("nano", RobocodeModel.file());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private OllamaModel model(String name) {
        return OllamaModel.builder(Endpoint.of(server.address()), name)
                .renderer(layout)
                .threads(1)
                .build();
    }

    @Test
    void answers_ofTheSameModel_areThoseOfTheEmbeddedEngine() throws Exception {
        try (OllamaModel model = model("nano");
                ReflexModel embedded = NanoModel.load(RobocodeModel.file())) {
            model.ready(Duration.ofSeconds(60));
            for (int tick = 0; tick < 20; tick++) {
                Question question = RobocodeModel.question(layout, schema, tick);
                Answer answer = Asking.answer(model, question);
                Answer same = Asking.answer(embedded, question);
                assertThat(answer.prompt()).isEqualTo(same.prompt());
                for (Map.Entry<String, Double> entry : same.probabilities().entrySet()) {
                    assertThat(answer.probabilities().get(entry.getKey()))
                            .as("tick " + tick + ", " + entry.getKey())
                            .isCloseTo(entry.getValue(), within(0.02));
                }
                assertThat(answer.legalMass().orElseThrow())
                        .isLessThanOrEqualTo(same.legalMass().orElseThrow() + 0.02)
                        .isGreaterThan(0.9);
                assertThat(answer.timings().evaluatedTokens()).isPositive();
            }
        }
    }

    @Test
    void questions_andHints_doNotLoadTheModelAnew() throws Exception {
        try (OllamaModel model = model("nano")) {
            model.ready(Duration.ofSeconds(60));
            long loads = loads();
            assertThat(loads).isPositive();
            model.prepare(RobocodeModel.question(layout, schema, 1));
            for (int tick = 0; tick < 5; tick++) {
                Asking.answer(model, RobocodeModel.question(layout, schema, tick));
            }
            assertThat(loads()).isEqualTo(loads);
        }
    }

    private static long loads() throws Exception {
        return server.log()
                .lines()
                .filter(line -> line.contains("starting runner") && line.contains("--model"))
                .count();
    }

    @Test
    void modelThatIsNotLoaded_isLoadedAlthoughEveryCallIsCut(@TempDir Path other) throws Exception {
        try (OllamaServer cold = OllamaServer.start(other)) {
            cold.add("nano", RobocodeModel.file());
            try (OllamaModel model = OllamaModel.builder(Endpoint.of(cold.address()), "nano")
                    .renderer(layout)
                    .threads(1)
                    .build()) {
                Deadline patience = Asking.within(Duration.ofSeconds(60));
                boolean answered = false;
                for (int tick = 0; !answered && !patience.expired(); tick++) {
                    CompletableFuture<Answer> call = model.ask(
                            RobocodeModel.question(layout, schema, tick), Asking.within(Duration.ofMillis(100)));
                    answered = call.handle((answer, failure) -> answer != null).get(10, TimeUnit.SECONDS);
                }
                assertThat(answered).as("an answer within 100 ms").isTrue();
            }
        }
    }

    @Test
    void modelThatIsMissing_isNamedWithItsRemedy() throws Exception {
        try (OllamaModel model = model("missing")) {
            assertThat(Asking.failure(model, RobocodeModel.question(layout, schema, 1)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("ollama pull missing");
            assertThatThrownBy(() -> model.ready(Duration.ofSeconds(60)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("[nano:latest]");
        }
    }

    @Test
    void promptThatIsTooLong_isRefusedAndNotCut() throws Exception {
        try (OllamaModel model = OllamaModel.builder(Endpoint.of(server.address()), "nano")
                .renderer(layout)
                .threads(1)
                .contextTokens(16)
                .build()) {
            assertThat(Asking.failure(model, RobocodeModel.question(layout, schema, 1)))
                    .isInstanceOf(ModelUnavailableException.class);
        }
    }

    /** The contract of models. */
    @Nested
    class ContractIT extends ReflexModelContractTest {
        @Override
        protected ReflexModel createModel() {
            return model("nano");
        }

        @Override
        protected ActionSchema schema() {
            return schema;
        }

        @Override
        protected Perception perception(long tick) {
            return RobocodeModel.perception(layout, tick);
        }
    }
}
