package dev.reflexloop.console.command;

import static dev.reflexloop.console.decisions.LogSamples.step;
import static dev.reflexloop.console.decisions.LogSamples.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Served;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.console.review.Progress;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.console.terminal.Tmux;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command in a process of its own. */
@Timeout(600)
class ReviewCommandIT {
    private static final int STEPS = 30;

    @TempDir
    Path folder;

    private Path log;

    @BeforeEach
    void play() {
        log = write(folder.resolve("play.jsonl"), to -> {
            for (int i = 1; i <= STEPS; i++) {
                to.step(step("s", i, "bot", Served.MODEL, 0.5 + i / 100.0));
            }
        });
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    private Process start() throws IOException {
        return new ProcessBuilder(
                        java(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Reflexloop.class.getName(),
                        "review",
                        log.toString())
                .redirectErrorStream(true)
                .start();
    }

    /** Two people label at once, and both processes are killed again and again: what the screen acknowledged is kept. */
    @Test
    void labels_whenTheirProcessesAreKilled_areAllThere() throws Exception {
        int acknowledged = 0;
        for (int round = 0; round < 3; round++) {
            Process one = start();
            Process other = start();
            try (BufferedReader first = one.inputReader(StandardCharsets.UTF_8);
                    BufferedReader second = other.inputReader(StandardCharsets.UTF_8)) {
                for (int i = 0; i < 4; i++) {
                    press(one, 'c');
                    press(other, 'c');
                    awaitWord(first, "chosen");
                    awaitWord(second, "chosen");
                    acknowledged += 2;
                }
                press(one, 'c');
            } finally {
                one.destroyForcibly().waitFor();
                other.destroyForcibly().waitFor();
            }
        }
        long labelled = Files.readAllLines(folder.resolve("play.jsonl.labels.jsonl")).stream()
                .filter(line -> line.startsWith("{\"type\":\"label\"") && line.endsWith("}"))
                .count();
        assertThat(labelled).isBetween((long) acknowledged, acknowledged + 3L);
        Progress progress = Review.open(List.of(log)).progress();
        assertThat(progress.chosen()).isBetween(12L, 27L);
        assertThat(progress.left()).isEqualTo(STEPS - progress.chosen());
    }

    private static void press(Process process, char key) throws IOException {
        OutputStream keys = process.getOutputStream();
        keys.write(new byte[] {(byte) key, '\n'});
        keys.flush();
    }

    private static void awaitWord(BufferedReader out, String word) throws IOException {
        String line = out.readLine();
        while (line != null && !line.endsWith("> " + word)) {
            line = out.readLine();
        }
        assertThat(line).as("the process ended before it said '%s'", word).isNotNull();
    }

    @Test
    void keys_onATerminal_needNoEnterAndTheTerminalIsAsBeforeAfterwards() throws Exception {
        try (Tmux tmux = Tmux.open(100, 40)) {
            Path script = folder.resolve("review.sh");
            String classes = System.getProperty("java.class.path");
            Files.writeString(
                    script,
                    "exec '" + java() + "' -cp '" + classes + "' " + Reflexloop.class.getName() + " review '" + log
                            + "'\n");
            tmux.line("stty -a > '" + folder + "/before'; sh '" + script + "'; echo status $?");
            tmux.await("1 of 30");
            tmux.key("c");
            assertThat(tmux.await("2 of 30")).contains("> chosen", "fight  52.0 %");
            tmux.key("Up");
            tmux.key("u");
            assertThat(tmux.await("undone")).doesNotContain("[A");
            tmux.key("q");
            tmux.await("status 0");
            tmux.line("clear; echo again");
            tmux.await("again\n$"); // the answer, not what was typed
            tmux.line("sh '" + script + "'");
            tmux.await("? help >");
            tmux.key("C-c");
            tmux.await("? help > $"); // what is typed earlier goes to the dying program
            tmux.line("clear; stty -a > '" + folder + "/after'; echo told");
            tmux.await("told\n$");
            assertThat(folder.resolve("after")).hasSameTextualContentAs(folder.resolve("before"));
        }
    }
}
