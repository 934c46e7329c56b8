package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.llm.nano.LlamaServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What llama-server makes of our System One requests. */
final class SystemOneModelIT {
    @TempDir
    static Path folder;

    private static @Nullable LlamaServer server;

    @BeforeAll
    static void start() throws Exception {
        ServedModels.requireServer();
        server = ServedModels.serve(ServedModels.decision().write(folder.resolve("decision.gguf")), "-c", "8192");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    private static SystemOneModel.Builder model() {
        return SystemOneModel.builder(Endpoint.of(server.address()));
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
    }

    private static Answer answer(SystemOneModel model, Question question) throws Exception {
        return model.ask(question, soon()).get(20, TimeUnit.SECONDS);
    }

    private static ActionSchema schema(int actions) {
        ActionSchema.Builder schema = ActionSchema.builder("large");
        for (int i = 0; i < actions; i++) {
            schema.action("action_" + i, "");
        }
        return schema.idle("action_0").build();
    }

    private static Question question(ActionSchema schema, List<Action> legal, SideQuestion... sides) {
        Perception perception =
                Perception.builder("bot", 1).fact("place", "by the well").build();
        return new Question(perception, Goal.of("eat"), schema, legal, Map.of(), List.of(sides));
    }

    @Test
    void ask_asManyActionsAsLetters_ratesEachOfThem() throws Exception {
        ActionSchema schema = schema(52);
        try (SystemOneModel model = model().build()) {
            Answer answer = answer(model, question(schema, schema.actions()));

            assertThat(answer.probabilities()).hasSize(52);
            assertThat(answer.timings().evaluatedTokens()).isGreaterThan(52);
        }
    }

    @Test
    void ask_moreActionsThanLetters_failsWithTheServersReason() {
        ActionSchema schema = schema(53);
        try (SystemOneModel model = model().build()) {
            assertThat(model.ask(question(schema, schema.actions()), soon()))
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ModelUnavailableException.class)
                    .withMessageContaining("questions.action: too many options (53)");
        }
    }

    @Test
    void ask_sideQuestions_areAnsweredInTheSameRequest() throws Exception {
        ActionSchema schema = schema(3);
        Question question = question(
                schema,
                schema.actions(),
                SideQuestion.yesNo("help", "Is the strategist needed?"),
                new SideQuestion("danger", "How dangerous is it?", List.of("low", "high", "deadly")));
        try (SystemOneModel model = model().build()) {
            Answer answer = answer(model, question);

            assertThat(answer.sideAnswers().get("help")).containsOnlyKeys("yes", "no");
            assertThat(answer.sideAnswers().get("danger")).containsOnlyKeys("low", "high", "deadly");
            answer.sideAnswers()
                    .values()
                    .forEach(options -> assertThat(options.values().stream()
                                    .mapToDouble(probability -> probability)
                                    .sum())
                            .isBetween(0.999, 1.001));
        }
    }

    @Test
    void ask_oneActionAndASideQuestion_asksOnlyTheSideQuestion() throws Exception {
        ActionSchema schema = schema(3);
        Question question =
                question(schema, schema.actions().subList(1, 2), SideQuestion.yesNo("help", "Is help needed?"));
        try (SystemOneModel model = model().build()) {
            Answer answer = answer(model, question);

            assertThat(answer.probabilities()).containsExactly(Map.entry("action_1", 1.0));
            assertThat(answer.sideAnswers()).containsOnlyKeys("help");
            assertThat(answer.prompt().orElseThrow()).doesNotContain("action_");
        }
    }

    @Test
    void ask_stateAsTextOrAsObject_isReadByTheTemplate() throws Exception {
        ActionSchema schema = schema(3);
        try (SystemOneModel text = model().stateAsText(true).build();
                SystemOneModel object = model().build()) {
            Question question = question(schema, schema.actions());
            Answer asText = answer(text, question);
            Answer asObject = answer(object, question);

            assertThat(asText.prompt().orElseThrow()).contains("\"state\":\"{");
            assertThat(asObject.prompt().orElseThrow()).contains("\"state\":{");
            assertThat(asText.timings().evaluatedTokens())
                    .as("both show the state: a space behind each colon and comma apart")
                    .isCloseTo(asObject.timings().evaluatedTokens(), within(30));
        }
    }

    @Test
    void ask_modelThatIsNoDecisionModel_failsWithTheRemedy() throws Exception {
        Path plain = ServedModels.plain().write(folder.resolve("plain.gguf"));
        ActionSchema schema = schema(3);
        try (LlamaServer other = ServedModels.serve(plain);
                SystemOneModel model =
                        SystemOneModel.builder(Endpoint.of(other.address())).build()) {
            assertThat(model.ask(question(schema, schema.actions()), soon()))
                    .failsWithin(Duration.ofSeconds(20))
                    .withThrowableOfType(ExecutionException.class)
                    .withCauseInstanceOf(ModelUnavailableException.class)
                    .withMessageContainingAll("501", "another kind of model");
        }
    }
}
