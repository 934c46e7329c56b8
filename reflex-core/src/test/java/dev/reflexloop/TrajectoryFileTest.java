package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrajectoryFileTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    private Path file() {
        return folder.resolve("log.jsonl");
    }

    private static void record(TrajectoryLogger logger, String session, long from, long until) {
        for (long number = from; number < until; number++) {
            assertThat(logger.step(TrajectorySamples.step(session, number))).isTrue();
        }
    }

    private static List<Long> ticks(Path file) {
        return TrajectoryReader.readAll(file).stream()
                .filter(TrajectoryRecord.Decided.class::isInstance)
                .map(each -> ((TrajectoryRecord.Decided) each).perception().tick())
                .toList();
    }

    private static List<Long> range(long from, long until) {
        return LongStream.range(from, until).boxed().toList();
    }

    @Test
    void build_onAnExistingLog_continuesIt() {
        for (long run = 0; run < 3; run++) {
            try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
                logger.header("run" + run, TrajectorySamples.SCHEMA, TrajectorySamples.AT);
                record(logger, "run" + run, run * 10, run * 10 + 10);
            }
        }
        assertThat(ticks(file())).isEqualTo(range(0, 30));
        assertThat(TrajectoryReader.readAll(file()).stream().filter(TrajectoryRecord.Header.class::isInstance))
                .hasSize(3);
    }

    @Test
    void step_writtenAndRead_isTheSame() {
        Step step = TrajectorySamples.step("run", 7);
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            logger.step(step);
        }
        TrajectoryRecord.Decided read =
                (TrajectoryRecord.Decided) TrajectoryReader.readAll(file()).get(1);
        Decision decision = step.decision();
        assertThat(read.perception()).isEqualTo(decision.perception());
        assertThat(new ArrayList<>(read.perception().facts().keySet()))
                .as("in order")
                .containsExactly("health", "place", "armed", "npcs");
        assertThat(read.goal()).isEqualTo(decision.goal());
        assertThat(read.legal()).containsExactly("wait", "fight");
        assertThat(read.probabilities())
                .isEqualTo(decision.answer().orElseThrow().probabilities());
        assertThat(read.legalMass().getAsDouble()).isEqualTo(0.98);
        assertThat(read.prompt()).contains("<health=80..90> ");
        assertThat(read.adapter()).contains("adapter");
        assertThat(read.target()).contains("rat");
        assertThat(read.latencyMicros()).isEqualTo(3_400);
        assertThat(read.teacher()).contains("wait");
    }

    @Test
    void build_onALogWithATornLastLine_cutsIt() throws IOException {
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            record(logger, "run", 0, 20);
        }
        Files.writeString(file(), "{\"type\":\"step\",\"id\":\"to" + "r".repeat(20_000), StandardOpenOption.APPEND);
        try (TrajectoryReader reader = TrajectoryReader.open(file())) {
            reader.forEachRemaining(each -> {});
            assertThat(reader.tornBytes()).isEqualTo(20_025 - 2);
            assertThat(reader.skipped()).isZero();
        }
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            record(logger, "run", 20, 25);
        }
        assertThat(ticks(file())).isEqualTo(range(0, 25));
        try (TrajectoryReader reader = TrajectoryReader.open(file())) {
            reader.forEachRemaining(each -> {});
            assertThat(reader.tornBytes()).isZero();
            assertThat(reader.problems()).isEmpty();
        }
    }

    @Test
    void build_onALogOfNothingButATornLine_beginsAnew() throws IOException {
        Files.writeString(file(), "{\"type\":\"head");
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            record(logger, "run", 0, 1);
        }
        assertThat(ticks(file())).containsExactly(0L);
    }

    @Test
    void build_onAFileThatIsWritten_saysSoAndHarmsNothing() {
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            record(logger, "run", 0, 5);
            assertThatThrownBy(() -> TrajectoryLogger.file(file()))
                    .isInstanceOf(TrajectoryException.class)
                    .hasMessageContaining("share that one")
                    .hasMessageContaining(file().toString());
            record(logger, "run", 5, 10);
            assertThat(logger.flush(PATIENCE)).isTrue();
        }
        assertThat(ticks(file())).isEqualTo(range(0, 10));
    }

    @Test
    void build_onAFileThatIsNoLog_refusesAndLeavesItAlone() throws IOException {
        for (String content :
                List.of("my notes\nwithout a last line break", "{\"type\": 1}\n{\"torn", "\u0000\u0001GGUF")) {
            Files.writeString(file(), content);
            assertThatThrownBy(() -> TrajectoryLogger.file(file()))
                    .isInstanceOf(TrajectoryException.class)
                    .hasMessageContaining("is no trajectory log");
            assertThat(Files.readString(file())).isEqualTo(content);
        }
    }

    @Test
    void open_ofALaterVersion_isRefusedByReaderAndWriter() throws IOException {
        for (int version : new int[] {2, 10, 123}) {
            Files.writeString(
                    file(),
                    "{\"type\":\"header\",\"version\":" + version
                            + ",\"session\":\"s\",\"brandNew\":true}\n{\"type\":\"leap\"}\n");
            String before = Files.readString(file());
            assertThatThrownBy(() -> TrajectoryReader.readAll(file()))
                    .isInstanceOf(TrajectoryException.class)
                    .hasMessageContaining("version " + version)
                    .hasMessageContaining("use the library that wrote it");
            assertThatThrownBy(() -> TrajectoryLogger.file(file()))
                    .isInstanceOf(TrajectoryException.class)
                    .hasMessageContaining("another version");
            assertThat(Files.readString(file())).isEqualTo(before);
        }
    }

    @Test
    void build_inAFolderThatCannotBe_saysWhatToDo() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("file"), "x");
        assertThatThrownBy(() -> TrajectoryLogger.file(notAFolder.resolve("log.jsonl")))
                .isInstanceOf(TrajectoryException.class)
                .hasMessageContaining("choose a file in a folder that you may write");
        assertThatThrownBy(() -> TrajectoryLogger.file(folder))
                .as("a folder in the place of the file")
                .isInstanceOf(TrajectoryException.class);
        assertThatThrownBy(() -> TrajectoryReader.open(folder.resolve("missing.jsonl")))
                .isInstanceOf(TrajectoryException.class)
                .hasMessageContaining("missing.jsonl");
    }

    @Test
    void build_inAFolderWithoutPermission_saysWhatToDo() throws IOException {
        Path locked = Files.createDirectory(folder.resolve("locked"));
        assumeThat(locked.toFile().setWritable(false) && !Files.isWritable(locked))
                .as("permissions bind this user; root is not bound")
                .isTrue();
        assertThatThrownBy(() -> TrajectoryLogger.file(locked.resolve("log.jsonl")))
                .isInstanceOf(TrajectoryException.class);
    }

    @Test
    void rotation_atTheSize_repeatsTheHeadersAndLosesNothing() throws IOException {
        Files.writeString(folder.resolve("log.7.jsonl"), "an older one, its elders were taken away\n");
        try (TrajectoryLogger logger =
                TrajectoryFile.builder(file()).rotateAt(8_192).build()) {
            logger.header("a", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            logger.header("b", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            for (long part = 0; part < 5; part++) {
                record(logger, part % 2 == 0 ? "a" : "b", part * 20, part * 20 + 20);
                assertThat(logger.flush(PATIENCE)).isTrue();
            }
            assertThat(logger.acknowledged()).isEqualTo(102);
        }
        List<Long> all = new ArrayList<>();
        List<Path> files = new ArrayList<>();
        for (int number = 8; Files.exists(folder.resolve("log." + number + ".jsonl")); number++) {
            files.add(folder.resolve("log." + number + ".jsonl"));
        }
        if (Files.size(file()) > 0) {
            files.add(file());
        }
        assertThat(files).hasSizeGreaterThan(3);
        for (Path each : files) {
            List<TrajectoryRecord> records = TrajectoryReader.readAll(each);
            assertThat(records.get(0)).as("first in " + each).isInstanceOf(TrajectoryRecord.Header.class);
            List<String> announced = new ArrayList<>();
            for (TrajectoryRecord one : records) {
                if (one instanceof TrajectoryRecord.Header header) {
                    announced.add(header.session());
                } else if (one instanceof TrajectoryRecord.Decided decided) {
                    assertThat(announced).contains(decided.session());
                }
            }
            assertThat(announced).doesNotHaveDuplicates();
            all.addAll(ticks(each));
        }
        assertThat(all).isEqualTo(range(0, 100));
    }

    /** Each file that was written begins with the header of its session; all of them together hold these ticks. */
    private void assertWhole(long until, Path... files) {
        List<Long> all = new ArrayList<>();
        for (Path each : files) {
            assertThat(TrajectoryReader.readAll(each))
                    .as(each.toString())
                    .filteredOn(TrajectoryRecord.Header.class::isInstance)
                    .hasSize(1);
            assertThat(TrajectoryReader.readAll(each)).first().isInstanceOf(TrajectoryRecord.Header.class);
            all.addAll(ticks(each));
        }
        assertThat(all).isEqualTo(range(0, until));
    }

    @Test
    void rotation_afterWhichNoFileCanBeOpened_beginsTheNextWithItsHeaderLater() {
        AtomicInteger opened = new AtomicInteger();
        TrajectoryFile.Builder builder = TrajectoryFile.builder(file()).rotateAt(8_192);
        builder.opening = path -> {
            if (opened.incrementAndGet() == 2) {
                throw new FileSystemException(path.toString(), null, "Too many open files");
            }
            return LinesFile.Opening.NORMAL.open(path);
        };
        try (TrajectoryLogger logger = builder.build()) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            record(logger, "run", 0, 20);
            assertThat(logger.flush(PATIENCE)).isTrue();
            record(logger, "run", 20, 22);
            assertThat(logger.flush(PATIENCE)).isTrue();
            record(logger, "run", 22, 24);
            assertThat(logger.flush(PATIENCE)).isTrue();
        }
        assertThat(opened).hasValue(3);
        assertWhole(24, folder.resolve("log.1.jsonl"), file());
    }

    @Test
    void file_whoseFolderIsDeleted_isBegunAnewWithItsHeader() throws IOException {
        Path log = folder.resolve("runs/log.jsonl");
        try (TrajectoryLogger logger = TrajectoryLogger.file(log)) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            record(logger, "run", -5, 0);
            assertThat(logger.flush(PATIENCE)).isTrue();
            Files.delete(log);
            Files.delete(log.getParent());
            record(logger, "run", 0, 5);
            assertThat(logger.flush(PATIENCE)).isTrue();
            record(logger, "run", 5, 10);
        }
        assertWhole(10, log);
    }

    @Test
    void file_thatIsMovedAway_isBegunAnewWithItsHeader() throws IOException {
        Path moved = folder.resolve("mine.jsonl");
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            record(logger, "run", 0, 5);
            assertThat(logger.flush(PATIENCE)).isTrue();
            Files.move(file(), moved);
            record(logger, "run", 5, 10);
        }
        assertWhole(10, moved, file());
    }

    @Test
    void file_thatIsCutInPlace_getsNoHole() throws IOException {
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            record(logger, "run", -5, 0);
            assertThat(logger.flush(PATIENCE)).isTrue();
            Files.write(file(), new byte[0], StandardOpenOption.TRUNCATE_EXISTING);
            record(logger, "run", 0, 5);
        }
        assertWhole(5, file());
    }

    @Test
    void file_thatIsReplacedByALink_isNotWrittenThere() throws IOException {
        Path target = Files.createFile(folder.resolve("target.jsonl"));
        TrajectoryLogger logger =
                TrajectoryFile.builder(file()).queueCapacity(100).build();
        logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
        assertThat(logger.flush(PATIENCE)).isTrue();
        Files.delete(file());
        Files.createSymbolicLink(file(), target);
        record(logger, "run", 0, 5);
        logger.close();
        assertThat(target).isEmptyFile();
        assertThat(logger.lost()).isEqualTo(5);
    }

    @Test
    void build_onALink_refusesItButTakesALinkedFolder() throws IOException {
        Path target = Files.createFile(folder.resolve("target.jsonl"));
        Files.createSymbolicLink(file(), target);
        assertThatThrownBy(() -> TrajectoryLogger.file(file()))
                .isInstanceOf(TrajectoryException.class)
                .hasMessageContaining("symbolic link")
                .hasMessageContaining("name the file that it leads to");
        Path linked = Files.createSymbolicLink(folder.resolve("linked"), Files.createDirectory(folder.resolve("runs")));
        try (TrajectoryLogger logger = TrajectoryLogger.file(linked.resolve("log.jsonl"))) {
            record(logger, "run", 0, 5);
        }
        assertThat(ticks(folder.resolve("runs/log.jsonl"))).isEqualTo(range(0, 5));
    }

    @Test
    void disk_thatFillsUpAndIsFreed_losesNothingThatFitsIntoTheQueue() {
        FillingDisk disk = new FillingDisk();
        TrajectoryFile.Builder builder = TrajectoryFile.builder(file());
        builder.opening = disk::open;
        try (TrajectoryLogger logger = builder.build()) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            record(logger, "run", 0, 10);
            assertThat(logger.flush(PATIENCE)).isTrue();
            disk.full(true);
            record(logger, "run", 10, 30);
            disk.awaitFailure();
            assertThat(logger.acknowledged()).isEqualTo(11);
            assertThat(ticks(file())).as("no half line in the middle").isEqualTo(range(0, 10));
            disk.full(false);
            record(logger, "run", 30, 40);
            assertThat(logger.flush(PATIENCE)).isTrue();
            assertThat(logger.lost()).isZero();
        }
        assertThat(ticks(file())).isEqualTo(range(0, 40));
    }

    @Test
    void disk_thatIsFull_costsTheLogButNotTheLoop() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(Files.isWritable(full)).as("this system has a full device").isTrue();
        TrajectoryLogger logger = TrajectoryFile.builder(full).queueCapacity(50).build();
        int taken = 0;
        for (int number = 0; number < 2_000; number++) {
            taken += logger.step(TrajectorySamples.step("run", number)) ? 1 : 0;
        }
        assertThat(taken).isLessThan(2_000);
        assertThat(logger.acknowledged()).isZero();
        assertThat(logger.flush(Duration.ofMillis(1))).isFalse();
        logger.close();
        assertThat(logger.lost()).isEqualTo(2_000);
    }

    @Test
    void writer_whoseThreadIsInterrupted_goesOnWithoutDoubling() {
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            logger.header("run", TrajectorySamples.SCHEMA, TrajectorySamples.AT);
            for (long round = 0; round < 5; round++) {
                Thread.getAllStackTraces().keySet().stream()
                        .filter(thread -> thread.getName().equals("reflex-trajectory"))
                        .forEach(Thread::interrupt);
                record(logger, "run", round * 10, round * 10 + 10);
            }
            assertThat(logger.flush(PATIENCE)).isTrue();
        }
        assertThat(ticks(file())).isEqualTo(range(0, 50));
    }

    @Test
    void queue_thatIsFull_losesAndCounts() throws IOException {
        FillingDisk disk = new FillingDisk();
        disk.full(true);
        TrajectoryFile.Builder builder = TrajectoryFile.builder(file()).queueCapacity(10);
        builder.opening = disk::open;
        TrajectoryLogger logger = builder.build();
        logger.step(TrajectorySamples.step("run", 0));
        disk.awaitFailure();
        for (int number = 1; number < 31; number++) {
            logger.step(TrajectorySamples.step("run", number));
        }
        assertThat(logger.lost()).isEqualTo(20);
        disk.full(false);
        assertThat(logger.flush(PATIENCE)).isTrue();
        logger.close();
        assertThat(ticks(file())).isEqualTo(range(0, 11));
    }

    @Test
    void text_withLoneSurrogatesAndControls_staysReadable() {
        String hostile = "\uD800 \uDC00 \u0000 \u2028 \" \\ \n {\"type\":\"header\",\"version\":9}";
        try (TrajectoryLogger logger = TrajectoryLogger.file(file())) {
            logger.step(TrajectorySamples.step("run", 1, hostile));
            logger.step(TrajectorySamples.step("run", 2, "x".repeat(1_000_000)));
            assertThat(logger.flush(PATIENCE)).isTrue();
        }
        assertThat(ticks(file())).containsExactly(1L, 2L);
        TrajectoryRecord.Decided read =
                (TrajectoryRecord.Decided) TrajectoryReader.readAll(file()).get(0);
        assertThat(read.perception().text("place", ""))
                .isEqualTo(new String(hostile.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8));
    }
}
