package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Alert;
import dev.reflexloop.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the next process finds. */
class RelaySpoolTest {
    private static final Delivery DOWN = Delivery.retryAfter("it is down", Duration.ofMinutes(30));

    @TempDir
    Path folder;

    private Path spool() {
        return folder.resolve("spool");
    }

    private Path file() {
        return spool().resolve("alerts.jsonl");
    }

    private AlertRelay.Builder relay(RelayChannel channel) {
        return AlertRelay.builder().channel("test", channel).spool(spool());
    }

    /** On the system's clock: what is down waits beyond the closing. */
    private RelayStats left(String... ids) {
        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay relay = relay(down).build();
        for (String id : ids) {
            relay.raise(Alerts.alert(id));
        }
        down.take();
        relay.close();
        return relay.stats();
    }

    private List<String> delivered() {
        RecordingChannel up = new RecordingChannel();
        relay(up).build().close();
        return up.ids();
    }

    @Test
    void alerts_thatWaitWhenARelayIsClosed_areDeliveredByTheNext() {
        RelayStats stats = left("a", "b", "c");
        assertThat(stats.acknowledged()).isEqualTo(3);
        assertThat(stats.waiting()).isEqualTo(3);
        assertThat(stats.dropped()).isZero();

        assertThat(delivered()).containsExactly("a", "b", "c");
        assertThat(delivered()).isEmpty();
    }

    @Test
    void alert_ofHostileText_survivesARestartAsItWas() {
        Alert alert = new Alert(
                "\n{\"type\":\"done\"}",
                Alert.Level.INFO,
                "m\u0000\r\n",
                "\ud83d\ude00" + Alerts.HOSTILE.replace("\ud800", ""),
                Instant.MAX);
        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay relay = relay(down).build();
        relay.raise(alert);
        down.take();
        relay.close();

        RecordingChannel up = new RecordingChannel();
        relay(up).build().close();
        assertThat(up.take()).isEqualTo(alert);
    }

    @Test
    void alert_thatWasDeliveredByAnEarlierProcess_isADuplicate() {
        left("a");
        delivered();
        RecordingChannel up = new RecordingChannel();
        AlertRelay relay = relay(up).build();
        relay.raise(Alerts.alert("a"));
        relay.raise(Alerts.alert("b"));
        relay.close();

        assertThat(up.ids()).containsExactly("b");
        assertThat(relay.stats().duplicates()).isEqualTo(1);
    }

    @Test
    void alert_thatOneOfTwoChannelsDelivered_isLeftForTheOtherOnly() {
        RecordingChannel up = new RecordingChannel();
        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay relay = relay(up).channel("down", down).build();
        relay.raise(Alerts.alert("a"));
        up.take();
        down.take();
        relay.close();

        RecordingChannel again = new RecordingChannel();
        RecordingChannel late = new RecordingChannel();
        RecordingChannel added = new RecordingChannel();
        relay(again).channel("down", late).channel("added", added).build().close();
        assertThat(again.ids()).isEmpty();
        assertThat(late.ids()).containsExactly("a");
        assertThat(added.ids())
                .as("a channel that was not there when it was raised")
                .isEmpty();
    }

    @Test
    void alert_forAChannelThatIsMissingNow_waitsUntilItIsBack() {
        left("a");
        RecordingChannel other = new RecordingChannel();
        AlertRelay relay =
                AlertRelay.builder().channel("other", other).spool(spool()).build();
        assertThat(relay.stats().waiting()).isZero();
        relay.close();

        assertThat(other.ids()).isEmpty();
        assertThat(delivered()).containsExactly("a");
    }

    @Test
    void alert_olderThanADayAtTheRestart_isTriedOnceMore() {
        ManualClock clock = new ManualClock(Instant.parse("2020-01-01T00:00:00Z"));
        RecordingChannel down = new RecordingChannel().does(() -> {
            throw new OutOfMemoryError("of a test"); // its thread ends and leaves the alert
        });
        AlertRelay first = relay(down).clock(clock).build();
        first.raise(Alerts.alert("old"));
        down.take();
        first.close();

        assertThat(delivered()).containsExactly("old");
    }

    @Test
    void tornLastLineAndLinesOfOthers_areLeftOut() throws IOException {
        left("a", "b");
        Files.writeString(
                file(),
                "garbage\n\n{\"type\":\"alert\",\"id\":\"\"}\n[]\n{\"type\":\"alert\",\"id\":\"torn\"",
                StandardOpenOption.APPEND);

        assertThat(delivered()).containsExactly("a", "b");
        assertThat(Files.readString(file())).doesNotContain("garbage", "torn");
    }

    @Test
    void spool_cutAtAnyByte_isReadable() throws IOException {
        left("a", "b");
        byte[] whole = Files.readAllBytes(file());
        Random random = new Random(7);
        for (int i = 0; i < 25; i++) {
            int length = random.nextInt(whole.length);
            Files.write(file(), Arrays.copyOf(whole, length));
            assertThat(delivered()).as("cut at %s", length).isSubsetOf("a", "b");
        }
    }

