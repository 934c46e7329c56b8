package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.fail;

import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Urgency;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PerceptionJsonTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    static final String WHOLE = """
            {"entity":"nerevarine","tick":12,"urgent":true,"unknown":[1],
             "facts":{"place":"Seyda Neen","health":80.5,"combat":false,"mood":null,
                      "npcs":[{"id":"fargoth","distance":2.5,"known":true,"title":null}]},
             "situation":{"id":"ring","kind":"dialogue","text":"Fargoth asks for his ring."},
             "choices":[{"id":"ring.1","text":"Give it"},{"id":"ring.2","text":"Run","action":"flee"}]}
            """;

    private static Perception read(String json) throws Json.Torn, Json.Unusable {
        return PerceptionJson.read(json.getBytes(StandardCharsets.UTF_8), AT);
    }

    @Test
    void whole_file_isThePerception() throws Exception {
        Perception seen = read(WHOLE);
        assertThat(seen.entity()).isEqualTo("nerevarine");
        assertThat(seen.tick()).isEqualTo(12);
        assertThat(seen.at()).isEqualTo(AT);
        assertThat(seen.urgency()).isEqualTo(Urgency.URGENT);
        assertThat(seen.choices()).containsExactly("Give it", "Run");
        assertThat(seen.facts())
                .containsOnlyKeys("place", "health", "combat", "npcs", "situation", "situationId", "words", "options");
        assertThat(seen.facts())
                .containsEntry("place", Fact.of("Seyda Neen"))
                .containsEntry("health", Fact.of(80.5))
                .containsEntry("combat", Fact.of(false))
                .containsEntry(
                        "npcs",
                        Fact.of(List.of(
                                Map.of("id", Fact.of("fargoth"), "distance", Fact.of(2.5), "known", Fact.of(true)))))
                .containsEntry("situation", Fact.of("dialogue"))
                .containsEntry("situationId", Fact.of("ring"))
                .containsEntry(
                        "options",
                        Fact.of(List.of(
                                Map.of("id", Fact.of("ring.1"), "action", Fact.of("talk")),
                                Map.of("id", Fact.of("ring.2"), "action", Fact.of("flee")))));
    }

    @Test
    void choices_withoutSituation_areADialogue() throws Exception {
        Perception seen = read("{\"entity\":\"e\",\"tick\":1,\"choices\":[{\"id\":\"a\",\"text\":\"Yes\"}]}");
        assertThat(seen.text("situation", "")).isEqualTo("dialogue");
    }

    @Test
    void least_file_isAPerceptionWithoutFacts() throws Exception {
        Perception seen = read("{\"entity\":\"e\",\"tick\":-3}");
        assertThat(seen.facts()).isEmpty();
        assertThat(seen.urgency()).isEqualTo(Urgency.NORMAL);
    }

    /** Cut at any byte it is torn, and never half a perception. */
    @Test
    void torn_file_isNeverAPerception() {
        byte[] whole = WHOLE.strip().getBytes(StandardCharsets.UTF_8);
        for (int length = 0; length < whole.length; length++) {
            byte[] half = java.util.Arrays.copyOf(whole, length);
            assertThatExceptionOfType(Json.Torn.class)
                    .as("%d bytes", length)
                    .isThrownBy(() -> PerceptionJson.read(half, AT));
        }
    }

    /** What comes of writing a shorter file over a longer one without truncating it first. */
    @Test
    void file_withTheEndOfAnother_isTorn() {
        assertThatExceptionOfType(Json.Torn.class).isThrownBy(() -> read(WHOLE + "\"text\":\"Run\"}]}"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    []                                                                  | no object
                    {"tick":1}                                                          | 'entity' is missing
                    {"entity":" ","tick":1}                                             | 'entity' is missing or blank
                    {"entity":7,"tick":1}                                               | 'entity' is no text
                    {"entity":"e"}                                                      | 'tick' is no whole number
                    {"entity":"e","tick":1.5}                                           | 'tick' is no whole number
                    {"entity":"e","tick":99999999999999999999}                          | 'tick' is no whole number
                    {"entity":"e","tick":1,"urgent":"yes"}                              | 'urgent' is neither
                    {"entity":"e","tick":1,"facts":[]}                                  | 'facts' is no object
                    {"entity":"e","tick":1,"facts":{"a":{"b":1}}}                       | fact 'a'
                    {"entity":"e","tick":1,"facts":{"a":1e999}}                         | fact 'a'
                    {"entity":"e","tick":1,"facts":{"a":[1]}}                           | list 'a'
                    {"entity":"e","tick":1,"facts":{"a":[{"b":[]}]}}                    | fact 'a.b'
                    {"entity":"e","tick":1,"facts":{"":1}}                              | name of a fact
                    {"entity":"e","tick":1,"facts":{"aim":"fight"}}                     | fact 'aim'
                    {"entity":"e","tick":1,"choices":{}}                                | 'choices' is no list
                    {"entity":"e","tick":1,"choices":["yes"]}                           | 'choices' holds
                    {"entity":"e","tick":1,"choices":[{"text":"yes"}]}                  | 'id' is missing
                    {"entity":"e","tick":1,"choices":[{"id":"a","text":"y","action":"dance"}]} | 'dance'
                    {"entity":"e","tick":1,"choices":[{"id":"a","text":"y","action":"wait"}]}  | 'wait'
                    {"entity":"e","tick":1,"choices":[{"id":"a","text":"y"},{"id":"a","text":"n"}]} | two choices
                    {"entity":"e","tick":1,"situation":"quest"}                         | 'situation' is no object
                    {"entity":"e","tick":1,"situation":{"id":"a","text":"b","kind":"doubt"}} | 'doubt'
                    """)
    void wrong_file_isRefusedWithTheReason(String json, String reason) {
        assertThatExceptionOfType(Json.Unusable.class)
                .isThrownBy(() -> read(json))
                .withMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(ints = {9, 1_000, 100_000})
    void nesting_tooDeep_isRefused(int depth) {
        String deep = "{\"entity\":\"e\",\"tick\":1,\"facts\":{\"a\":" + "[".repeat(depth) + "]".repeat(depth) + "}}";
        assertThatExceptionOfType(Json.Unusable.class).isThrownBy(() -> read(deep));
    }

    @Test
    void number_ofThousandDigits_isRefused() {
        String huge = "{\"entity\":\"e\",\"tick\":" + "9".repeat(1_000) + "}";
        assertThatExceptionOfType(Json.Unusable.class).isThrownBy(() -> read(huge));
    }

    /** Whatever stands in the file, it is a perception, torn or refused. */
    @Test
    void fuzzed_files_areReadOrRefused() {
        SplittableRandom random = new SplittableRandom(7);
        byte[] whole = WHOLE.getBytes(StandardCharsets.UTF_8);
        int read = 0;
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = whole.clone();
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                int at = random.nextInt(bytes.length);
                bytes[at] = random.nextBoolean()
                        ? (byte) random.nextInt(256)
                        : (byte) "{}[]\",:0e-tn\\u".charAt(random.nextInt(14));
            }
            try {
                PerceptionJson.read(bytes, AT);
                read++;
            } catch (Json.Torn | Json.Unusable refused) {
                assertThat(refused.getMessage()).isNotBlank();
            } catch (RuntimeException crashed) {
                fail("round " + round + ": " + new String(bytes, StandardCharsets.UTF_8), crashed);
            }
        }
        assertThat(read).as("some changes are harmless").isBetween(1, 19_999);
    }
}
