package dev.reflexloop.console.command;

import static dev.reflexloop.console.decisions.LogSamples.append;
import static dev.reflexloop.console.decisions.LogSamples.outcome;
import static dev.reflexloop.console.decisions.LogSamples.step;
import static dev.reflexloop.console.decisions.LogSamples.tick;
import static dev.reflexloop.console.decisions.LogSamples.write;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Served;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.testkit.Terminal;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReplayCommandTest {
    private static final Path GAMES = Path.of("..", "benchmarks", "data", "games.jsonl");

    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(Reflexloop::run);
    private final List<Duration> waits = new ArrayList<>();
    private Path log;

    @BeforeEach
    void play() {
        log = write(folder.resolve("play.jsonl"), to -> {
            to.step(step("s", 1, "ann", Served.MODEL, 0.75));
            to.step(step("s", 1_001, "bob", Served.FALLBACK, 0.5));
            to.step(step("s", 1_501, "ann", Served.MODEL, 0.25));
            to.step(step("s", 9_000_000, "ann", Served.MODEL, 0.9));
            to.outcome(outcome("s-1", "chosen"));
        });
    }

    private Terminal patient() {
        return new Terminal((words, out, err) -> new CommandLine(new ReplayCommand(waits::add))
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .execute(words));
    }

    private Path model(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream in = getClass().getResourceAsStream("/dev/reflexloop/examples/robocode/" + name)) {
            Files.write(file, in.readAllBytes());
        }
        return file;
    }

    private Path games(int lines) throws IOException {
        try (Stream<String> all = Files.lines(GAMES)) {
            return Files.write(folder.resolve("games.jsonl"), all.limit(lines).toList());
        }
    }

    @Test
    void replay_atTheSpeedOfThePlay_waitsAsLongAsThen() {
        assertThat(patient().run(log.toString())).isZero();
        assertThat(waits).containsExactly(Duration.ofMillis(1_000), Duration.ofMillis(500), Duration.ofSeconds(10));
        waits.clear();
        assertThat(patient().run(log.toString(), "--speed", "4")).isZero();
        assertThat(waits).startsWith(Duration.ofMillis(250), Duration.ofMillis(125));
        waits.clear();
        assertThat(patient().run(log.toString(), "--speed", "max")).isZero();
        assertThat(waits).isEmpty();
    }

    @Test
    void replay_ofALog_printsEveryDecisionInItsOrder() {
        assertThat(terminal.run("replay", log.toString(), "--speed", "max")).isZero();
        assertThat(terminal.out().lines().toList())
                .satisfiesExactly(
                        first -> assertThat(first)
                                .containsPattern(
                                        "#1 ann +fight +75.0 %  by model-1 in 3.4 ms  reward \\+0.40 chosen entered_area"),
                        second -> assertThat(second)
                                .containsPattern("#1001 bob +fight +by fallback \\(deadline\\) in 3.4 ms$"),
                        third -> assertThat(third).containsPattern("#1501 ann +wait +75.0 %"),
                        last -> assertThat(last).containsPattern("#9000000 ann +fight +90.0 %"));
        assertThat(terminal.run("replay", log.toString(), "--speed", "max", "--entity", "bob"))
                .isZero();
        assertThat(terminal.out().lines()).hasSize(1);
    }

    @Test
    void replay_asJson_isALineForEachDecision() throws IOException {
        Path ticks = append(folder.resolve("ticks_20261121.jsonl"), tick(1, 0.75, "") + tick(2, -1, ""));
        assertThat(terminal.run("replay", ticks.toString(), "--speed", "max", "--json"))
                .isZero();
        List<String> lines = terminal.out().lines().toList();
        assertThat(lines).hasSize(2);
        JsonNode first = new ObjectMapper().readTree(lines.get(0));
        assertThat(first.path("kind").asText()).isEqualTo("HEARTBEAT");
        assertThat(first.path("action").asText()).isEqualTo("critical");
    }

    /** The model learned from the rule that played these games. */
    @Test
    void policy_thatPlaysTheSame_differsNowhereAndIsPrintedTheSameEveryTime() throws IOException {
        String[] words = {
            "replay", games(400).toString(), "--policy", model("nano.gguf").toString()
        };
        assertThat(terminal.run(words)).isZero();
        String once = terminal.out();
        assertThat(once).contains("nano differs in 0 of ");
        assertThat(terminal.run(words)).isZero();
        assertThat(terminal.out()).isEqualTo(once);
    }

    @Test
    void policy_thatPlaysWorse_isShownWhereItDiffers() throws IOException {
        String[] words = {
            "replay", games(400).toString(), "--policy", model("weak.gguf").toString()
        };
        assertThat(terminal.run(words)).isZero();
        String once = terminal.out();
        assertThat(once).containsPattern("logged \\w+ 100.0 %").containsPattern("apart 0\\.\\d{3}");
        assertThat(terminal.run(words)).isZero();
        assertThat(terminal.out()).isEqualTo(once);
        words = Stream.concat(Stream.of(words), Stream.of("--json")).toArray(String[]::new);
        assertThat(terminal.run(words)).isZero();
        List<String> lines = terminal.out().lines().toList();
        JsonNode result = new ObjectMapper().readTree(lines.get(lines.size() - 1));
        assertThat(result.path("differing").asLong())
                .isEqualTo(lines.size() - 1)
                .isPositive();
        assertThat(new ObjectMapper()
                        .readTree(lines.get(0))
                        .path("other")
                        .path("differs")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void policy_thatIsFixed_isCountedByAction() {
        assertThat(terminal.run("replay", log.toString(), "--policy", "always:fight"))
                .isZero();
        assertThat(terminal.out())
                .contains("always:fight differs in 1 of 4 decisions (25.0 %)")
                .contains("without a choice: 0, without an answer: 0")
                .containsPattern("logged \\\\ other +fight +wait")
                .containsPattern("fight +3 +0")
                .containsPattern("wait +1 +0");
    }

    @Test
    void policy_thatNeverAnswers_endsSoonAndSaysWhy() {
        Path many = write(folder.resolve("many.jsonl"), to -> {
            for (int i = 0; i < 40; i++) {
                to.step(step("m", i, "ann", Served.MODEL, 0.75));
            }
        });
        assertThat(terminal.run(
                        "replay", many.toString(), "--against", "system-one:http://127.0.0.1:1", "--timeout", "5"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("10 questions got no answer; the first: ");
    }

    @Test
    void wrongArguments_given_areSaid() throws IOException {
        assertThat(terminal.run("replay", folder.resolve("none").toString())).isEqualTo(2);
        assertThat(terminal.err()).contains("There is no file");
        assertThat(terminal.run("replay", log.toString(), "--speed", "-1")).isEqualTo(2);
        assertThat(terminal.err()).contains("--speed is -1");
        assertThat(terminal.run("replay", log.toString(), "--speed", "NaN")).isEqualTo(2);
        assertThat(terminal.run("replay", log.toString(), "--policy", "oracle")).isEqualTo(2);
        assertThat(terminal.err()).contains("There is no model 'oracle'; give FILE.gguf");
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "");
        assertThat(terminal.run("replay", empty.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("There are no decisions in");
    }
}
