package dev.reflexloop.console.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.terminal.Ink;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.testkit.ManualClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DashboardTest {
    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(); // its time is before that of any file

    private Dashboard.Builder builder() {
        return Dashboard.builder()
                .logs(folder)
                .ollama(Endpoint.of("http://127.0.0.1:1"))
                .clock(clock);
    }

    private void decisions(String bot, int count) {
        try (TelemetryBus bus =
                TelemetryBus.builder().file(folder.resolve("telemetry.jsonl")).build()) {
            for (int i = 0; i < count; i++) {
                bus.publish(new TelemetryEvent(
                        clock.instant(),
                        TelemetryEvent.Level.INFO,
                        "loop",
                        "decision",
                        bot,
                        i,
                        Map.of("served", "MODEL", "action", "wait", "session", bot, "latencyMicros", 1_000)));
            }
        }
    }

    private static int total(Dashboard dashboard) throws InterruptedException {
        return dashboard.look().json().path("decisions").path("total").asInt();
    }

    @Test
    void logThatGrows_betweenTwoLooks_isCountedAnew() throws InterruptedException {
        decisions("a", 3);
        try (Dashboard dashboard = builder().build()) {
            assertThat(total(dashboard)).isEqualTo(3);
            decisions("b", 2);
            assertThat(total(dashboard)).isEqualTo(5);
        }
    }

    @Test
    void logThatIsTheSame_atTheNextLook_isNotReadAgain() throws InterruptedException, IOException {
        decisions("a", 3);
        Path file = folder.resolve("telemetry.jsonl");
        try (Dashboard dashboard = builder().build()) {
            assertThat(total(dashboard)).isEqualTo(3);
            FileTime modified = Files.getLastModifiedTime(file);
            Files.writeString(file, Files.readString(file).replace("\"decision\"", "\"decizion\""));
            Files.setLastModifiedTime(file, modified);
            assertThat(total(dashboard)).isEqualTo(3);
        }
        try (Dashboard another = builder().build()) {
            assertThat(total(another)).isZero();
        }
    }

    @Test
    void window_thatMoves_dropsWhatIsOlder() throws InterruptedException {
        decisions("a", 3);
        try (Dashboard dashboard = builder().window(Duration.ofHours(1)).build()) {
            assertThat(total(dashboard)).isEqualTo(3);
            assertThat(dashboard.look().lines(80, Ink.of(false)).get(0)).contains("the last 60 minutes");
            clock.advance(Duration.ofMinutes(50));
            decisions("b", 2);
            assertThat(total(dashboard)).isEqualTo(5);
            clock.advance(Duration.ofMinutes(20));
            assertThat(total(dashboard)).isEqualTo(2);
            clock.advance(Duration.ofHours(1));
            assertThat(total(dashboard)).isZero();
        }
    }

    @Test
    void log_lastWrittenBeforeTheWindow_isNotRead() throws InterruptedException, IOException {
        decisions("a", 3);
        Path file = folder.resolve("telemetry.jsonl");
        try (Dashboard dashboard = builder().window(Duration.ofHours(1)).build()) {
            Files.setLastModifiedTime(file, FileTime.from(clock.instant().minus(Duration.ofHours(2))));
            assertThat(total(dashboard)).isZero();
            Files.setLastModifiedTime(file, FileTime.from(clock.instant()));
            assertThat(total(dashboard)).isEqualTo(3);
        }
    }

    @Test
    void loops_withADecisionInTheLastMinute_areActive() throws InterruptedException {
        decisions("a", 1);
        clock.advance(Duration.ofSeconds(50));
        decisions("b", 1);
        clock.advance(Duration.ofSeconds(20));
        try (Dashboard dashboard = builder().build()) {
            JsonNode loops = dashboard.look().json().path("loops");
            assertThat(loops).hasSize(2);
            assertThat(loops.findValuesAsText("session")).containsExactly("a", "b");
            assertThat(loops.findValuesAsText("active")).containsExactly("false", "true");
        }
    }

    @Test
    void colours_asked_areThereAndTheTextIsTheSame() throws InterruptedException {
        decisions("a", 3);
        try (Dashboard dashboard = builder().build()) {
            Dashboard.View view = dashboard.look();
            String coloured = String.join("\n", view.lines(80, Ink.of(true)));
            String plain = String.join("\n", view.lines(80, Ink.of(false)));
            assertThat(coloured).contains("\u001b[");
            assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(plain);
        }
    }
}
