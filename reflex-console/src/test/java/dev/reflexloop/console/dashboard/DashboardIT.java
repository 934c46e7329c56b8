package dev.reflexloop.console.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reflexloop.console.PlayingBot;
import dev.reflexloop.console.Reflexloop;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The dashboard in a real terminal, beside a bot that plays in a process of its own. */
@Timeout(240)
class DashboardIT {
    private static final long PATIENCE_SECONDS = 90;
    private static final long LOOK_MILLIS = 100;

    @TempDir
    Path folder;

    private final Path logs = Path.of("logs");
    private final String socket = "reflex-" + ProcessHandle.current().pid();
    private Process bot;

    @BeforeEach
    void setUp() throws IOException {
        assumeTrue(hasTmux(), "tmux is not installed, and the dashboard needs a terminal");
        Files.createDirectories(folder.resolve(logs));
        bot = new ProcessBuilder(java(PlayingBot.class, logs.toString()))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("bot.out").toFile())
                .start();
    }

    @AfterEach
    void tearDown() throws Exception {
        if (bot != null) {
            tmux("kill-server");
            bot.destroyForcibly();
            assertThat(bot.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static boolean hasTmux() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .anyMatch(place -> Files.isExecutable(Path.of(place, "tmux")));
    }

    private static List<String> java(Class<?> main, String... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(words));
        return command;
    }

    private String tmux(String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("tmux", "-u", "-f", "/dev/null", "-L", socket));
        command.addAll(List.of(words));
        Path out = Files.createTempFile(folder, "tmux", ".out");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(out.toFile());
        builder.environment().remove("TMUX");
        builder.environment().put("LC_ALL", "C.UTF-8");
        Process process = builder.start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        return Files.readString(out);
    }

    private void show(int width, int height, String environment, String... words) throws Exception {
        List<String> command = java(Reflexloop.class, words);
        StringBuilder line = new StringBuilder("echo before; ").append(environment);
        command.forEach(each -> line.append(" '").append(each).append('\''));
        line.append("; echo status $?; stty -a | tr ' ;' '\\n\\n' | grep icanon; read rest");
        tmux("new-session", "-d", "-x", "" + width, "-y", "" + height, line.toString());
    }

    /** The window once it looks as wanted; what it looks like at last otherwise. */
    private String window(Predicate<String> wanted, String... how) throws Exception {
        List<String> words = new ArrayList<>(List.of("capture-pane", "-p"));
        words.addAll(List.of(how));
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        String seen = tmux(words.toArray(String[]::new));
        while (!wanted.test(seen) && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            seen = tmux(words.toArray(String[]::new));
            assertThat(seen).doesNotContain("status 1").doesNotContain("status 2");
        }
        assertThat(seen).matches(wanted, "looks as wanted");
        return seen;
    }

    private static long decisions(String window) {
        return window.lines()
                .filter(line -> line.contains(" by 1 bot in 1 loop"))
                .map(line -> line.strip().split(" ")[0].replace(",", ""))
                .mapToLong(Long::parseLong)
                .findFirst()
                .orElse(0);
    }

    @Test
    void watch_whileABotPlays_redrawsUntilQIsPressed() throws Exception {
        show(80, 50, "env -u NO_COLOR", "dashboard", "--watch=1", logs.toString());

        // every tenth decision is a fallback, which has no bars
        Pattern bars = Pattern.compile("▸ (fight → guard|flee) +█+.? +71\\.0 %");
        String first = window(seen -> decisions(seen) > 10
                && seen.contains("1 pending")
                && bars.matcher(seen).find());
        assertThat(first.lines().findFirst())
                .hasValueSatisfying(line -> assertThat(line).startsWith("REFLEX  3 logs"));
        assertThat(first)
                .contains("LAST DECISION")
                .containsPattern("MODEL +█+")
                .containsPattern(bars)
                .contains("1 active in the last minute")
                .contains("A guard stops you.")
                .contains("q ends")
                .doesNotContain("before");
        window(seen -> decisions(seen) > decisions(first));
        assertThat(window(seen -> seen.contains("REFLEX"), "-e"))
                .contains("\u001b[32m")
                .contains("\u001b[36m");

        tmux("resize-window", "-x", "120", "-y", "40");
        window(seen -> seen.lines().anyMatch(line -> line.startsWith("DECISIONS") && line.contains("MODELS ")));

        tmux("send-keys", "q");
        String after = window(seen -> seen.contains("status"));
        assertThat(after).containsSubsequence("before", "status 0").doesNotContain("REFLEX");
        window(seen -> seen.lines().anyMatch("icanon"::equals));
    }

    @Test
    void watch_interrupted_bringsTheTerminalBack() throws Exception {
        show(100, 40, "", "dashboard", "--watch", logs.toString());
        window(seen -> seen.contains("q ends"));

        tmux("send-keys", "C-c");
        String after = window(seen -> seen.contains("icanon"));
        assertThat(after).contains("before").doesNotContain("REFLEX").doesNotContain("-icanon");
        assertThat(tmux("display-message", "-p", "#{cursor_flag} #{alternate_on}")
                        .strip())
                .isEqualTo("1 0");
    }

    @Test
    void noColor_set_leavesThePlainTextInATerminal() throws Exception {
        show(80, 50, "NO_COLOR=1", "dashboard", "--watch=1", logs.toString());

        assertThat(window(seen -> seen.contains("LAST DECISION"), "-e"))
                .doesNotContainPattern("\u001b\\[[0-9;]*3[0-9]m");
        tmux("send-keys", "q");
        window(seen -> seen.contains("status 0"));
    }

    @Test
    void once_inATerminal_isAsWideAsIt() throws Exception {
        window(folder.resolve("bot.out"), "TICK 3");
        show(120, 40, "env -u NO_COLOR", "dashboard", logs.toString());

        String seen = window(each -> each.contains("status 0"), "-e");
        assertThat(seen).contains("\u001b[").contains("LAST DECISION");
        assertThat(tmux("capture-pane", "-p").lines())
                .anySatisfy(line -> assertThat(line).startsWith("DECISIONS").contains("MODELS "));
    }

    private static void window(Path output, String wanted) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!Files.readString(output).contains(wanted) && System.nanoTime() - end < 0) {
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        assertThat(output).content().contains(wanted);
    }
}
