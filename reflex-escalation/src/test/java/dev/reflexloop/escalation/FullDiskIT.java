package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.ReflexThreads;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexEntry;
import dev.reflexloop.codex.CodexReport;
import dev.reflexloop.escalation.relay.AlertRelay;
import dev.reflexloop.escalation.relay.MessagePacket;
import dev.reflexloop.escalation.relay.RelayChannel;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that is really full, under a process of its own: no tick is late, every failure is said once and counted, nothing that was
 * acknowledged is lost, and everything goes on once there is room again. What the process printed is what the test believes.
 *
 * <p>Full is a limit on the size of files ({@code ulimit -f}), which needs no rights, or a small tmpfs where this test may mount one: there
 * the very creation of files fails as well.
 */
@Timeout(300)
class FullDiskIT {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(100);
    private static final Pattern NUMBER = Pattern.compile("number (\\d+);");
    private static final Map<String, String> FILES_FAIL = Map.of(
            "Inbox .* cannot be written", "Inbox .* can be written again",
            "Trajectory log .* cannot be written", "Trajectory log .* can be written again",
            "The spool .* cannot be written", "The spool .* can be written again");
    private static final Map<String, String> NEW_FILES_FAIL = Map.of(
            "The files beside .* cannot be worked on", "The files beside .* can be worked on again",
            "Relay 'messages' cannot deliver", "Relay 'messages' delivers again");

    @TempDir
    Path temporary;

    private final List<String> escalations = new ArrayList<>();
    private final List<String> changes = new ArrayList<>();
    private final Set<Integer> alerts = new HashSet<>();
    private Map<String, String> failures = FILES_FAIL;
    private Map<String, Long> counters = Map.of();
    private Process game;
    private BufferedReader out;
    private Path log;
    private Path mounted;

    @AfterEach
    void end() throws Exception {
        if (game != null) {
            game.destroyForcibly().waitFor();
        }
        if (mounted != null) {
            run("umount", mounted.toString());
        }
    }

