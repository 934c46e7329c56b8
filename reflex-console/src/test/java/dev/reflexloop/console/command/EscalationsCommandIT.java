package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.console.PlayingBot;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.testkit.Terminal;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Escalations of a bot that plays in a process of its own. */
@Timeout(240)
class EscalationsCommandIT {
    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(Reflexloop::run);
    private Process bot;
    private BufferedReader said;

    @BeforeEach
    void setUp() throws IOException {
        bot = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        PlayingBot.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        said = new BufferedReader(new InputStreamReader(bot.getInputStream(), StandardCharsets.UTF_8));
        assertThat(heard("TICK 3")).isEqualTo("TICK 3");
    }

    @AfterEach
    void tearDown() throws Exception {
        bot.destroyForcibly();
        assertThat(bot.waitFor(60, TimeUnit.SECONDS)).isTrue();
    }

    /** The first line of the bot that begins so; the last one it said where there is none. */
    private String heard(String beginning) throws IOException {
        String line = said.readLine();
        while (line != null && !line.startsWith(beginning)) {
            line = said.readLine();
        }
        return String.valueOf(line);
    }

    private JsonNode waiting() throws IOException {
        assertThat(terminal.run("escalations", "--json", folder.toString())).isZero();
        return new ObjectMapper().readTree(terminal.out());
    }

    @Test
    void option_answered_reachesTheLoop() throws IOException {
        JsonNode escalation = waiting().path(0);
        assertThat(escalation.path("situation").asText()).isEqualTo("A guard stops you.");
        String id = escalation.path("id").asText();
        assertThat(terminal.run("escalations", folder.toString())).isZero();
        assertThat(terminal.out()).contains(id, "guard-7 #2", "1) Pay the fine", "2) Resist arrest");

        assertThat(terminal.run("escalations", "answer", id, folder.toString(), "--option", "2"))
                .as(terminal.err())
                .isZero();
        assertThat(terminal.out()).startsWith("Taken: it became guidance");
        assertThat(heard("GUIDED")).isEqualTo("GUIDED talk Resist arrest -");
        assertThat(waiting()).isEmpty();
        assertThat(terminal.run("escalations", "answer", id, folder.toString(), "--option", "1"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("another answer came first");
    }

    @Test
    void goal_answeredInOtherWords_reachesTheLoop() throws IOException {
        String id = waiting().path(0).path("id").asText();
        Path file = folder.resolve("escalation.txt");

        assertThat(terminal.run("escalations", "answer", "--goal=leave \"the\" town ü", "--json", id, file.toString()))
                .as(terminal.out())
                .isZero();
        assertThat(new ObjectMapper().readTree(terminal.out()).path("verdict").asText())
                .isEqualTo("TAKEN");
        assertThat(heard("GUIDED")).isEqualTo("GUIDED - - leave \"the\" town ü");
    }

    @Test
    void option_thatIsNotOffered_isRefusedByTheBotAndTheReasonComesBack() throws IOException {
        String id = waiting().path(0).path("id").asText();

        assertThat(terminal.run("escalations", "answer", id, folder.toString(), "--option=7"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("there is no option 7; 1 to 2 are offered");
        assertThat(waiting()).hasSize(1);
    }

    @Test
    void bot_thatDoesNotRun_isToldAndLeavesNoAnswerBehind() throws Exception {
        String id = waiting().path(0).path("id").asText();
        bot.destroyForcibly();
        assertThat(bot.waitFor(60, TimeUnit.SECONDS)).isTrue();

        assertThat(terminal.run("escalations", "answer", id, folder.toString(), "--option=1"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("nobody took the answer").contains("see that the bot runs");
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).noneMatch(name -> name.contains("answer"));
        }
    }
}