    @Test
    void spool_afterThousandsOfAlerts_staysSmall() throws IOException {
        RecordingChannel up = new RecordingChannel();
        AlertRelay relay = relay(up).capacity(100_000).build();
        String text = "x".repeat(8_000);
        for (int i = 0; i < 1_000; i++) {
            relay.raise(new Alert("a" + i, Alert.Level.INFO, "m", text, Alerts.AT));
        }
        relay.close();

        assertThat(up.ids()).hasSize(1_000);
        relay(up).build().close();
        assertThat(Files.size(file())).isLessThan(100_000);
    }

    @Test
    void spool_ofAnotherVersion_isRefused() throws IOException {
        Files.createDirectories(spool());
        Files.writeString(file(), "{\"type\":\"header\",\"version\":2}\n");

        assertThatThrownBy(() -> relay(new RecordingChannel()).build())
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("another version");
        assertThat(Files.readString(file())).as("as it was").contains("\"version\":2");
    }

    @Test
    void spool_thatAnotherRelayUses_isRefused() {
        try (AlertRelay first = relay(new RecordingChannel()).build()) {
            assertThatThrownBy(() -> relay(new RecordingChannel()).build())
                    .isInstanceOf(RelayException.class)
                    .hasMessageContaining("another relay");
            assertThat(first.stats().waiting()).isZero();
        }
        assertThat(delivered()).isEmpty();
    }

    @Test
    void spool_whereItCannotBe_isRefused() throws IOException {
        Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> AlertRelay.builder()
                        .channel("test", new RecordingChannel())
                        .spool(folder.resolve("file"))
                        .build())
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("choose a folder");
    }

    @Test
    void spool_thatIsASymbolicLink_isNotFollowed() throws IOException {
        Files.createDirectories(spool());
        Path victim = Files.writeString(folder.resolve("victim"), "precious\n");
        Files.createSymbolicLink(file(), victim);

        assertThatThrownBy(() -> relay(new RecordingChannel()).build()).isInstanceOf(RelayException.class);
        assertThat(victim).hasContent("precious\n");
    }

    @Test
    void folder_thatVanishes_isMadeAnewAndNothingIsLost() throws IOException {
        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay relay = relay(down).build();
        relay.raise(Alerts.alert("a"));
        down.take();
        Files.delete(file());
        Files.delete(spool().resolve("alerts.lock"));
        Files.delete(spool());
        relay.raise(Alerts.alert("b"));
        relay.close();

        assertThat(relay.stats().acknowledged()).isEqualTo(2);
        assertThat(delivered()).containsExactly("a", "b");
    }

    @Test
    void spool_thatCannotBeWritten_delaysNoDeliveryAndMendsItself() throws Exception {
        RecordingChannel channel = new RecordingChannel();
        AlertRelay relay = relay(channel).build();
        breakSpool();
        relay.raise(Alerts.alert("a"));
        assertThat(channel.take().id()).isEqualTo("a");
        assertThat(relay.stats().acknowledged()).isZero();
        while (relay.stats().waiting() > 0) { // a spool that is mended holds what still waits
            Thread.onSpinWait();
        }

        Files.delete(spool());
        channel.says(DOWN);
        relay.raise(Alerts.alert("b"));
        channel.take();
        relay.close();
        assertThat(relay.stats().acknowledged()).isEqualTo(1);
        assertThat(delivered()).containsExactly("b");
    }

    /** Puts a file where the folder was. */
    private void breakSpool() throws IOException {
        Files.delete(file());
        Files.delete(spool().resolve("alerts.lock"));
        Files.delete(spool());
        Files.writeString(spool(), "in the way", StandardCharsets.UTF_8);
    }

    @Test
    void alert_leftOverWithASpoolThatCannotBeWritten_countsAsDropped() throws Exception {
        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay relay = relay(down).build();
        relay.raise(Alerts.alert("a"));
        down.take();
        breakSpool();
        relay.raise(Alerts.alert("b"));
        relay.close();
        assertThat(relay.stats().acknowledged()).isEqualTo(1);
        assertThat(relay.stats().dropped()).isEqualTo(1);
        assertThat(relay.stats().waiting()).isEqualTo(1);
    }

    @Test
    void alert_thatCouldNotBeStored_isStoredAtTheEnd() throws Exception {
        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay relay = relay(down).build();
        breakSpool();
        relay.raise(Alerts.alert("a"));
        down.take();
        Files.delete(spool());
        relay.close();
        assertThat(relay.stats().dropped()).isZero();
        assertThat(delivered()).containsExactly("a");
    }

    @Test
    void channel_thatComesBackAfterItsRelayWasClosed_leavesTheSpoolToTheNext() throws Exception {
        CountDownLatch free = new CountDownLatch(1);
        AtomicReference<Thread> worker = new AtomicReference<>();
        RecordingChannel stubborn = new RecordingChannel().does(() -> {
            worker.set(Thread.currentThread());
            while (true) {
                try {
                    free.await();
                    return Delivery.delivered();
                } catch (InterruptedException ignored) {
                    Thread.onSpinWait();
                }
            }
        });
        AlertRelay first = relay(stubborn).closeWithin(Duration.ZERO).build();
        first.raise(Alerts.alert("a"));
        stubborn.take();
        first.close();

        RecordingChannel down = new RecordingChannel().says(DOWN);
        AlertRelay second = relay(down).build();
        assertThat(down.take().id()).isEqualTo("a");
        second.raise(Alerts.alert("b"));
        free.countDown();
        worker.get().join();
        second.close();

        assertThat(delivered()).containsExactly("a", "b");
    }
}
