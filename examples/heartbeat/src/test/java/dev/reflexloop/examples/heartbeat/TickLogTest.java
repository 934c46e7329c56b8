package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TickLogTest {
    private static final Instant AT = Instant.parse("2026-11-21T23:59:59.999Z");

    @TempDir
    Path folder;

    @Test
    void append_afterATornLine_cutsItAndGoesOn() throws IOException {
        TickLog log = new TickLog(folder);
        log.append(AT, "{\"tick_id\":\"1\"}");
        Files.writeString(log.file(AT), "{\"tick_id\":\"2\",\"perc" + "x".repeat(10_000), StandardOpenOption.APPEND);
        log.append(AT, "{\"tick_id\":\"3\"}");

        assertThat(Files.readAllLines(log.file(AT))).containsExactly("{\"tick_id\":\"1\"}", "{\"tick_id\":\"3\"}");
    }

    @Test
    void append_fileOfOneTornLine_beginsAnew() throws IOException {
        TickLog log = new TickLog(folder);
        Files.writeString(log.file(AT), "{\"tick_");
        log.append(AT, "{}");

        assertThat(Files.readString(log.file(AT))).isEqualTo("{}\n");
    }

    @Test
    void append_folderThatVanished_isMadeAgain() throws IOException {
        TickLog log = new TickLog(folder.resolve("ticks"));
        log.append(AT, "{}");
        Files.delete(log.file(AT));
        Files.delete(folder.resolve("ticks"));
        log.append(AT, "{}");

        assertThat(log.file(AT)).hasContent("{}");
    }

    @Test
    void append_linkInPlaceOfTheFile_isRefused() throws IOException {
        TickLog log = new TickLog(folder);
        Path victim = Files.writeString(folder.resolve("victim"), "mine");
        Files.createSymbolicLink(log.file(AT), victim);

        assertThatThrownBy(() -> log.append(AT, "{}")).isInstanceOf(IOException.class);
        assertThat(victim).hasContent("mine");
    }

    @Test
    void file_ofAMoment_isThatOfItsDayInUtc() {
        TickLog log = new TickLog(folder);
        assertThat(log.file(AT)).hasFileName("ticks_20261121.jsonl");
        assertThat(log.file(AT.plusMillis(1))).hasFileName("ticks_20261122.jsonl");
    }

    @Test
    void history_ofTwoDays_isTheLastTickAndTheLastTimeOfEachAction() throws IOException {
        TickLog log = new TickLog(folder);
        append(log, "2026-11-20T12:00:00Z", "ok", "{\"clean\":\"started\"}", "ok");
        append(log, "2026-11-21T10:00:00Z", "fallback", "{\"page\":\"dry_run\"}", "critical");
        append(log, "2026-11-21T11:00:00Z", "fallback", "{\"page\":\"cooldown\"}", "critical");
        Files.writeString(
                log.file(AT),
                "no tick\n{\"decision\":{\"severity\":\"ok\"},\"at\":\"nonsense\"}\n{\"tick_id",
                StandardOpenOption.APPEND);
        History history = History.read(log, AT);

        assertThat(history.severity()).isEqualTo("warning");
        assertThat(history.actions()).containsExactly("page");
        assertThat(history.told()).isEqualTo(new Alerts.Told(Severity.CRITICAL, 1));
        assertThat(history.taken())
                .containsEntry("clean", Instant.parse("2026-11-20T12:00:00Z"))
                .containsEntry("page", Instant.parse("2026-11-21T10:00:00Z"));
    }

    private static void append(TickLog log, String at, String severity, String taken, String told) throws IOException {
        log.append(Instant.parse(at), """
                {"at":"%s","decision":{"severity":"%s","rule_severity":"warning","actions":["page"],"taken":%s},\
                "alert":{"told":"%s","better_ticks":1}}""".formatted(at, severity, taken, told));
    }

    @Test
    void history_withoutLogs_isNone() {
        assertThat(History.read(new TickLog(folder), AT)).isEqualTo(History.none());
    }
}
