package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.PlayingBot;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.testkit.Terminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class DashboardCommandTest {
    private static final int TICKS = 20;
    private static final String NOBODY = "http://127.0.0.1:1";

    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(Reflexloop::run);

    /** Ten ticks that the model decides, nine that it fails, one that is handed over. */
    private void play(String session) {
        try (PlayingBot bot = new PlayingBot(folder, session)) {
            for (int i = 0; i < TICKS; i++) {
                if (i == 5) {
                    bot.asked("Pay the fine", "Resist arrest");
                } else {
                    bot.closed(bot.tick(i < 11 ? 80 : 5), i < 3 ? "chosen" : "rejected");
                }
            }
        }
    }

    private JsonNode json(String... more) throws IOException {
        assertThat(terminal.run(words("--json", more))).isZero();
        return new ObjectMapper().readTree(terminal.out());
    }

    private String[] words(String option, String... more) {
        String[] words = new String[more.length + 5];
        words[0] = "dashboard";
        words[1] = option;
        words[2] = folder.toString();
        words[3] = "--ollama";
        words[4] = NOBODY;
        System.arraycopy(more, 0, words, 5, more.length);
        return words;
    }

    @ParameterizedTest
    @ValueSource(ints = {60, 80, 120, 200})
    void playedLogs_atAnyWidth_fitAndHaveNoEscapes(int width) {
        play("one");

        assertThat(terminal.run(words("--width=" + width))).isZero();
        assertThat(terminal.out().lines())
                .allSatisfy(line -> assertThat(Text.width(line)).isLessThanOrEqualTo(width));
        assertThat(terminal.out())
                .doesNotContain("\u001b")
                .contains("20 by 1 bot in 1 loop, 1 handed over")
                .contains("model error 9")
                .contains("nano-town")
                .contains("1 active in the last minute")
                .contains("1 pending, 0 answered, 0 expired")
                .contains("A guard stops you.")
                .contains("from play  3 chosen, 16 rejected");
    }

    @Test
    void lastDecision_ofAModel_hasItsProbabilitiesAsBars() {
        try (PlayingBot bot = new PlayingBot(folder, "one")) {
            bot.tick(80);
        }

        terminal.run(words("--width=80"));
        assertThat(terminal.out())
                .containsPattern("▸ fight → guard +█+.? +71\\.0 %")
                .containsPattern("  flee +█+.? +14\\.5 %");
    }

    @Test
    void logAndTelemetry_ofOneLoop_areCountedOnce() throws IOException {
        play("one");
        JsonNode decisions = json().path("decisions");

        assertThat(decisions.path("total").asInt()).isEqualTo(TICKS);
        assertThat(decisions.path("served").path("MODEL").asInt()).isEqualTo(10);
        assertThat(decisions.path("served").path("FALLBACK").asInt()).isEqualTo(9);
        assertThat(decisions.path("served").path("HOLD").asInt()).isEqualTo(1);
        assertThat(decisions.path("fallbackCauses").path("MODEL_ERROR").asInt()).isEqualTo(9);
        assertThat(decisions.path("byModel").path("nano-town").path("decisions").asInt())
                .isEqualTo(10);
        assertThat(decisions.path("latency").path("p99Micros").asLong())
                .isLessThanOrEqualTo(decisions.path("latency").path("maxMicros").asLong());
    }

    @Test
    void telemetry_withoutALog_isCounted() throws IOException {
        play("one");
        Files.delete(folder.resolve("trajectory.jsonl"));
        JsonNode json = json();

        assertThat(json.path("decisions").path("total").asInt()).isEqualTo(TICKS);
        assertThat(json.path("decisions").path("served").path("FALLBACK").asInt())
                .isEqualTo(9);
        assertThat(json.path("last").path("served").asText()).isEqualTo("FALLBACK");
    }

    @Test
    void labels_byPeople_areTheNewestThatWereNotTakenBack() throws IOException {
        play("one");
        String at = "\"at\":\"" + Instant.now() + "\"}\n";
        Files.writeString(
                folder.resolve("trajectory.jsonl.labels.jsonl"),
                "{\"type\":\"header\",\"format\":\"reflex-labels\",\"version\":1}\n"
                        + "{\"type\":\"label\",\"id\":\"one-1\",\"label\":\"chosen\"," + at
                        + "{\"type\":\"label\",\"id\":\"one-2\",\"label\":\"chosen\"," + at
                        + "{\"type\":\"label\",\"id\":\"one-2\",\"label\":\"rejected\"," + at
                        + "{\"type\":\"label\",\"id\":\"one-3\",\"label\":\"rejected\"," + at
                        + "{\"type\":\"undo\",\"id\":\"one-3\"," + at
                        + "{\"type\":\"label\",\"id\":\"one-4\",\"label\":\"skip\"," + at);
        JsonNode people = json().path("labels").path("byPeople");

        assertThat(people.path("chosen").asInt()).isEqualTo(1);
        assertThat(people.path("rejected").asInt()).isEqualTo(1);
        assertThat(people.path("skipped").asInt()).isEqualTo(1);
    }

    @Test
    void ticks_ofAHeartbeat_areDecisionsWithTheirLabels() throws IOException {
        Files.writeString(
                folder.resolve("ticks_20261121.jsonl"), tick(1, "MODEL", "null") + tick(2, "FALLBACK", "\"rejected\""));
        JsonNode json = json();

        assertThat(json.path("decisions").path("total").asInt()).isEqualTo(2);
        assertThat(json.path("decisions")
                        .path("byModel")
                        .path("llama")
                        .path("p50Micros")
                        .asLong())
                .isBetween(7_000L, 7_100L);
        assertThat(json.path("decisions")
                        .path("fallbackCauses")
                        .path("MODEL_DOWN")
                        .asInt())
                .isEqualTo(1);
        assertThat(json.path("last").path("action").asText()).isEqualTo("fallback");
        assertThat(json.path("labels").path("byPeople").path("rejected").asInt())
                .isEqualTo(1);
    }

    private static String tick(int second, String served, String label) {
        boolean model = served.equals("MODEL");
        return "{\"tick_id\":\"t-" + second + "\",\"at\":\"2026-11-21T19:48:0" + second + "Z\",\"perception\":{},"
                + "\"decision\":{\"severity\":\"" + (model ? "warning" : "fallback") + "\",\"served\":\"" + served
                + "\",\"because\":" + (model ? "null" : "\"MODEL_DOWN\"") + ",\"model\":"
                + (model ? "\"llama\"" : "null")
                + ",\"probabilities\":{\"severity\":{\"ok\":0.3,\"warning\":0.7},\"actions\":{}},\"latency_ms\":7},"
                + "\"alert\":{\"raised\":false},\"dpo_label\":" + label + "}\n";
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"a\":{\"inputTokens\":12,\"outputTokens\":3,\"totalTokens\":20}} | 1 | 12 | 3 | 20",
                "[{\"input_tokens\":1,\"output_tokens\":2},{\"prompt_tokens\":4,\"completion_tokens\":8}] | 2 | 5 | 10 | 15",
                "{\"sessions\":[{\"totalTokens\":7,\"updatedAt\":\"2026-11-21T19:48:00Z\"}]} | 1 | 0 | 0 | 7",
                "{\"version\":3,\"sessions\":{\"a\":{\"inputTokens\":\"many\"}}} | 1 | 0 | 0 | 0"
            })
    void sessionsOfAHarness_inAnyOfTheirShapes_giveTokens(String file, int sessions, int input, int output, int total)
            throws IOException {
        Files.writeString(folder.resolve("sessions.json"), file);
        JsonNode tokens = json().path("tokens");

        assertThat(tokens.path("sessions").asInt()).isEqualTo(sessions);
        assertThat(tokens.path("input").asInt()).isEqualTo(input);
        assertThat(tokens.path("output").asInt()).isEqualTo(output);
        assertThat(tokens.path("total").asInt()).isEqualTo(total);
    }

    @Test
    void damagedFiles_amongSoundOnes_areToldAndTheRestIsCounted() throws IOException {
        play("one");
        Files.writeString(folder.resolve("trajectory.jsonl"), "no record\n", StandardOpenOption.APPEND);
        Files.writeString(folder.resolve("newer.jsonl"), "{\"type\":\"header\",\"version\":99,\"session\":\"s\"}\n");
        Files.writeString(folder.resolve("sessions.json"), "{\"broken");

        assertThat(terminal.run(words("--width=200"))).isZero();
        assertThat(terminal.out())
                .contains("20 by 1 bot")
                .contains("! 1 line could not be read")
                .contains("version 99")
                .contains("sessions.json cannot be read");
    }

    @Test
    void namesOfAGame_inALog_moveNoCursor() {
        try (TelemetryBus bus =
                TelemetryBus.builder().file(folder.resolve("telemetry.jsonl")).build()) {
            String hostile = "x\u001b[2J\u202e\n龍";
            bus.publish(new TelemetryEvent(
                    Instant.now(),
                    TelemetryEvent.Level.INFO,
                    "loop",
                    "decision",
                    hostile,
                    1,
                    Map.of(
                            "action",
                            hostile,
                            "served",
                            hostile,
                            "model",
                            hostile,
                            "session",
                            hostile,
                            "because",
                            hostile,
                            "probabilities",
                            Map.of(hostile, 1.0))));
        }

        assertThat(terminal.run(words("--width=80"))).isZero();
        assertThat(terminal.out()).contains("1 by 1 bot");
        assertThat(terminal.out().lines())
                .allSatisfy(line -> assertThat(line).doesNotContainPattern("[\\p{Cntrl}\u202e]"));
    }

    @Test
    void servers_thatWereNamed_areShownWithTheirModelsOrTheirProblem() throws IOException {
        HttpServer ollama = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        serve(
                ollama,
                "/api/tags",
                "{\"models\":[{\"name\":\"tiny:1b\",\"size\":720000000,"
                        + "\"details\":{\"quantization_level\":\"Q4_0\",\"parameter_size\":\"1B\"}},{\"name\":\"other:7b\",\"size\":4100000000}]}");
        serve(ollama, "/api/ps", "{\"models\":[{\"name\":\"tiny:1b\",\"size\":1200000000,\"size_vram\":1100000000}]}");
        ollama.start();
        try {
            String address = "http://127.0.0.1:" + ollama.getAddress().getPort();
            assertThat(terminal.run(words("--width=80", "--ollama", address, "--llama-server", NOBODY)))
                    .isZero();
        } finally {
            ollama.stop(0);
        }
        assertThat(terminal.out())
                .containsPattern("● tiny:1b +1\\.0B Q4_0 +720 MB +IN VRAM 1\\.1 GB")
                .containsPattern("○ other:7b +4\\.1 GB")
                .contains("llama-server " + NOBODY);
    }

    private static void serve(HttpServer server, String path, String body) {
        server.createContext(path, exchange -> {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--hours=0",
                "--hours=-1",
                "--hours=NaN",
                "--watch=0",
                "--watch=x",
                "--ollama=ftp://x",
                "--no-such"
            })
    void options_thatAreWrong_areWrongArguments(String option) {
        assertThat(terminal.run("dashboard", option, folder.toString())).isEqualTo(2);
        assertThat(terminal.err()).isNotBlank();
    }

    @Test
    void folder_thatIsNotThere_isWrongArguments() {
        assertThat(terminal.run("dashboard", folder.resolve("none").toString())).isEqualTo(2);
        assertThat(terminal.err()).contains("none");
    }
}
