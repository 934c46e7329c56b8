package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrajectoryReaderTest {
    private static final String NASTY = "{}[]\",:\n0-e\\u";

    @TempDir
    Path folder;

    private Path fixture() throws IOException {
        Path file = folder.resolve("trajectory-v1.jsonl");
        try (InputStream in = TrajectoryReaderTest.class.getResourceAsStream("/trajectory-v1.jsonl")) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    /** The first log of version 1; it stays as it is, and stays readable. */
    @Test
    void readAll_ofTheFirstLogOfVersion1_findsEverything() throws IOException {
        List<TrajectoryRecord> records = TrajectoryReader.readAll(fixture());
        assertThat(records).hasSize(6);
        TrajectoryRecord.Header header = (TrajectoryRecord.Header) records.get(0);
        assertThat(header.schema()).isEqualTo("samples");
        assertThat(header.actions()).extracting(Action::name).containsExactly("wait", "fight");
        TrajectoryRecord.Decided step = (TrajectoryRecord.Decided) records.get(1);
        assertThat(step.perception().number("health", 0)).isEqualTo(80.5);
        assertThat(step.perception().fact("npcs"))
                .contains(Fact.of(List.of(Map.of("name", Fact.of("Fargoth")), Map.of())));
        assertThat(step.probabilities()).containsEntry("fight", 0.75);
        assertThat(step.served()).isEqualTo(Served.MODEL);
        assertThat(step.situation()).as("came later").isEmpty();
        TrajectoryRecord.Decided fallback = (TrajectoryRecord.Decided) records.get(4);
        assertThat(fallback.served()).isEqualTo(Served.FALLBACK);
        assertThat(fallback.because()).contains(Cause.DEADLINE);
        assertThat(fallback.probabilities()).isEmpty();
        assertThat(((TrajectoryRecord.Closed) records.get(5)).outcome().closedBy())
                .isEqualTo(Outcome.ClosedBy.TIMEOUT);
    }

    @Test
    void parse_ofEveryLine_isWhatTheWholeFileHolds() throws IOException {
        Path file = fixture();
        assertThat(Files.readAllLines(file).stream()
                        .map(TrajectoryReader::parse)
                        .flatMap(Optional::stream)
                        .toList())
                .isEqualTo(TrajectoryReader.readAll(file));
        assertThat(TrajectoryReader.parse("")).isEmpty();
        assertThat(TrajectoryReader.parse("no json")).isEmpty();
        assertThat(TrajectoryReader.parse("{\"type\":\"later\"}")).isEmpty();
        assertThatThrownBy(() -> TrajectoryReader.parse("{\"type\":\"header\",\"version\":2}"))
                .isInstanceOf(TrajectoryException.class)
                .hasMessageContaining("has version 2");
    }

    @Test
    void read_ofAStepWithASituation_knowsItsKind() throws IOException {
        StringWriter line = new StringWriter();
        Situation situation = new Situation(Situation.Kind.QUEST, "words", List.of(), Situation.Waiting.IDLE);
        try (JsonGenerator json = TrajectoryJson.generator(line)) {
            TrajectoryJson.step(json, TrajectorySamples.step("run", 1, "Vivec", Optional.of(situation)));
        }
        String written = line + "\n";
        Path file = Files.writeString(folder.resolve("situation.jsonl"), written + written.replace("QUEST", "RIDDLE"));
        assertThat(TrajectoryReader.readAll(file))
                .extracting(record -> ((TrajectoryRecord.Decided) record).situation())
                .containsExactly(Optional.of(Situation.Kind.QUEST), Optional.empty());
    }

    /** A later version may append causes; its steps are worth more than the name of why they were served. */
    @Test
    void read_ofACauseFromALaterVersion_keepsTheStepWithoutIt() throws IOException {
        String fallback = Files.readAllLines(fixture()).get(4);
        Path file = Files.writeString(folder.resolve("later.jsonl"), fallback.replace("DEADLINE", "BORED") + "\n");
        TrajectoryRecord.Decided step =
                (TrajectoryRecord.Decided) TrajectoryReader.readAll(file).get(0);
        assertThat(step.served()).isEqualTo(Served.FALLBACK);
        assertThat(step.because()).isEmpty();
    }

    @Test
    void read_ofLinesThatAreNoRecords_skipsThemAndSaysWhy() throws IOException {
        List<String> lines = Files.readAllLines(fixture());
        Path file = folder.resolve("mixed.jsonl");
        Files.writeString(
                file,
                lines.get(0) + "\n{\"type\":\"later\"}\n\n[1,2]\nnot json\n" + lines.get(1) + "\n" + "{".repeat(50_000)
                        + "\n" + "{\"type\":\"step\"}\n{\"type\":\"header\"}\n" + lines.get(3) + "\n");
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            List<TrajectoryRecord> records = new ArrayList<>();
            reader.forEachRemaining(records::add);
            assertThat(records).hasSize(3);
            assertThat(reader.skipped()).isEqualTo(6);
            assertThat(reader.problems())
                    .hasSize(6)
                    .first()
                    .asString()
                    .startsWith("line 2 ")
                    .contains("later");
        }
    }

    @Test
    void read_ofALineBeyondAnyRecord_skipsItWithBoundedMemory() throws IOException {
        List<String> lines = Files.readAllLines(fixture());
        Path file = folder.resolve("long.jsonl");
        Files.writeString(file, lines.get(0) + "\n" + "x".repeat(17 * 1024 * 1024) + "\n" + lines.get(1) + "\n");
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            List<TrajectoryRecord> records = new ArrayList<>();
            reader.forEachRemaining(records::add);
            assertThat(records).hasSize(2);
            assertThat(reader.skipped()).isEqualTo(1);
        }
    }

    /** Damage costs the lines that it hits, never the others, and never anything but our own exception. */
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void read_ofADamagedLog_keepsTheLinesThatAreWhole(long seed) throws IOException {
        List<String> lines = new ArrayList<>();
        Path sound = folder.resolve("sound.jsonl");
        try (TrajectoryLogger logger = TrajectoryLogger.file(sound)) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            for (int number = 0; number < 20; number++) {
                logger.step(TrajectorySamples.step("run", number));
                logger.applied("run-" + number, number + 1, TrajectorySamples.AT);
                logger.outcome(TrajectorySamples.outcome("run-" + number));
            }
        }
        lines.addAll(Files.readAllLines(sound));
        byte[] whole = Files.readAllBytes(sound);
        Random random = new Random(seed);
        Path damaged = folder.resolve("damaged.jsonl");
        for (int round = 0; round < 100; round++) {
            byte[] bytes = whole.clone();
            int hits = 1 + random.nextInt(5);
            for (int hit = 0; hit < hits; hit++) {
                int at = random.nextInt(bytes.length);
                int length = Math.min(bytes.length - at, 1 + random.nextInt(random.nextBoolean() ? 1 : 40));
                for (int i = at; i < at + length; i++) {
                    bytes[i] = random.nextBoolean()
                            ? (byte) random.nextInt(256)
                            : (byte) NASTY.charAt(random.nextInt(NASTY.length()));
                }
            }
            int cut = random.nextInt(4) == 0 ? random.nextInt(bytes.length) : bytes.length;
            byte[] written = Arrays.copyOf(bytes, cut);
            Files.write(damaged, written);
            List<String> ids = new ArrayList<>();
            String refused = null;
            try (TrajectoryReader reader = TrajectoryReader.open(damaged)) {
                while (reader.hasNext()) {
                    if (reader.next() instanceof TrajectoryRecord.Decided decided) {
                        ids.add(decided.id());
                    }
                }
            } catch (TrajectoryException newer) {
                refused = newer.getMessage();
            }
            if (refused == null) {
                assertThat(ids).as("seed " + seed + ", round " + round).containsAll(unharmed(lines, written));
            } else {
                assertThat(refused).contains("of the format");
            }
        }
    }

    /** The ids of the steps whose lines stand unharmed, with their line breaks, in the damaged file. */
    private static Set<String> unharmed(List<String> lines, byte[] damaged) {
        Set<String> finished = new TreeSet<>();
        String text = new String(damaged, StandardCharsets.ISO_8859_1);
        int start = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
            finished.add(text.substring(start, end));
            start = end + 1;
        }
        return lines.stream()
                .filter(line -> line.startsWith("{\"type\":\"step\"") && finished.contains(line))
                .map(line -> line.replaceAll(".*?\"id\":\"([^\"]*)\".*", "$1"))
                .collect(Collectors.toSet());
    }
}
