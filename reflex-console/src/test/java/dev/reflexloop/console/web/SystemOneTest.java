package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Fact;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.Timings;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.SystemOneModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model behind {@code /v1/systemone}. */
class SystemOneTest {
    private final BlockingQueue<Question> asked = new LinkedBlockingQueue<>();

    /** Prefers the first option by 3 to 1 over each of the others. */
    private CompletableFuture<Answer> firstByThree(Question question) {
        asked.add(question);
        Map<String, Double> shares = new LinkedHashMap<>();
        double rest = 1.0 / (question.legal().size() + 2);
        question.legal().forEach(each -> shares.put(each.name(), shares.isEmpty() ? 3 * rest : rest));
        return CompletableFuture.completedFuture(new Answer(
                "scripted",
                Optional.empty(),
                shares,
                OptionalDouble.empty(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                new Timings(0, 1, 7, 5)));
    }

    private Browser.Reply post(ReflexModel model, String json) throws Exception {
        try (ConsoleServer console =
                ConsoleServer.builder(TelemetryBus.off()).model(model).start()) {
            return new Browser(console.uri()).post("/v1/systemone", json);
        }
    }

    @Test
    void choice_withAnyState_isAnsweredByShares() throws Exception {
        Browser.Reply reply = post((question, deadline) -> firstByThree(question), """
                {"model":"any","state":{"health":20,"armed":true,"place":"cave","npcs":[{"name":"rat"}],"none":null},
                 "questions":{"next":{"type":"choice","instructions":"What now?",
                   "criteria":{"run away!":"leave","fight":null,"fight ":""}}}}""");
        assertThat(reply.status()).isEqualTo(200);
        JsonNode answer = reply.json().path("answers").path("next");
        assertThat(answer.path("type").asText()).isEqualTo("choice");
        assertThat(answer.path("choice").asText()).isEqualTo("run away!");
        assertThat(answer.path("probabilities").path("fight").asDouble()).isCloseTo(0.2, within(1e-9));
        assertThat(answer.path("probabilities")).hasSize(3);
        assertThat(answer.path("confidence").asDouble()).isCloseTo((0.6 - 1 / 3.0) / (2 / 3.0), within(1e-9));
        assertThat(reply.json().path("usage").path("input_tokens").asInt()).isEqualTo(12);
        assertThat(reply.json().path("model").asText()).isEqualTo("scripted");

        Question question = asked.remove();
        assertThat(question.goal().text()).isEqualTo("What now?");
        assertThat(question.legal().get(0).description()).isEqualTo("leave");
        assertThat(question.perception().facts())
                .containsExactly(
                        Map.entry("health", Fact.of(20)),
                        Map.entry("armed", Fact.of(true)),
                        Map.entry("place", Fact.of("cave")),
                        Map.entry("npcs", Fact.of(List.of(Map.of("name", Fact.of("rat"))))));
    }

    @Test
    void score_andNoul_areAnsweredAsLevelAndProbability() throws Exception {
        Browser.Reply reply = post((question, deadline) -> firstByThree(question), """
                {"state":"it burns","questions":{
                  "level":{"type":"score","instructions":"How bad?","criteria":["fine","bad","worse"]},
                  "leave":{"type":"noul","instructions":"Leave?"}}}""");
        assertThat(reply.status()).isEqualTo(200);
        JsonNode level = reply.json().path("answers").path("level");
        assertThat(level.path("score").asDouble()).isCloseTo(0.2 + 2 * 0.2, within(1e-9));
        assertThat(level.path("probabilities").path("0").asDouble()).isCloseTo(0.6, within(1e-9));
        JsonNode leave = reply.json().path("answers").path("leave");
        assertThat(leave.path("noul").asDouble()).isCloseTo(0.75, within(1e-9));
        assertThat(leave.path("type").asText()).isEqualTo("noul");
        assertThat(asked.remove().perception().text("state", "")).isEqualTo("it burns");
    }

    @Test
    void request_thatIsWrong_isToldHow() throws Exception {
        ReflexModel model = (question, deadline) -> firstByThree(question);
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("{}", "no state");
        wrong.put("{\"state\":1}", "1 to 16 questions");
        wrong.put("{\"state\":1,\"questions\":{\"a\":{\"type\":\"guess\"}}}", "choice, score or noul");
        wrong.put("{\"state\":1,\"questions\":{\"a\":{\"type\":\"choice\",\"criteria\":{\"x\":null}}}}", "2 to 255");
        wrong.put("{\"state\":1,\"questions\":{\"a\":{\"type\":\"score\",\"criteria\":{\"x\":1}}}}", "2 to 10 levels");
        wrong.put("{\"state\":1,\"state\":2}", "no JSON");
        wrong.put("[]", "no JSON object");
        for (Map.Entry<String, String> each : wrong.entrySet()) {
            Browser.Reply reply = post(model, each.getKey());
            assertThat(reply.status()).as(each.getKey()).isEqualTo(400);
            assertThat(reply.json().path("error").asText()).contains(each.getValue());
        }
        assertThat(asked).isEmpty();
    }

    @Test
    void model_thatIsMissingBusyOrFails_isTold() throws Exception {
        String request = "{\"state\":1,\"questions\":{\"a\":{\"type\":\"noul\",\"instructions\":\"?\"}}}";
        try (ConsoleServer console = ConsoleServer.builder(TelemetryBus.off()).start()) {
            assertThat(new Browser(console.uri()).post("/v1/systemone", request).status())
                    .isEqualTo(501);
        }
        ReflexModel busy = (question, deadline) ->
                CompletableFuture.failedFuture(new ModelBusyException("slow", "too many questions wait"));
        assertThat(post(busy, request).status()).isEqualTo(429);
        ReflexModel broken = (question, deadline) -> {
            throw new IllegalStateException("<b>broken</b>");
        };
        assertThat(post(broken, request).status()).isEqualTo(501);
        ReflexModel unsound = (question, deadline) ->
                CompletableFuture.completedFuture(Answer.of("unsound", Map.of("yes", Double.NaN)));
        assertThat(post(unsound, request).status()).isEqualTo(503);
    }

    @Test
    void clientOfOurs_overTheWire_hearsWhatTheModelSays(@TempDir Path folder) throws Exception {
        try (NanoModel nano = NanoGame.load(folder);
                ConsoleServer console =
                        ConsoleServer.builder(TelemetryBus.off()).model(nano).start();
                SystemOneModel client = SystemOneModel.builder(
                                Endpoint.of(console.uri().toString()))
                        .build()) {
            for (int tick = 0; tick < 20; tick++) {
                Question question = Question.about(NanoGame.schema(), NanoGame.perception(tick));
                Deadline deadline = Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
                Answer direct = nano.ask(question, deadline).get();
                Answer wired = client.ask(question, deadline).get();
                direct.probabilities()
                        .forEach((action, probability) -> assertThat(wired.probabilities())
                                .hasEntrySatisfying(
                                        action, got -> assertThat(got).isCloseTo(probability, within(1e-5))));
                assertThat(wired.timings().evaluatedTokens()).isPositive();
            }
        }
    }
}
