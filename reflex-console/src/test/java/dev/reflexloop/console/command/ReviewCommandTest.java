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
import dev.reflexloop.console.terminal.Keys;
import dev.reflexloop.testkit.Terminal;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReviewCommandTest {
    @TempDir
    Path folder;

    private Path log;
    private Path labels;

    @BeforeEach
    void play() {
        log = write(folder.resolve("play.jsonl"), to -> {
            to.step(step("s", 1, "ann", Served.MODEL, 0.95));
            to.step(step("s", 2, "bob", Served.MODEL, 0.5));
            to.step(step("s", 3, "ann", Served.MODEL, 0.2));
            to.step(step("s", 4, "ann", Served.FALLBACK, 0.5));
            to.outcome(outcome("s-2", "chosen"));
        });
        labels = folder.resolve("play.jsonl.labels.jsonl");
    }

    private static Terminal typing(String keys) {
        byte[] typed = keys.getBytes(StandardCharsets.UTF_8);
        return new Terminal((words, out, err) -> new CommandLine(
                        new ReviewCommand(() -> Keys.ofLines(new ByteArrayInputStream(typed))))
                .setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
                .setErr(new PrintWriter(err, true, StandardCharsets.UTF_8))
                .setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF))
                .execute(words));
    }

    private String said() throws IOException {
        StringBuilder said = new StringBuilder();
        for (String line : Files.readAllLines(labels)) {
            JsonNode json = new ObjectMapper().readTree(line);
            said.append(json.path("id").asText())
                    .append(json.path("label").asText())
                    .append(' ');
        }
        return said.toString().strip();
    }

    @Test
    void keys_inAPipe_label() throws IOException {
        Terminal terminal = typing("c\n\n R \nq\n");
        assertThat(terminal.run(folder.toString(), "--by", "me")).isZero();
        assertThat(said()).isEqualTo("s-2chosen s-3rejected");
        assertThat(terminal.out())
                .containsSubsequence("1 of 3", "bob #2", "s-2", "chosen", "2 of 3", "ann #3", "rejected", "3 of 3")
                .contains("1 chosen, 1 rejected, 0 skipped, of 3.")
                .contains("1 are left.");
        assertThat(Files.readString(labels)).contains("\"by\":\"me\"");
    }

    @Test
    void decision_shown_hasAllThatHelpsToJudge() {
        Terminal terminal = typing("");
        assertThat(terminal.run(log.toString())).isZero();
        assertThat(terminal.out())
                .contains("by model-1 in 3.4 ms", "play.jsonl  s-2")
                .containsPattern("goal +survive")
                .containsPattern("health +80.5")
                .containsPattern("armed +yes")
                .containsPattern("npcs +name Fargoth")
                .containsPattern("choice 1 +yes")
                .containsPattern("fight +50.0 % █{20} +◀")
                .containsPattern("wait +50.0 % █{20}")
                .containsPattern("outcome +reward \\+0.40 chosen entered_area \\(game\\)")
                .doesNotContain("\u001b");
    }

    @Test
    void undo_pressed_showsTheDecisionAgain() throws IOException {
        Terminal terminal = typing("c\nu\nr\ns\nu\nu\nu\nq\n");
        assertThat(terminal.run(folder.toString())).isZero();
        assertThat(said()).isEqualTo("s-2chosen s-2 s-2rejected s-3skip s-3 s-2");
        assertThat(terminal.out())
                .contains("There is nothing to undo.")
                .endsWith("0 chosen, 0 rejected, 0 skipped, of 3.\n");
    }

    @Test
    void review_untilNothingIsLeft_endsByItself() throws IOException {
        Terminal terminal = typing("s\ns\ns\nc\nc\n");
        assertThat(terminal.run(folder.toString())).isZero();
        assertThat(terminal.out()).contains("Nothing is left to review.");
        assertThat(Files.readAllLines(labels)).hasSize(4);
    }

    @Test
    void limitAndEntity_given_chooseLess() throws IOException {
        assertThat(typing("c\nc\nc\n").run(folder.toString(), "--entity", "ann", "--limit", "1"))
                .isZero();
        assertThat(said()).isEqualTo("s-3chosen");
    }

    @Test
    void otherKeys_pressed_areExplained() {
        Terminal terminal = typing("x\n\u001b[A\n?\nq\n");
        assertThat(terminal.run(folder.toString())).isZero();
        assertThat(terminal.out())
                .contains("x is no key of this; ? tells which are.", "c  chosen:", "u  undo:")
                .doesNotContain("\u001b");
        assertThat(labels).doesNotExist();
    }

    @Test
    void ticks_reviewed_showTheirSeverity() throws IOException {
        Path ticks = append(folder.resolve("ticks_20261121.jsonl"), tick(1, 0.75, "") + tick(2, -1, ""));
        Terminal terminal = typing("r\n");
        assertThat(terminal.run(ticks.toString())).isZero();
        assertThat(terminal.out())
                .contains("1 of 1", "heartbeat #1", "by llama in 7.0 ms")
                .containsPattern("critical +75.0 % █{30} +◀")
                .containsPattern("api.state +down")
                .containsPattern("outcome +not known yet");
        assertThat(Files.readString(folder.resolve("ticks_20261121.jsonl.labels.jsonl")))
                .contains("\"label\":\"rejected\"");
    }

    @Test
    void json_asked_printsWhereItIs() throws IOException {
        typing("c\n").run(folder.toString());
        Terminal terminal = new Terminal(Reflexloop::run);
        assertThat(terminal.run("review", "--json", folder.toString())).isZero();
        JsonNode status = new ObjectMapper().readTree(terminal.out());
        assertThat(status.path("progress"))
                .hasToString("{\"total\":3,\"chosen\":1,\"rejected\":0,\"skipped\":0,\"left\":2}");
        assertThat(status.path("next").path("id").asText()).isEqualTo("s-3");
        assertThat(terminal.run("review", "--json", "--entity", "nobody", folder.toString()))
                .isZero();
        assertThat(new ObjectMapper().readTree(terminal.out()).path("next").isNull())
                .isTrue();
    }

    @Test
    void nothingToReview_orWrongArguments_areSaid() throws IOException {
        Path empty = Files.createDirectory(folder.resolve("empty"));
        Terminal terminal = typing("");
        assertThat(terminal.run(empty.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("There are no decisions in").contains("empty");
        assertThat(terminal.run("--limit", "0", folder.toString())).isEqualTo(2);
        assertThat(List.of(terminal.out(), terminal.err())).anyMatch(text -> text.contains("--limit is 0"));
    }
}
