package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Packets, byte by byte, and who reads them. */
class MessageFileTest {
    @TempDir
    Path folder;

    private Path inbox() {
        return folder.resolve("in").resolve("box");
    }

    private Delivery deliver(Alert alert) {
        return RelayChannel.messageFiles(inbox())
                .deliver(alert, Deadline.in(Duration.ofSeconds(5), ReflexClock.system()));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(inbox())) {
            return files.sorted().toList();
        }
    }

    @Test
    void file_ofAnAlert_holdsExactlyThisPacket() throws IOException {
        assertThat(deliver(Alerts.alert("a1"))).isEqualTo(Delivery.delivered());

        assertThat(files()).hasSize(1);
        assertThat(files().get(0).getFileName().toString()).matches("20260101T123000\\.250000000Z-[0-9a-f]{16}\\.msg");
        assertThat(Files.readString(files().get(0)))
                .isEqualTo("{\"type\":\"send_packet_incoming\",\"content\":{\"msg\":\"the bot walks in circles\","
                        + "\"formatted_msg\":\"[CRITICAL] find Caius: the bot walks in circles\"}}");
    }

    @Test
    void file_ofTheSameAlert_isWrittenOverAndOfAnotherIsNot() throws IOException {
        deliver(Alerts.alert("a1"));
        deliver(Alerts.alert("a1"));
        deliver(Alerts.alert("../../a2"));

        assertThat(files()).hasSize(2);
    }

    @Test
    void files_sortByTheTimeOfTheirAlerts() throws IOException {
        for (int i = 9; i >= 0; i--) {
            deliver(new Alert("a" + i, Alert.Level.INFO, "", "" + i, Alerts.AT.plusMillis(i * 333L)));
        }
        StringBuilder order = new StringBuilder();
        for (Path file : files()) {
            order.append(MessagePacket.read(file).orElseThrow().replace("[INFO] ", ""));
        }
        assertThat(order).hasToString("0123456789");
    }

    @Test
    void hostileText_inAPacket_isReadBackAsOneLine() throws IOException {
        deliver(Alerts.saying(Alerts.HOSTILE));

        assertThat(MessagePacket.read(files().get(0)).orElseThrow())
                .startsWith("[WARNING] find Caius: @everyone <@1> [x](http://evil)")
                .doesNotContain("\n", "\r", "\u0000", "\u001b", "\u202e");
    }

    @Test
    void folder_thatIsAFile_isRetriedAndNamed() throws IOException {
        Files.writeString(folder.resolve("in"), "");

        Delivery delivery = deliver(Alerts.alert("a"));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.reason()).contains(inbox().toString());
    }

    @Test
    void folder_thatNobodyReads_isFilledToItsBoundOnly() throws IOException {
        Files.createDirectories(inbox());
        for (int i = 0; i < 10_000; i++) {
            Files.createFile(inbox().resolve(i + ".msg"));
        }
        assertThat(deliver(Alerts.alert("a")).result()).isEqualTo(Delivery.Result.RETRY);

        Files.delete(inbox().resolve("0.msg"));
        assertThat(deliver(Alerts.alert("a"))).isEqualTo(Delivery.delivered());
    }

    private String read(String json) throws IOException {
        Path file = folder.resolve("packet.msg");
        Files.writeString(file, json);
        return MessagePacket.read(file).orElse("nothing");
    }

    @Test
    void reader_prefersTheFormattedMessage() throws IOException {
        String packet = "{\"type\":\"send_packet_incoming\",\"content\":%s}";
        assertThat(read(packet.formatted("{\"msg\":\"m\",\"formatted_msg\":\"f\"}")))
                .isEqualTo("f");
        assertThat(read(packet.formatted("{\"formatted_msg\":\"f\",\"msg\":\"m\"}")))
                .isEqualTo("f");
        assertThat(read(packet.formatted("{\"msg\":\"m\"}"))).isEqualTo("m");
        assertThat(read(packet.formatted("{\"msg\":\"m\",\"formatted_msg\":\"\"}")))
                .isEqualTo("m");
        assertThat(read(packet.formatted("{\"msg\":\"m\",\"formatted_msg\":null}")))
                .isEqualTo("m");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "null",
                "{\"type\":\"other\",\"content\":{\"msg\":\"m\"}}",
                "{\"type\":\"send_packet_incoming\"}",
                "{\"type\":\"send_packet_incoming\",\"content\":{\"msg\":7}}"
            })
    void reader_ofWhatIsNoPacket_findsNothing(String text) throws IOException {
        assertThat(read(text)).isEqualTo("nothing");
    }

    @Test
    void reader_ofTwoMegabytesOrDeepNesting_findsNothing() throws IOException {
        assertThat(read("{\"type\":\"send_packet_incoming\",\"content\":{\"msg\":\"" + "x".repeat(2 << 20) + "\"}}"))
                .isEqualTo("nothing");
        assertThat(read("[".repeat(100_000))).isEqualTo("nothing");
    }
}
