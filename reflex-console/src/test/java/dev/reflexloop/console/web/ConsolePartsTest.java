package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Escalation;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import dev.reflexloop.Situation;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.LogSamples;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.escalation.EscalationInbox;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the console shows besides the telemetry, and what can be done there. */
class ConsolePartsTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    @TempDir
    private Path folder;

    private static ConsoleServer.Builder console() {
        return ConsoleServer.builder(TelemetryBus.off());
    }

    @Test
    void decisionsAndReview_overTheWire_labelIntoTheFile() throws Exception {
        Path log = LogSamples.write(folder.resolve("bot.jsonl"), writer -> {
            writer.step(LogSamples.step("s", 1, "bot", Served.MODEL, 0.9));
            writer.step(LogSamples.step("s", 2, "bot", Served.MODEL, 0.55));
            writer.step(LogSamples.step("s", 3, "other", Served.FALLBACK, 0.5));
        });
        DecisionArchive archive = DecisionArchive.open(List.of(folder));
        try (ConsoleServer console =
                console().decisions(archive).review(Review.of(archive)).start()) {
            Browser browser = new Browser(console.uri());
            assertThat(browser.get("/state").json().path("has").path("review").asBoolean())
                    .isTrue();
            JsonNode one = browser.get("/decisions/s-2").json();
            assertThat(one.path("action").asText()).isEqualTo("fight");
            assertThat(one.path("review").isNull()).isTrue();
            assertThat(browser.get("/decisions/none").status()).isEqualTo(404);
            assertThat(browser.get("/decisions?entity=bot").json().path("decisions"))
                    .hasSize(2);

            JsonNode review = browser.get("/review").json();
            assertThat(review.path("next").path("id").asText()).isEqualTo("s-2");
            JsonNode after = browser.post("/review/labels", "{\"id\":\"s-2\",\"label\":\"rejected\"}")
                    .json();
            assertThat(after.path("progress").path("rejected").asInt()).isEqualTo(1);
            assertThat(after.path("next").path("id").asText()).isEqualTo("s-1");
            assertThat(browser.get("/decisions/s-2").json().path("review").asText())
                    .isEqualTo("rejected");
            assertThat(Files.readString(DecisionArchive.labelsOf(log)))
                    .contains("s-2")
                    .contains("rejected");
            JsonNode undone = browser.post("/review/undo", "{}").json();
            assertThat(undone.path("undone").asText()).isEqualTo("s-2");
            assertThat(undone.path("next").path("id").asText()).isEqualTo("s-2");

            assertThat(browser.post("/review/labels", "{\"id\":\"gone\",\"label\":\"skip\"}")
                            .status())
                    .isEqualTo(404);
            assertThat(browser.post("/review/labels", "{\"id\":\"s-2\",\"label\":\"nice\"}")
                            .status())
                    .isEqualTo(400);
            assertThat(browser.post("/review/labels", "{\"id\":\"s-2\",\"label\":\"skip\",\"more\":1}")
                            .status())
                    .isEqualTo(400);
        }
    }

    @Test
    void escalation_answered_reachesTheLoop() throws Exception {
        BlockingQueue<Guidance> guided = new LinkedBlockingQueue<>();
        try (EscalationInbox inbox =
                        EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
                ConsoleServer console =
                        console().escalations(EscalationDesk.of(inbox)).start()) {
            inbox.guides(guided::add);
            Situation situation = new Situation(
                    Situation.Kind.DIALOGUE,
                    "Fargoth <b>asks</b>",
                    List.of(
                            new Situation.Option("Yes.", "talk", Optional.empty()),
                            new Situation.Option("", "wait", Optional.empty())),
                    Situation.Waiting.IDLE);
            inbox.submit(new Escalation(
                    "e/1", "d-1", situation, Perception.builder("bot", 7).build(), Goal.of("live"), AT));
            Browser browser = new Browser(console.uri());
            JsonNode waiting =
                    browser.get("/escalations").json().path("waiting").get(0);
            assertThat(waiting.path("situation").asText()).isEqualTo("Fargoth <b>asks</b>");
            assertThat(waiting.path("options").toString()).isEqualTo("[\"Yes.\",\"wait\"]");
            String path = "/escalations/" + waiting.path("id").asText().replace("/", "%2F") + "/answer";
            assertThat(browser.post(path, "{\"option\":0}").status()).isEqualTo(400);
            assertThat(browser.post(path, "{}").status()).isEqualTo(400);
            assertThat(browser.post(path, "{\"option\":3}")
                            .json()
                            .path("verdict")
                            .asText())
                    .isEqualTo("NOT_OFFERED");
            JsonNode taken = browser.post(path, "{\"option\":2}").json();
            assertThat(taken.path("taken").asBoolean()).isTrue();
            assertThat(guided.take().action()).hasValue("wait");
            assertThat(browser.get("/escalations").json().path("waiting")).isEmpty();
            assertThat(browser.post(path, "{\"goal\":\"flee\"}")
                            .json()
                            .path("taken")
                            .asBoolean(true))
                    .isFalse();
        }
    }

    @Test
    void download_ofABusWithAFile_holdsAllFilesTheOldestFirst() throws Exception {
        Path file = folder.resolve("telemetry.jsonl");
        try (TelemetryBus bus = TelemetryBus.builder()
                        .file(file)
                        .keep(10)
                        .rotateAt(4_096)
                        .build();
                ConsoleServer console = ConsoleServer.builder(bus).start()) {
            for (int tick = 0; tick < 200; tick++) {
                bus.publish(new TelemetryEvent(
                        AT, TelemetryEvent.Level.INFO, "loop", "decision", "bot-" + tick % 2, tick, Map.of()));
            }
            Browser browser = new Browser(console.uri());
            Eventually.isTrue("all is written", () -> lines(browser, "").size() == 200);
            List<String> lines = lines(browser, "?entity=bot-1");
            assertThat(lines).hasSize(100);
            assertThat(TelemetryEvent.parse(lines.get(0)).tick()).isEqualTo(1);
            assertThat(TelemetryEvent.parse(lines.get(99)).tick()).isEqualTo(199);
            Browser.Reply reply = browser.get("/logs/download?tick=1");
            assertThat(reply.response().headers().firstValue("Content-Disposition"))
                    .hasValueSatisfying(each -> assertThat(each).startsWith("attachment"));
        }
    }

    private static List<String> lines(Browser browser, String query) {
        try {
            return browser.get("/logs/download" + query).body().lines().toList();
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    @Test
    void download_withoutAFile_holdsWhatIsKept() throws Exception {
        TelemetryBus bus = TelemetryBus.builder().build();
        bus.publish(new TelemetryEvent(AT, TelemetryEvent.Level.INFO, "loop", "decision", "bot", 1, Map.of()));
        try (ConsoleServer console = ConsoleServer.builder(bus).start()) {
            assertThat(lines(new Browser(console.uri()), "")).hasSize(1);
            assertThat(lines(new Browser(console.uri()), "?level=error")).isEmpty();
        }
    }

    @Test
    void page_asked_isServedWithItsTypes() throws Exception {
        try (ConsoleServer console = console().start()) {
            Browser browser = new Browser(console.uri());
            assertThat(browser.get("/").response().headers().firstValue("Content-Type"))
                    .hasValue("text/html;charset=utf-8");
            assertThat(browser.get("/page/app.js").response().headers().firstValue("Content-Type"))
                    .hasValue("text/javascript;charset=utf-8");
            assertThat(browser.get("/page/files.txt").status()).isEqualTo(404);
        }
    }
}
