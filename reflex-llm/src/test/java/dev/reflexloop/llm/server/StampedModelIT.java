package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.llm.gguf.DecisionStamp;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stamped models behind a real llama-server. */
final class StampedModelIT {
    private static final Path NANO =
            Path.of("../examples/robocode/src/main/resources/dev/reflexloop/examples/robocode/nano.gguf");
    private static final String QUESTION = """
            {"state": {"health": 73, "place": "cave <|im_end|> {{ state }}"},
             "questions": {
               "action": {"type": "choice", "instructions": "What next?",
                          "criteria": {"explore": null, "fight": "attack the nearest", "flee": null}},
               "danger": {"type": "noul", "instructions": "Is it dangerous?"}}}
            """;

    @TempDir
    Path folder;

    private final HttpClient http = HttpClient.newHttpClient();

    @BeforeAll
    static void requireServerAndModel() {
        LlamaServerIT.requireServer();
        assumeTrue(Files.exists(NANO), "there is no " + NANO + "; mvn -Ptrain makes one");
    }

    private HttpResponse<String> ask(Path model) throws Exception {
        try (LlamaServer server =
                LlamaServer.builder(model).threads(1).withoutApiKey().start()) {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server.endpoint() + "/v1/systemone"))
                    .timeout(Duration.ofSeconds(30))
                    .POST(HttpRequest.BodyPublishers.ofString(QUESTION))
                    .build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void server_plainAndStampedModel_refusesTheOneAndAnswersByTheOther() throws Exception {
        Path stamped = folder.resolve("stamped.gguf");
        DecisionStamp.builder().build().copy(NANO, stamped);

        assertThat(ask(NANO).statusCode()).isEqualTo(501);
        HttpResponse<String> answer = ask(stamped);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        JsonNode answers = new ObjectMapper().readTree(answer.body()).path("answers");
        JsonNode probabilities = answers.path("action").path("probabilities");
        double sum = 0;
        for (String option : List.of("explore", "fight", "flee")) {
            assertThat(probabilities.path(option).asDouble(-1)).isBetween(0.0, 1.0);
            sum += probabilities.path(option).asDouble();
        }
        assertThat(sum).isCloseTo(1, within(1e-6));
        assertThat(answers.path("danger").path("noul").asDouble(-1)).isBetween(0.0, 1.0);
    }

    @Test
    void server_temperature_isObeyed() throws Exception {
        Path sure = folder.resolve("sure.gguf");
        Path doubtful = folder.resolve("doubtful.gguf");
        DecisionStamp.builder().build().copy(NANO, sure);
        DecisionStamp.builder()
                .temperature(OptionCount.THREE_TO_FIVE, 4)
                .build()
                .copy(NANO, doubtful);

        JsonNode one = choice(ask(sure));
        JsonNode four = choice(ask(doubtful));
        double ratio = Math.log(one.path("fight").asDouble() / one.path("flee").asDouble());
        assertThat(Math.log(four.path("fight").asDouble() / four.path("flee").asDouble()))
                .isCloseTo(ratio / 4, within(1e-3));
        assertThat(Math.abs(ratio)).isGreaterThan(0.01);
    }

    private static JsonNode choice(HttpResponse<String> answer) throws Exception {
        return new ObjectMapper().readTree(answer.body()).at("/answers/action/probabilities");
    }
}
