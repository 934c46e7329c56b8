package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.entry;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an event keeps of what it is given, and its line. */
class TelemetryEventTest {
    private static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");

    private static TelemetryEvent event(Map<String, Object> fields) {
        return new TelemetryEvent(AT, TelemetryEvent.Level.INFO, "bot", "moved", "bot-7", 12, fields);
    }

    @Test
    void fields_ofEveryKind_areKeptInOrderAndCannotChange() {
        Map<String, Object> given = new LinkedHashMap<>();
        Map<String, Object> odds = new HashMap<>(Map.of("fight", 0.75, "name", "no number"));
        given.put("text", "a");
        given.put("whole", 3);
        given.put("number", new BigDecimal("0.5"));
        given.put("flag", true);
        given.put("odds", odds);
        given.put("other", List.of(1, 2));
        given.put("nothing", null);
        given.put("infinite", Double.POSITIVE_INFINITY);
        TelemetryEvent event = event(given);
        odds.put("flee", 0.25);
        given.clear();

        assertThat(event.fields())
                .containsExactly(
                        entry("text", "a"),
                        entry("whole", 3L),
                        entry("number", 0.5),
                        entry("flag", true),
                        entry("odds", Map.of("fight", 0.75)),
                        entry("other", "[1, 2]"));
        assertThat(event.fields().get("odds")).isEqualTo(Map.of("fight", 0.75));
        assertThat(event.fields().get("missing")).isNull();
    }

    @Test
    void fields_thatAreHuge_areCut() {
        Map<String, Object> many = new LinkedHashMap<>();
        for (int i = 0; i < 1_000; i++) {
            many.put("f" + i, "x".repeat(i < 3 ? 10_000 : 1));
        }
        TelemetryEvent event = event(many);
        assertThat(event.fields()).hasSize(256);
        assertThat((String) event.fields().get("f0")).hasSize(4_096);
        assertThat(new TelemetryEvent(AT, TelemetryEvent.Level.INFO, "s", "e", "n".repeat(5_000), 1, Map.of()).entity())
                .hasSize(4_096);
    }

    @Test
    void line_isReadBackAsItWas() {
        TelemetryEvent event = event(Map.of(
                "text",
                "\"quoted\"\n\u0000 ü 🎲",
                "whole",
                Long.MIN_VALUE,
                "number",
                -0.25,
                "flag",
                false,
                "odds",
                Map.of("a", 1.5)));
        String line = event.toJson();
        assertThat(line).doesNotContain("\n").startsWith("{\"at\":\"2026-01-02T03:04:05.678Z\",\"level\":\"INFO\"");
        assertThat(TelemetryEvent.parse(line)).isEqualTo(event);
    }

    @Test
    void line_ofALaterVersion_isReadWithoutWhatIsUnknown() {
        TelemetryEvent event = TelemetryEvent.parse(
                "{\"at\":\"2026-01-02T03:04:05.678Z\",\"level\":\"INFO\",\"source\":\"bot\","
                        + "\"event\":\"moved\",\"new\":{\"a\":[1]},\"fields\":{\"list\":[1,2],\"odds\":{\"a\":\"x\",\"b\":1}}}");
        assertThat(event.entity()).isEmpty();
        assertThat(event.tick()).isEqualTo(-1);
        assertThat(event.fields()).containsExactly(entry("odds", Map.of("b", 1L)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "null",
                "{",
                "{}",
                "{\"at\":1}",
                "{\"at\":\"yesterday\",\"level\":\"INFO\",\"source\":\"s\",\"event\":\"e\"}",
                "{\"at\":\"2026-01-02T03:04:05Z\",\"level\":\"LOUD\",\"source\":\"s\",\"event\":\"e\"}",
                "{\"at\":\"2026-01-02T03:04:05Z\",\"level\":\"INFO\",\"source\":\" \",\"event\":\"e\"}"
            })
    void line_thatIsNoEvent_isRefusedWithItsReason(String line) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TelemetryEvent.parse(line))
                .withMessageContaining("no telemetry event: ")
                .withMessageContaining(line);
    }

    @Test
    void line_thatIsMutilated_isReadOrRefusedAndNeverAnythingElse() {
        long seed = 20_261_121;
        Random random = new Random(seed);
        byte[] sound =
                event(Map.of("text", "a", "odds", Map.of("a", 1.5))).toJson().getBytes(StandardCharsets.UTF_8);
        int refused = 0;
        for (int i = 0; i < 5_000; i++) {
            byte[] bytes = sound.clone();
            for (int j = random.nextInt(4); j >= 0; j--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                assertThat(TelemetryEvent.parse(
                                        new String(bytes, 0, 1 + random.nextInt(bytes.length), StandardCharsets.UTF_8))
                                .source())
                        .as("seed %d", seed)
                        .isNotBlank();
            } catch (IllegalArgumentException wrong) {
                refused++;
            }
        }
        assertThat(refused).as("seed %d", seed).isGreaterThan(1_000);
    }
}
