package dev.reflexloop.console.decisions;

import static dev.reflexloop.console.decisions.LogSamples.append;
import static dev.reflexloop.console.decisions.LogSamples.outcome;
import static dev.reflexloop.console.decisions.LogSamples.step;
import static dev.reflexloop.console.decisions.LogSamples.tick;
import static dev.reflexloop.console.decisions.LogSamples.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryFile;
import dev.reflexloop.TrajectoryLogger;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecisionArchiveTest {
    private static final String TICK = "20261121T194827Z-2aef1ea9-";

    @TempDir
    Path folder;

    private DecisionArchive open() {
        return DecisionArchive.open(List.of(folder));
    }

    private static List<String> ids(List<KnownDecision> known) {
        return known.stream().map(KnownDecision::id).toList();
    }

    @Test
    void find_ofAStep_tellsAllOfItAndItsOutcome() {
        write(folder.resolve("play.jsonl"), log -> {
            log.step(step("s", 1, "bot", Served.MODEL, 0.75));
            log.outcome(outcome("s-1", "chosen"));
        });
        LoggedDecision found = open().find("s-1").orElseThrow();
        ObjectNode json = found.toJson();
        assertThat(json.fieldNames())
                .toIterable()
                .containsExactly(
                        "id",
                        "file",
                        "kind",
                        "session",
                        "at",
                        "entity",
                        "tick",
                        "perception",
                        "goal",
                        "legal",
                        "prompt",
                        "model",
                        "adapter",
                        "probabilities",
                        "legalMass",
                        "action",
                        "target",
                        "served",
                        "because",
                        "latencyMicros",
                        "escalated",
                        "guidance",
                        "outcome");
        assertThat(json.path("file").asText()).isEqualTo("play.jsonl");
        assertThat(json.path("perception"))
                .hasToString("{\"health\":80.5,\"place\":\"Seyda \\u001B[2JNeen <b>&amp;\",\"armed\":true,"
                        + "\"npcs\":[{\"name\":\"Fargoth\"}],\"choices\":[\"yes\",\"no\"]}");
        assertThat(json.path("probabilities").path("fight").asDouble()).isEqualTo(0.75);
        assertThat(json.path("legal")).hasToString("[\"wait\",\"fight\"]");
        assertThat(json.path("outcome"))
                .hasToString(
                        "{\"reward\":0.4,\"label\":\"chosen\",\"reasons\":[\"entered_area\"],\"closedBy\":\"game\"}");
        assertThat(json.path("target").isNull()).isTrue();
        assertThat(json.path("latencyMicros").asLong()).isEqualTo(3_400);
    }

    @Test
    void find_ofATick_tellsItAsADecision() {
        append(folder.resolve("ticks_20261121.jsonl"), tick(1, 0.75, "") + tick(2, -1, "rejected"));
        DecisionArchive archive = open();
        LoggedDecision byModel = archive.find(TICK + 1).orElseThrow();
        assertThat(byModel.kind()).isEqualTo(LoggedDecision.Kind.HEARTBEAT);
        assertThat(byModel.step().action()).isEqualTo("critical");
        assertThat(byModel.step().session()).isEqualTo("20261121T194827Z-2aef1ea9");
        assertThat(byModel.step().perception().tick()).isEqualTo(1);
        assertThat(byModel.step().perception().text("api.state", "")).isEqualTo("down");
        assertThat(byModel.step().latencyMicros()).isEqualTo(7_000);
        assertThat(byModel.result()).isEmpty();
        LoggedDecision byRules = archive.find(TICK + 2).orElseThrow();
        assertThat(byRules.step().served()).isEqualTo(Served.FALLBACK);
        assertThat(byRules.step().action()).isEqualTo("warning");
        assertThat(byRules.step().legal()).containsExactly("ok", "warning", "critical");
        assertThat(byRules.toJson().path("outcome"))
                .hasToString("{\"reward\":null,\"label\":\"rejected\",\"reasons\":[],\"closedBy\":\"review\"}");
    }

    @Test
    void refresh_whileALogGrows_findsWhatWasFinished() throws IOException {
        Path source = write(folder.resolve("source"), log -> {
            log.step(step("s", 1, "bot", Served.MODEL, 0.75));
            log.step(step("s", 2, "bot", Served.MODEL, 0.75));
            log.outcome(outcome("s-1", "rejected"));
        });
        List<String> lines = Files.readAllLines(source);
        Path log = append(folder.resolve("play.jsonl"), lines.get(0) + "\n" + lines.get(1) + "\n");
        DecisionArchive archive = open();
        assertThat(archive.find("s-1").orElseThrow().result()).isEmpty();
        assertThat(archive.refresh()).isFalse();
        append(log, lines.get(2).substring(0, 40));
        assertThat(archive.refresh()).isFalse();
        assertThat(ids(archive.known())).containsExactly("s-1");
        append(log, lines.get(2).substring(40) + "\n");
        assertThat(archive.refresh()).isTrue();
        assertThat(ids(archive.known())).containsExactly("s-1", "s-2");
        append(log, lines.get(3) + "\n");
        assertThat(archive.refresh()).isTrue();
        assertThat(archive.find("s-1").orElseThrow().result().orElseThrow().label())
                .contains("rejected");
        assertThat(archive.known().get(0).label()).contains("rejected");
        assertThat(archive.counts()).isEqualTo(new DecisionArchive.Counts(2, 0, 1, 0));
    }

    @Test
    void refresh_whileALogIsRotated_losesNothingAndJoinsOutcomesAcrossParts() {
        Path file = folder.resolve("play.jsonl");
        DecisionArchive one = DecisionArchive.open(List.of(file));
        DecisionArchive whole = open();
        try (TrajectoryLogger log = TrajectoryFile.builder(file).rotateAt(2_048).build()) {
            log.header("s", LogSamples.SCHEMA, LogSamples.AT);
            for (int i = 1; i <= 40; i++) {
                log.step(step("s", i, "bot", Served.MODEL, 0.75));
                if (i > 5) {
                    log.outcome(outcome("s-" + (i - 5), "chosen"));
                }
                assertThat(log.flush(Duration.ofSeconds(20))).isTrue();
                if (i % 7 == 0) {
                    whole.refresh();
                    one.refresh();
                }
            }
        }
        assertThat(whole.find("s-40")).as("before the next look").isEmpty();
        assertThat(whole.find("s-1").orElseThrow().file().getFileName()).hasToString("play.1.jsonl");
        for (DecisionArchive each : List.of(whole, one)) {
            each.refresh();
            assertThat(each.counts().kept()).isEqualTo(40);
            assertThat(each.counts().files()).isGreaterThan(5);
            for (int i = 1; i <= 40; i++) {
                assertThat(each.find("s-" + i).orElseThrow().result().isPresent())
                        .as("outcome of step %s", i)
                        .isEqualTo(i <= 35);
            }
        }
    }

    @Test
    void refresh_afterALogWasReplacedOrTakenAway_forgetsWhatItHeld() throws IOException {
        Path log = write(folder.resolve("play.jsonl"), to -> to.step(step("s", 1, "bot", Served.MODEL, 0.75)));
        DecisionArchive archive = open();
        byte[] before = Files.readAllBytes(log);
        String longer = new String(before, StandardCharsets.UTF_8).replace("s-1", "t-1")
                + Files.readAllLines(log).get(1).replace("s-1", "t-2") + "\n";
        Files.writeString(log, longer.replace("2026-11-21", "2026-11-22"));
        assertThat(archive.refresh()).isTrue();
        assertThat(ids(archive.known())).containsExactly("t-1", "t-2");
        Files.write(log, before);
        archive.refresh();
        assertThat(ids(archive.known())).as("cut and written anew").containsExactly("s-1");
        Files.delete(log);
        assertThat(archive.refresh()).isTrue();
        assertThat(archive.find("s-1")).isEmpty();
        assertThat(archive.counts()).isEqualTo(new DecisionArchive.Counts(0, 0, 0, 0));
    }

    @Test
    void find_afterItsLogWasTakenAway_findsNothing() throws IOException {
        Path log = write(folder.resolve("play.jsonl"), to -> to.step(step("s", 1, "bot", Served.MODEL, 0.75)));
        DecisionArchive archive = open();
        Files.delete(log);
        assertThat(archive.find("s-1")).isEmpty();
        assertThat(archive.find("\u0000")).isEmpty();
    }

    @Test
    void open_ofMoreThanIsKept_forgetsTheOldestAndCountsThem() {
        write(folder.resolve("play.jsonl"), log -> {
            for (int i = 1; i <= 10; i++) {
                log.step(step("s", i, "bot", Served.MODEL, 0.75));
            }
        });
        DecisionArchive archive = new DecisionArchive(List.of(folder), 4);
        archive.refresh();
        assertThat(ids(archive.known())).containsExactly("s-7", "s-8", "s-9", "s-10");
        assertThat(archive.counts().forgotten()).isEqualTo(6);
    }

    @Test
    void newest_ofABot_areItsLastOnesNewestFirst() {
        write(folder.resolve("play.jsonl"), log -> {
            for (int i = 1; i <= 10; i++) {
                log.step(step("s", i, i % 2 == 0 ? "even" : "odd", Served.MODEL, 0.75));
            }
        });
        DecisionArchive archive = open();
        assertThat(archive.newest(3, Optional.empty()))
                .extracting(LoggedDecision::id)
                .containsExactly("s-10", "s-9", "s-8");
        assertThat(archive.newest(2, Optional.of("odd")))
                .extracting(LoggedDecision::id)
                .containsExactly("s-9", "s-7");
        assertThat(archive.newest(0, Optional.empty())).isEmpty();
    }

    @Test
    void open_ofHostileLines_skipsAndCountsThem() throws IOException {
        Path log = write(folder.resolve("play.jsonl"), to -> to.step(step("s", 1, "bot", Served.MODEL, 0.75)));
        String good = Files.readAllLines(log).get(1);
        append(
                log,
                String.join(
                        "\n",
                        "",
                        "no json",
                        "[".repeat(100_000),
                        "{\"type\":\"header\",\"version\":9}",
                        "{\"type\":\"step\"}",
                        "{\"type\":\"outcome\",\"step\":\"s-1\",\"reward\":7}",
                        "{\"tick_id\":\"t\",\"decision\":{}}",
                        "{\"tick_id\":7,\"decision\":null}",
                        good.replace("s-1", "s".repeat(1_000)),
                        good.replace("80.5", "1e999"),
                        good.replace("s-1", "s-2"),
                        ""));
        append(
                folder.resolve("other.jsonl"),
                "{\"type\":\"event\"}\n".repeat(2_000) + good.replace("s-1", "s-3") + "\n");
        DecisionArchive archive = open();
        assertThat(ids(archive.known())).containsExactly("s-1", "s-2");
        assertThat(archive.counts()).isEqualTo(new DecisionArchive.Counts(2, 0, 1, 9));
        assertThat(archive.files()).containsExactly(log.toAbsolutePath());
    }

    @Test
    void open_ofWhatIsNoLog_findsNothing() throws IOException {
        Files.createDirectory(folder.resolve("folder.jsonl"));
        Files.createSymbolicLink(folder.resolve("link.jsonl"), Path.of("/dev/zero"));
        Files.write(folder.resolve("empty.jsonl"), new byte[0]);
        Files.write(folder.resolve("zeros.jsonl"), new byte[100_000]);
        assertThat(open().counts().kept()).isZero();
        assertThat(DecisionArchive.open(List.of(folder.resolve("none.jsonl"), Path.of("/dev/null"), Path.of("")))
                        .counts()
                        .kept())
                .isZero();
    }

    /** A log in pieces of any size is the same log; a damaged one stays readable, and nothing is thrown. */
    @Test
    void refresh_ofDamagedLogsInPieces_findsTheSameAsAtOnce() throws IOException {
        Path source = write(folder.resolve("source"), log -> {
            for (int i = 1; i <= 20; i++) {
                log.step(step("s", i, "bot", Served.MODEL, 0.75));
                log.outcome(outcome("s-" + i, "chosen"));
            }
        });
        byte[] good =
                (Files.readString(source) + tick(1, 0.5, "") + tick(2, -1, "chosen")).getBytes(StandardCharsets.UTF_8);
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            byte[] bytes = good.clone();
            for (int hits = random.nextInt(40); hits > 0; hits--) {
                int at = random.nextInt(bytes.length);
                int length = Math.min(1 + random.nextInt(8), bytes.length - at);
                for (int i = at; i < at + length; i++) {
                    bytes[i] = (byte)
                            (random.nextBoolean() ? random.nextInt(256) : "\n\"{}[]:,\\0e-".charAt(random.nextInt(12)));
                }
            }
            Path log = folder.resolve("damaged.jsonl");
            Files.deleteIfExists(log);
            DecisionArchive inPieces = DecisionArchive.open(List.of(log));
            for (int at = 0; at < bytes.length; ) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(4_000));
                Files.write(
                        log, Arrays.copyOfRange(bytes, at, end), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                inPieces.refresh();
                at = end;
            }
            DecisionArchive atOnce = DecisionArchive.open(List.of(log));
            assertThat(inPieces.known()).as("seed %s", seed).isEqualTo(atOnce.known());
            assertThat(inPieces.counts()).as("seed %s", seed).isEqualTo(atOnce.counts());
            for (KnownDecision known : atOnce.known()) {
                assertThat(atOnce.find(known.id()).orElseThrow().toJson()).isNotEmpty();
            }
        }
    }
}
