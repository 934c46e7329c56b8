package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Signal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StrategistReplyTest {

    @Test
    void json_withEveryField_isRead() {
        StrategistReply reply = StrategistReply.parse("""
                {"id": "run-7-e", "timestamp": 1774580000, "answer": 2, "goal": "reach Balmora",
                 "actions": ["talk", {"action": "wait"}], "summary": "the fine is cheap", "exit_code": 0}
                """);
        assertThat(reply.escalation()).contains("run-7-e");
        assertThat(reply.timestamp()).isEqualTo(OptionalLong.of(1_774_580_000));
        assertThat(reply.answer()).contains("2");
        assertThat(reply.goal()).contains("reach Balmora");
        assertThat(reply.actions()).containsExactly("talk", "wait");
        assertThat(reply.summary()).contains("the fine is cheap");
        assertThat(reply.signal()).isEqualTo(Signal.COMPLETE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"answer\": \"2\"}",
                "Here you are:\n```json\n{\"answer\": 2}\n```\nGood luck!",
                "<think>maybe {\"answer\": 1}?</think>{\"answer\":2,\"goal\":null}",
                "maybe {\"answer\": 1}</think> {\"answer\": 2}",
                "{\"answer\": 2} or, again, {\"answer\": 2}",
                "The state {\"health\": 3} is bad. {\"answer\": 2, \"exit_code\": \"1\"}",
                "2",
                " 2\n",
                "{\"actions\": [\"2\"]}"
            })
    void answer_inManyForms_isRead(String text) {
        StrategistReply reply = StrategistReply.parse(text);
        assertThat(reply.signal()).isEqualTo(Signal.CONTINUE);
        assertThat(reply.choice()).contains("2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " \n ",
                "I think\nwe should pay",
                "{\"answer\": 1} {\"answer\": 2}",
                "{\"answer\": 2",
                "{\"answer\": [1, 2]}",
                "{\"answer\": 1.5}",
                "{\"answer\": true}",
                "{\"answer\": 2, \"exit_code\": 9}",
                "{\"answer\": 2, \"exit_code\": -1}",
                "{\"answer\": 2, \"exit_code\": \"now\"}",
                "{\"health\": 3}",
                "[1, 2]",
                "<think>it never ends {\"answer\": 1}",
                "pay\u0000"
            })
    void text_thatIsNoReply_isAParseFailure(String text) {
        assertThat(StrategistReply.parse(text).signal()).isEqualTo(Signal.PARSE_FAILURE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void exitCode_inAReply_isItsSignal(int code) {
        assertThat(StrategistReply.parse("{\"exit_code\": " + code + "}").signal())
                .isEqualTo(Signal.of(code));
    }

    @Test
    void parse_ofHugeText_readsItsEnd() {
        assertThat(StrategistReply.parse("x".repeat(5_000_000) + "{\"answer\": 2}")
                        .answer())
                .contains("2");
        assertThat(StrategistReply.parse("{".repeat(1_000_000)).isParseFailure())
                .isTrue();
        assertThat(StrategistReply.parse("{\"answer\":".repeat(100_000)).isParseFailure())
                .isTrue();
        assertThat(StrategistReply.parse("{\"goal\": \"" + "g".repeat(50_000) + "\"}")
                        .goal()
                        .orElseThrow())
                .hasSize(2_000);
    }

    @Test
    void parse_ofRandomText_neverThrows() {
        Random random = new Random(20_261_121);
        String sound =
                "text ```json\n{\"id\": \"a\", \"answer\": 2, \"actions\": [\"x\"], \"exit_code\": 1}\n``` <think>x</think>";
        int unreadable = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes =
                    sound.substring(0, random.nextInt(sound.length() + 1)).getBytes(StandardCharsets.UTF_8);
            for (int change = random.nextInt(6); change > 0 && bytes.length > 0; change--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            unreadable += StrategistReply.parse(new String(bytes, StandardCharsets.UTF_8))
                            .isParseFailure()
                    ? 1
                    : 0;
        }
        assertThat(unreadable).isBetween(1, 19_999);
    }

    @Test
    void choice_withSeveralActionsAndNoAnswer_isNone() {
        assertThat(StrategistReply.parse("{\"actions\": [\"fight\", \"flee\"]}").choice())
                .isEmpty();
        assertThat(StrategistReply.parse("{\"actions\": [\"fight\"], \"answer\": \"1\"}")
                        .choice())
                .contains("1");
        assertThat(StrategistReply.option(2).choice()).contains("2");
        assertThat(StrategistReply.goal("x").actions()).isEqualTo(List.of());
    }
}
