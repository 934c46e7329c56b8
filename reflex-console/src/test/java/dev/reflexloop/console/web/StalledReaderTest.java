package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** A reader that does not read costs the others nothing and is told what it lost. */
class StalledReaderTest {
    private static final Pattern LOST = Pattern.compile("\"lost\":([1-9]\\d*)}");
    private static final int ROUNDS = 50;
    private static final int EVENTS = 1_000;

    @Test
    void reader_thatStalls_losesEventsAndIsToldWhileOthersGetAll() throws Exception {
        String padding = "x".repeat(300);
        try (TelemetryBus bus = TelemetryBus.builder().build();
                ConsoleServer console = ConsoleServer.builder(bus).start();
                Wire stalled = new Wire(console.uri());
                Reader reader = new Reader(console.uri(), "?before=0")) {
            String host = "Host: localhost:" + console.uri().getPort() + "\r\n";
            stalled.send("GET /telemetry?before=0 HTTP/1.1\r\n" + host + Wire.HANDSHAKE + "\r\n");
            assertThat(Wire.status(stalled.head())).isEqualTo(101);
            Eventually.isTrue("both read", () -> console.readers() == 2);
            long tick = 0;
            long frames = 0;
            for (int round = 0; round < ROUNDS; round++) {
                for (int i = 0; i < EVENTS; i++) {
                    bus.publish(new TelemetryEvent(
                            Instant.EPOCH,
                            TelemetryEvent.Level.INFO,
                            "loop",
                            "decision",
                            "bot",
                            tick++,
                            Map.of("padding", padding)));
                }
                List<JsonNode> events = reader.events(EVENTS);
                assertThat(events.get(EVENTS - 1).path("tick").asLong()).isEqualTo(tick - 1);
                frames += reader.framesTaken();
            }
            assertThat(reader.lost()).isZero();
            assertThat(frames).isLessThan(tick / 20);

            StringBuilder text = new StringBuilder();
            Matcher lost = LOST.matcher(text);
            while (!lost.find()) {
                text.append(stalled.some());
                lost.reset();
            }
            assertThat(Long.parseLong(lost.group(1))).isBetween(1L, tick);
        }
    }
}
