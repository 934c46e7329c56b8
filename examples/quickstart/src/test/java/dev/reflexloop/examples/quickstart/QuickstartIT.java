package dev.reflexloop.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies what the README shows, runs it as a bot author would, and looks at what it leaves behind. */
class QuickstartIT {
    private static final int TICKS = 10;

    @TempDir
    static Path folder;

    private static List<String> printed = List.of();
    private static List<TrajectoryRecord> logged = List.of();

    @BeforeAll
    static void run_whatTheReadmeShows_endsByItself() throws Exception {
        Path output = folder.resolve("output.txt");
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Quickstart.class.getName())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
        } finally {
            process.destroyForcibly();
        }
        printed = Files.readAllLines(output);
        logged = TrajectoryReader.readAll(folder.resolve("trajectory.jsonl"));
    }

    @Test
    void output_tenTicks_namesOneLegalActionEach() {
        assertThat(printed).hasSize(TICKS);
        assertThat(printed).allMatch(line -> line.matches("\\d+ (fight|flee|wait)"));
    }

    @Test
    void decisions_ofTheModel_followItsRule() {
        List<TrajectoryRecord.Decided> byModel =
                decided().stream().filter(step -> step.served() == Served.MODEL).toList();
        assertThat(byModel)
                .isNotEmpty()
                .allSatisfy(step -> assertThat(step.action())
                        .isEqualTo(step.perception().number("health", 100) < 30 ? "flee" : "fight"));
    }

    @Test
    void decisions_notOfTheModel_areTheIdleAction() {
        assertThat(decided())
                .filteredOn(step -> step.served() != Served.MODEL)
                .allSatisfy(step -> assertThat(step.action()).isEqualTo("wait"));
    }

    @Test
    void log_everyDecision_isWhatWasPrintedAndIsClosedByTheGame() {
        assertThat(decided()).hasSize(TICKS);
        assertThat(IntStream.range(0, TICKS)
                        .mapToObj(i -> i + " " + decided().get(i).action()))
                .isEqualTo(printed);
        assertThat(logged.stream().filter(TrajectoryRecord.Closed.class::isInstance))
                .hasSize(TICKS);
    }

    private static List<TrajectoryRecord.Decided> decided() {
        return logged.stream()
                .filter(TrajectoryRecord.Decided.class::isInstance)
                .map(TrajectoryRecord.Decided.class::cast)
                .toList();
    }

    @Test
    void readme_codeBlock_isThisProgram() throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/reflexloop/examples/quickstart/Quickstart.java"));
        String readme = Files.readString(Path.of("../../README.md"));
        assertThat(between(readme, "```java\n", "```"))
                .isEqualTo(between(source, "// README begins\n", "// README ends"));
    }

    private static String between(String text, String begin, String end) {
        String normalized = text.replace("\r\n", "\n");
        int from = normalized.indexOf(begin) + begin.length();
        assertThat(from).as("'%s' is there", begin).isGreaterThanOrEqualTo(begin.length());
        return normalized.substring(from, normalized.indexOf(end, from));
    }
}
