package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Served;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.PlayingBot;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.console.decisions.LogSamples;
import dev.reflexloop.testkit.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console beside a bot. */
class ServeCommandTest {
    private static final Pattern ADDRESS = Pattern.compile("http://\\S+:\\d+/");

    @TempDir
    private Path folder;

    /** A command that runs until it is closed. */
    private static final class Serving implements AutoCloseable {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private final ByteArrayOutputStream err = new ByteArrayOutputStream();
        private final CompletableFuture<Integer> status = new CompletableFuture<>();
        private final Thread thread;

        Serving(String... words) {
            thread = ReflexThreads.create(
                    "serve-test",
                    () -> status.complete(Reflexloop.run(
                            words,
                            new PrintStream(out, true, StandardCharsets.UTF_8),
                            new PrintStream(err, true, StandardCharsets.UTF_8))));
            thread.start();
        }

        URI uri() {
            Eventually.isTrue(
                    "the address is printed", () -> status.isDone() || address().find());
            Matcher address = address();
            assertThat(address.find())
                    .as(() -> err.toString(StandardCharsets.UTF_8))
                    .isTrue();
            return URI.create(address.group());
        }

        private Matcher address() {
            return ADDRESS.matcher(out.toString(StandardCharsets.UTF_8));
        }

        @Override
        public void close() {
            thread.interrupt();
            assertThat(status.join()).isZero();
        }
    }

    private static TelemetryEvent event(long tick) {
        return new TelemetryEvent(
                Instant.EPOCH.plusMillis(tick), TelemetryEvent.Level.INFO, "loop", "decision", "bot", tick, Map.of());
    }

    private static List<Long> ticks(List<JsonNode> events) {
        List<Long> ticks = new ArrayList<>();
        events.forEach(each -> ticks.add(each.path("tick").asLong()));
        return ticks;
    }

    @Test
    void serve_ofAFolder_showsWhatIsThereAndWhatComesOverRotations() throws Exception {
        Path file = folder.resolve("telemetry.jsonl");
        LogSamples.write(
                folder.resolve("bot.jsonl"), log -> log.step(LogSamples.step("s", 1, "bot", Served.MODEL, 0.9)));
        try (TelemetryBus bot =
                TelemetryBus.builder().file(file).rotateAt(4_096).build()) {
            for (int tick = 0; tick < 50; tick++) {
                bot.publish(event(tick));
            }
            Eventually.isTrue("the bot has written", () -> file.toFile().length() > 4_096);
            for (int tick = 50; tick < 100; tick++) {
                bot.publish(event(tick));
            }
            Eventually.isTrue("the file is rotated", () -> Files.exists(folder.resolve("telemetry.1.jsonl")));
            try (Serving serving = new Serving("serve", folder.toString(), "--port", "0");
                    Reader reader = new Reader(serving.uri(), "?before=5000")) {
                Browser browser = new Browser(serving.uri());
                List<Long> before = new ArrayList<>();
                while (!before.contains(99L)) {
                    before.addAll(ticks(reader.events(1)));
                }
                assertThat(before).isSorted().doesNotHaveDuplicates();
                for (int tick = 100; tick < 200; tick++) {
                    bot.publish(event(tick));
                }
                assertThat(ticks(reader.events(100)))
                        .startsWith(100L)
                        .endsWith(199L)
                        .isSorted();
                assertThat(browser.get("/logs/download").body().lines()).hasSize(200);
                assertThat(browser.get("/decisions/s-1").status()).isEqualTo(200);
                assertThat(browser.get("/review")
                                .json()
                                .path("progress")
                                .path("left")
                                .asInt())
                        .isEqualTo(1);
            }
        }
    }

