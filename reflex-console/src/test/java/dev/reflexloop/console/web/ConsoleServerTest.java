package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.ReflexException;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the console shows of the telemetry. */
class ConsoleServerTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05Z");

    private final TelemetryBus bus = TelemetryBus.builder().build();
    private final ConsoleServer console =
            ConsoleServer.builder(bus).budget(Duration.ofMillis(150)).start();
    private final Browser browser = new Browser(console.uri());

    @AfterEach
    void close() {
        console.close();
        bus.close();
    }

    private void publish(int from, int until) {
        for (int tick = from; tick < until; tick++) {
            bus.publish(event(tick));
        }
    }

    private static TelemetryEvent event(long tick) {
        TelemetryEvent.Level level = tick % 5 == 0 ? TelemetryEvent.Level.WARN : TelemetryEvent.Level.INFO;
        return new TelemetryEvent(
                AT, level, "loop", "decision", "bot-" + tick % 2, tick, Map.of("action", "flee", "n", tick));
    }

    private static List<Long> ticks(Iterable<JsonNode> events) {
        List<Long> ticks = new ArrayList<>();
        events.forEach(each -> ticks.add(each.path("tick").asLong()));
        return ticks;
    }

    @Test
    void state_asked_tellsWhatThereIs() throws Exception {
        JsonNode state = browser.get("/state").json();
        assertThat(state.path("budgetMillis").asDouble()).isEqualTo(150);
        assertThat(state.path("has").path("escalations").asBoolean(true)).isFalse();
        assertThat(state.path("library").asText()).isNotEmpty();
    }

    @Test
    void logs_byEachFilter_holdWhatFitsTheNewestFirst() throws Exception {
        publish(0, 20);
        assertThat(ticks(browser.get("/logs?limit=3").json().path("events"))).containsExactly(19L, 18L, 17L);
        assertThat(ticks(browser.get("/logs?entity=bot-1&limit=2").json().path("events")))
                .containsExactly(19L, 17L);
        assertThat(ticks(browser.get("/logs?level=warn").json().path("events"))).containsExactly(15L, 10L, 5L, 0L);
        assertThat(ticks(browser.get("/logs?tick=7").json().path("events"))).containsExactly(7L);
        assertThat(browser.get("/logs?source=model").json().path("events")).isEmpty();
        assertThat(browser.get("/logs?event=decision&entity=").json().path("events"))
                .hasSize(20);
        JsonNode event = browser.get("/logs?tick=7").json().path("events").get(0);
        assertThat(TelemetryEvent.parse(event.toString())).isEqualTo(event(7));
    }

    @Test
    void logs_byPageWhileMoreIsPublished_holdEachEventOnce() throws Exception {
        publish(0, 10);
        List<Long> seen = new ArrayList<>();
        JsonNode page = browser.get("/logs?limit=3").json();
        seen.addAll(ticks(page.path("events")));
        while (!page.path("next").isNull()) {
            publish(100, 110);
            page = browser.get("/logs?limit=3&until=" + page.path("next").textValue())
                    .json();
            seen.addAll(ticks(page.path("events")));
        }
        assertThat(seen).containsExactly(9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L, 0L);
    }

    @Test
    void stats_asked_countWhatIsKept() throws Exception {
        publish(0, 20);
        JsonNode stats = browser.get("/logs/stats").json();
        assertThat(stats.path("published").asLong()).isEqualTo(20);
        assertThat(stats.path("kept").asLong()).isEqualTo(20);
        assertThat(stats.path("lost").asLong(-1)).isZero();
        assertThat(stats.path("byEvent").path("loop.decision").asLong()).isEqualTo(20);
        assertThat(stats.path("byLevel").path("WARN").asLong()).isEqualTo(4);
        assertThat(stats.path("readers").asLong(-1)).isZero();
    }

    @Test
    void reader_withAFilter_getsTheNewestThatFitAndThenWhatComes() throws Exception {
        publish(0, 1_000);
        try (Reader reader = new Reader(console.uri(), "?entity=bot-1&before=3")) {
            assertThat(ticks(reader.events(3))).containsExactly(995L, 997L, 999L);
            publish(1_000, 1_006);
            assertThat(ticks(reader.events(3))).containsExactly(1_001L, 1_003L, 1_005L);
        }
    }

    /** What came between its handshake and the first look for it was taken for old, and left out. */
    @Test
    void reader_ofNothingBefore_getsWhatComesRightAfterItsHandshake() throws Exception {
        for (int tick = 0; tick < 50; tick++) {
            try (Reader reader = new Reader(console.uri(), "?before=0")) {
                publish(tick, tick + 1);
                assertThat(ticks(reader.events(1))).containsExactly((long) tick);
            }
        }
    }

    @Test
    void reader_thatGoes_isForgotten() throws Exception {
        Reader reader = new Reader(console.uri(), "?before=0");
        publish(0, 1);
        reader.events(1);
        assertThat(console.readers()).isEqualTo(1);
        reader.close();
        Eventually.isTrue("the reader is forgotten", () -> console.readers() == 0);
    }

    private static InetAddress loopbackOfIPv6() throws UnknownHostException {
        byte[] digits = new byte[16];
        digits[15] = 1;
        return InetAddress.getByAddress(digits);
    }

    @Test
    void console_overIPv6_isReachedByItsAddress() throws Exception {
        assumeThat(NetworkInterface.getByInetAddress(loopbackOfIPv6()))
                .as("this machine speaks IPv6")
                .isNotNull();
        try (ConsoleServer six = ConsoleServer.builder(bus).bind("::1").start()) {
            assertThat(six.uri().getHost()).isEqualTo("[0:0:0:0:0:0:0:1]");
            assertThat(new Browser(six.uri()).get("/state").status()).isEqualTo(200);
            for (String name : new String[] {"[::1]", "[0::0:1]", "localhost"}) {
                try (Wire wire = new Wire(six.uri())) {
                    String host = "Host: " + name + ":" + six.uri().getPort();
                    wire.send("GET /state HTTP/1.1\r\n" + host + "\r\nConnection: close\r\n\r\n");
                    assertThat(Wire.status(wire.all())).as(name).isEqualTo(200);
                }
            }
        }
    }

    @Test
    void close_byAnInterruptedThread_isAsThorough() throws Exception {
        Reader reader = new Reader(console.uri(), "");
        Eventually.isTrue("the reader is there", () -> console.readers() == 1);
        Thread.currentThread().interrupt();
        console.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(console.connections()).isZero();
        Eventually.isTrue("the reader is told", reader.closed::isDone);
    }

    @Test
    void port_thatIsTaken_isRefusedWithTheRemedy() {
        int port = console.uri().getPort();
        assertThatThrownBy(() -> ConsoleServer.builder(bus).port(port).start())
                .isInstanceOf(ReflexException.class)
                .hasMessageContaining("127.0.0.1:" + port)
                .hasMessageContaining("choose another port");
    }

    @Test
    void close_twice_endsReadersAndThreads() throws Exception {
        try (Reader reader = new Reader(console.uri(), "")) {
            Eventually.isTrue("the reader is there", () -> console.readers() == 1);
            console.close();
            console.close();
            Eventually.isTrue("the reader is told", reader.closed::isDone);
        }
        Eventually.isTrue(
                "all threads have ended",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(each -> each.getName().startsWith("reflex-console")));
    }

    @Test
    void threads_ofAConsole_areOursAlone() throws Exception {
        browser.get("/state");
        List<String> strangers = new ArrayList<>();
        Thread.getAllStackTraces().forEach((thread, stack) -> {
            ThreadGroup group = thread.getThreadGroup();
            boolean ours = group != null && group.getName().equals("reflex");
            boolean jettys = List.of(stack).toString().contains("org.eclipse.jetty");
            if (jettys && !ours) {
                strangers.add(thread.getName());
            }
        });
        assertThat(strangers).isEmpty();
    }
}
