package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a server sends, a call ends with a sound distribution, an answer without one, or a failure as a value; the next call works. */
class HostileReplyTest {
    private static final List<String> REPLIES = List.of(
            "",
            "null",
            "[]",
            "{}",
            "7",
            "{\"scores\":[[0.5,0.4]]}",
            "{\"scores\":[[0.5,0.4,\"0.1\"]]}",
            "{\"scores\":[[0.9,0.9,0.9]]}",
            "{\"scores\":[[-0.1,0.5,0.5]]}",
            "{\"scores\":{\"a\":1}}",
            "{\"scores\":[[1e400,0,0]]}",
            "{\"choices\":[{\"logprobs\":null}]}",
            "{\"choices\":[{\"logprobs\":{\"top_logprobs\":[{\" A\":\"NaN\"}]}}]}",
            "{\"choices\":[{\"logprobs\":{\"top_logprobs\":[{\" A\":3}]}}]}",
            "{\"choices\":[{\"logprobs\":{\"top_logprobs\":[[\" A\"]]}}]}",
            "{\"choices\":\" A\"}",
            "{\"logprobs\":[{\"token\":7,\"logprob\":{},\"top_logprobs\":\" A\"}]}",
            "{\"logprobs\":[{\"top_logprobs\":[{\"token\":\" A\",\"logprob\":1e400}]}]}",
            "{\"logprobs\":[{\"top_logprobs\":[{\"token\":\" A\",\"logprob\":-0.1},{\"token\":\" B\",\"logprob\":-0.1}]}]}",
            "{\"logprobs\":[{\"top_logprobs\":[{\"logprob\":-0.1}]}]}",
            "{\"error\":\"out of memory\"}",
            "{\"logprobs\":[{\"top_logprobs\":[{\"token\":\" A\",\"logprob\":-0.1}]");

    private final RecordedServer server = RecordedServer.start();

    @AfterEach
    void stop() {
        server.close();
    }

    static Stream<Function<Endpoint, ReflexModel>> models() {
        return Stream.of(
                endpoint -> OllamaModel.builder(endpoint, "m").build(),
                endpoint -> OpenAiCompatibleModel.vllm(endpoint, "m").build(),
                endpoint -> OpenAiCompatibleModel.sglang(endpoint, "m").build(),
                endpoint -> OpenAiCompatibleModel.plain(endpoint, "m").build());
    }

    @ParameterizedTest
    @MethodSource("models")
    void reply_ofAnyKind_endsAsASoundAnswerOrAValue(Function<Endpoint, ReflexModel> start) throws Exception {
        try (ReflexModel model = start.apply(server.endpoint())) {
            for (String reply : REPLIES) {
                server.scoring(reply);
                assertHarmless(model, reply);
            }
            server.scoring(server::scores);
            assertThat(Asking.answer(model, Asking.question(80)).probabilities())
                    .hasSize(3);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void reply_damagedAnywhere_endsAsASoundAnswerOrAValue(Function<Endpoint, ReflexModel> start) throws Exception {
        Random random = new Random(7);
        try (ReflexModel model = start.apply(server.endpoint())) {
            for (int i = 0; i < 100; i++) {
                server.scoring(request -> {
                    byte[] sound = server.scores(request);
                    for (int damage = 0; damage < 3; damage++) {
                        sound[random.nextInt(sound.length)] = (byte) (32 + random.nextInt(95));
                    }
                    return sound;
                });
                assertHarmless(model, "damage " + i);
            }
        }
    }

    @Test
    void reply_withTenThousandTokens_isRead() throws Exception {
        server.scoring(listing(10_000));
        try (ReflexModel model = OllamaModel.builder(server.endpoint(), "m").build()) {
            Answer answer = Asking.answer(model, Asking.question(80));
            assertThat(answer.probabilities().get("wait")).isGreaterThan(0.99);
        }
    }

    @Test
    void reply_withAHundredThousandTokens_isRefusedAsAValue() throws Exception {
        server.scoring(listing(100_000));
        try (ReflexModel model = OllamaModel.builder(server.endpoint(), "m").build()) {
            assertThat(Asking.failure(model, Asking.question(80))).isInstanceOf(ModelUnavailableException.class);
        }
    }

    private static String listing(int tokens) {
        List<String> entries = new ArrayList<>(Collections.nCopies(tokens, "{\"token\":\"x\",\"logprob\":-40}"));
        entries.add("{\"token\":\" A\",\"logprob\":-0.1}");
        return "{\"logprobs\":[{\"top_logprobs\":[" + String.join(",", entries) + "]}]}";
    }

    private static void assertHarmless(ReflexModel model, String what) throws Exception {
        Map<String, Double> probabilities;
        try {
            probabilities = model.ask(Asking.question(80), Asking.within(java.time.Duration.ofSeconds(10)))
                    .get(10, TimeUnit.SECONDS)
                    .probabilities();
        } catch (ExecutionException failure) {
            assertThat(failure.getCause()).as(what).isInstanceOf(ModelUnavailableException.class);
            return;
        }
        if (!probabilities.isEmpty()) {
            assertThat(probabilities.values())
                    .as(what)
                    .allSatisfy(each -> assertThat(each).isBetween(0.0, 1.0));
            assertThat(probabilities.values().stream()
                            .mapToDouble(Double::doubleValue)
                            .sum())
                    .as(what)
                    .isBetween(0.999, 1.001);
        }
    }
}