    @Test
    void serve_ofATornAndHostileFile_showsWhatIsWhole() throws Exception {
        Path file = folder.resolve("telemetry.jsonl");
        String whole = event(1).toJson() + "\n" + "{\"at\":\"never\"}\n" + "[".repeat(100_000) + "\n\u0000\n"
                + event(2).toJson() + "\n";
        String torn = event(3).toJson();
        Files.writeString(file, whole + torn.substring(0, 40));
        try (Serving serving = new Serving("serve", file.toString(), "--port", "0");
                Reader reader = new Reader(serving.uri(), "")) {
            assertThat(ticks(reader.events(2))).containsExactly(1L, 2L);
            Files.writeString(file, torn.substring(40) + "\n", StandardOpenOption.APPEND);
            assertThat(ticks(reader.events(1))).containsExactly(3L);
        }
    }

    @Test
    void serve_besideABotThatPlays_findsItsDecisionAndAnswersIt() throws Exception {
        try (PlayingBot bot = new PlayingBot(folder, "game");
                Serving serving = new Serving("serve", folder.toString(), "--port", "0");
                Reader reader = new Reader(serving.uri(), "?event=decision&entity=guard-7")) {
            Browser browser = new Browser(serving.uri());
            String id = bot.tick(100).id();
            JsonNode seen = reader.events(1).get(0);
            assertThat(seen.path("fields").path("id").asText()).isEqualTo(id);
            Eventually.isTrue("the decision is found", () -> browser.status("/decisions/" + id) == 200);

            bot.asked("Pay.", "Run.");
            Eventually.isTrue(
                    "it waits for an answer", () -> browser.body("/escalations").contains("A guard stops you."));
            JsonNode waiting =
                    browser.get("/escalations").json().path("waiting").get(0);
            assertThat(waiting.path("options").toString()).isEqualTo("[\"Pay.\",\"Run.\"]");
            JsonNode verdict = browser.post("/escalations/" + waiting.path("id").asText() + "/answer", "{\"option\":2}")
                    .json();
            assertThat(verdict.path("taken").asBoolean()).as(verdict.toString()).isTrue();
        }
    }

    @Test
    void serve_withATokenFile_asksForIt() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "0123456789abcdef\n");
        try (Serving serving =
                new Serving("serve", folder.toString(), "--port", "0", "--token-file", token.toString())) {
            Browser browser = new Browser(serving.uri());
            assertThat(browser.get("/state").status()).isEqualTo(401);
            assertThat(browser.get("/state", "Authorization", "Bearer 0123456789abcdef")
                            .status())
                    .isEqualTo(200);
            assertThat(serving.out.toString(StandardCharsets.UTF_8)).doesNotContain("0123456789abcdef");
        }
    }

    @Test
    void serve_withAModel_answersSystemOne() throws Exception {
        Path model = NanoGame.file(Files.createDirectory(folder.resolve("models")));
        try (Serving serving = new Serving("serve", folder.toString(), "--port", "0", "--model", model.toString())) {
            assertThat(new Browser(serving.uri())
                            .get("/state")
                            .json()
                            .path("has")
                            .path("model")
                            .asBoolean())
                    .isTrue();
        }
    }

    @Test
    void serve_thatCannot_saysWhyAndHow() {
        Terminal terminal = new Terminal(Reflexloop::run);
        String here = folder.toString();
        try (ConsoleServer other = ConsoleServer.builder(TelemetryBus.off()).start()) {
            String port = Integer.toString(other.uri().getPort());
            assertThat(terminal.run("serve", here, "--port", port)).isEqualTo(1);
            assertThat(terminal.err()).contains("choose another port");
        }
        assertThat(terminal.run("serve", here, "--bind", "0.0.0.0", "--port", "0"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("token");
        assertThat(terminal.run("serve", here + "/none")).isEqualTo(2);
        assertThat(terminal.run("serve", here, "--port", "70000")).isEqualTo(2);
        assertThat(terminal.run("serve", here, "--token-file", here + "/none")).isEqualTo(1);
        assertThat(terminal.run("serve", here, "--model", here + "/none.gguf")).isEqualTo(1);
    }
}