    private static boolean run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        return process.waitFor() == 0;
    }

    private static boolean exists(String program) {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
    }

    // ---- the process

    private void start(Path folder, String shellPrefix) throws IOException {
        log = temporary.resolve("game.log");
        game = new ProcessBuilder(List.of(
                        "bash",
                        "-c",
                        shellPrefix + "exec \"$0\" \"$@\"",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-XX:-UsePerfData",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FullDiskGame.class.getName(),
                        folder.toString()))
                .start();
        out = new BufferedReader(new InputStreamReader(game.getInputStream(), StandardCharsets.UTF_8));
        Process writing = game; // the log is written here, because the limit would hold for it, too
        Thread copier = ReflexThreads.create("copies the game's log", () -> {
            try (OutputStream to = Files.newOutputStream(log)) {
                writing.getErrorStream().transferTo(to);
            } catch (IOException closed) {
                Thread.currentThread().interrupt();
            }
        });
        copier.start();
    }

    private void tell(String command) throws IOException {
        game.getOutputStream().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        game.getOutputStream().flush();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith("E ")) {
                escalations.add(line.substring(2));
            } else if (line.startsWith("C ")) {
                changes.add(line.substring(2));
            } else if (line.startsWith("= ")) {
                counters = new HashMap<>();
                for (String each : line.substring(2).split(" ")) {
                    String[] pair = each.split("=");
                    counters.put(pair[0], Long.parseLong(pair[1]));
                }
                return;
            }
        }
        throw new AssertionError("the game ended; it said: " + Files.readString(log));
    }

    private long count(String name) {
        return counters.get(name);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    /** Plays on until something is so. */
    private void playUntil(String what, Path folder, Condition condition) throws IOException {
        repeatUntil("go", what, folder, condition);
    }

    private void repeatUntil(String command, String what, Path folder, Condition condition) throws IOException {
        long start = System.nanoTime();
        do {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new AssertionError(
                        what + " did not come; " + counters + "; the game said: " + Files.readString(log));
            }
            tell(command);
            takeEscalation(folder);
            takeAlerts(folder.resolve("messages"));
        } while (!condition.holds());
    }

    /** What the strategist does with the file. */
    private static void takeEscalation(Path folder) throws IOException {
        Path shown = folder.resolve("escalation.txt");
        try {
            assertThat(Files.readString(shown))
                    .as("all of it")
                    .startsWith("{\"situation\": ")
                    .endsWith("}");
            Files.delete(shown);
        } catch (NoSuchFileException nothingShown) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    /** What those do who read the messages. */
    private void takeAlerts(Path messages) throws IOException {
        try (Stream<Path> files = Files.list(messages)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".msg")).toList()) {
                Matcher number = NUMBER.matcher(MessagePacket.read(file).orElseThrow());
                if (number.find()) {
                    alerts.add(Integer.parseInt(number.group(1)));
                }
                Files.delete(file);
            }
        } catch (NoSuchFileException noneYet) {
            LockSupport.parkNanos(1_000_000);
        }
    }

    private long said(String words) throws IOException {
        try (Stream<String> lines = Files.lines(log)) {
            return lines.filter(line -> line.matches(".*" + words + ".*")).count();
        }
    }

    private boolean allSaid(Iterable<String> words) throws IOException {
        for (String each : words) {
            if (said(each) == 0) {
                return false;
            }
        }
        return true;
    }

    private void playOnTheFullDisk(Path folder) throws IOException {
        playUntil("every failure", folder, () -> allSaid(failures.keySet()) && count("codexFailures") > 0);
        long rejected = count("rejected");
        for (int i = 0; i < 5; i++) {
            tell("go");
        }
        assertThat(count("rejected")).as("escalations are rejected").isGreaterThan(rejected);
        assertThat(count("loopRejected")).isPositive();
        assertThat(count("fileFailures")).isPositive();
        assertThat(count("logged")).as("what was logged is not acknowledged").isLessThan(count("decisions"));
        for (Map.Entry<String, String> each : failures.entrySet()) {
            assertThat(said(each.getKey()))
                    .as(each.getKey() + ", said once until it works again")
                    .isLessThanOrEqualTo(1 + said(each.getValue()));
        }
        assertNoTickWasLate();
    }

    private void assertNoTickWasLate() {
        assertThat(count("late")).isZero();
        assertThat(count("queueDrops")).isZero();
        assertThat(count("callbackFailures")).isZero();
    }

    private void playOnWithRoom(Path folder) throws Exception {
        int acknowledged = escalations.size();
        int written = changes.size();
        playUntil(
                "what is acknowledged again",
                folder,
                () -> escalations.size() > acknowledged + 10 && changes.size() > written + 10);
        repeatUntil(
                "rest",
                "the end of all failures",
                folder,
                () -> allSaid(failures.values()) && count("stored") == count("raised") && count("waiting") == 0);
        tell("end");
        assertThat(game.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(game.exitValue()).isZero();
        assertNoTickWasLate();
        assertThat(count("logLost")).isZero();
        assertThat(count("raised"))
                .as("one alert for each tick and each mission")
                .isEqualTo(count("decisions") + count("missions"));
        assertThat(count("dropped")).isZero();
    }

    private void kill() throws InterruptedException {
        game.toHandle().destroyForcibly();
        assertThat(game.waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    // ---- what is there afterwards

    private void assertNothingIsLost(Path folder) throws Exception {
        try (EscalationInbox inbox = EscalationInbox.builder(folder.resolve("escalation-inbox.jsonl"))
                .unwatched()
                .build()) {
            assertThat(inbox.entries()).extracting(InboxEntry::id).containsAll(escalations);
        }
        CodexReport report = Codex.verify(folder.resolve("codex.jsonl"));
        assertThat(report.sound()).as(report.toString()).isTrue();
        assertThat(report.entries()).extracting(CodexEntry::hash).containsExactlyElementsOf(changes);
        assertThat(count("logged")).isPositive();
        try (TrajectoryReader reader = TrajectoryReader.open(folder.resolve("trajectory.jsonl"))) {
            List<TrajectoryRecord> records = new ArrayList<>();
            reader.forEachRemaining(records::add);
            assertThat(reader.problems()).isEmpty();
            assertThat((long) records.size()).isGreaterThanOrEqualTo(count("logged"));
        }
        try (AlertRelay relay = AlertRelay.builder()
                .channel("messages", RelayChannel.messageFiles(folder.resolve("messages")))
                .spool(folder.resolve("spool"))
                .build()) {
            long start = System.nanoTime();
            while (relay.stats().waiting() > 0 && System.nanoTime() - start < PATIENCE_NANOS) {
                takeAlerts(folder.resolve("messages"));
            }
            assertThat(relay.stats().waiting()).isZero();
        }
        takeAlerts(folder.resolve("messages"));
        assertAlertsArrived();
    }

    /** Alerts are stored in the order in which they are raised; those of the guard stand somewhere between the game's. */
    private void assertAlertsArrived() {
        long ofTheGame = count("decisions");
        long ofTheGuard = count("raised") - ofTheGame;
        for (int i = 0; i < Math.min(ofTheGame, count("stored") - ofTheGuard); i++) {
            assertThat(alerts).as("alert %s, which was stored", i).contains(i);
        }
    }

    // ---- files that may not grow

    private void startWithSmallFiles() throws IOException {
        assumeTrue(exists("bash"), "NOT RUN: there is no bash here to limit the size of files");
        start(temporary, "ulimit -S -f 40 && ");
    }

    @Test
    void game_whoseFilesMayNotGrow_goesOnAndLosesNothing() throws Exception {
        assumeTrue(exists("prlimit"), "NOT RUN: there is no prlimit here to lift the limit of a running process");
        startWithSmallFiles();
        playOnTheFullDisk(temporary);
        assertThat(run("prlimit", "--pid", Long.toString(game.pid()), "--fsize=unlimited:unlimited"))
                .isTrue();
        playOnWithRoom(temporary);
        assertNothingIsLost(temporary);
    }

    @Test
    void game_killedWhileItsFilesMayNotGrow_losesNothing() throws Exception {
        startWithSmallFiles();
        playOnTheFullDisk(temporary);
        kill();
        assertNothingIsLost(temporary);
    }

    // ---- a disk without room

    private Path startOnASmallDisk() throws Exception {
        Path disk = Files.createDirectory(temporary.resolve("disk"));
        assumeTrue(
                exists("mount") && run("mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk.toString()),
                "NOT RUN: a tmpfs cannot be mounted here; run as root on Linux");
        mounted = disk;
        failures = new HashMap<>(FILES_FAIL);
        failures.putAll(NEW_FILES_FAIL);
        start(disk, "");
        playUntil("the first escalations", disk, () -> escalations.size() >= 50);
        return disk;
    }

    private static void fill(Path disk) throws IOException {
        try (OutputStream filler = Files.newOutputStream(disk.resolve("filler"))) {
            while (true) {
                filler.write(new byte[4_096]);
            }
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("space");
        }
    }

    @Test
    void game_onAFullDisk_goesOnAndLosesNothing() throws Exception {
        Path disk = startOnASmallDisk();
        fill(disk);
        playOnTheFullDisk(disk);
        Files.delete(disk.resolve("filler"));
        playOnWithRoom(disk);
        assertNothingIsLost(disk);
    }

    @Test
    void game_killedOnAFullDisk_losesNothing() throws Exception {
        Path disk = startOnASmallDisk();
        fill(disk);
        playOnTheFullDisk(disk);
        kill();
        Files.delete(disk.resolve("filler"));
        assertNothingIsLost(disk);
    }
}
