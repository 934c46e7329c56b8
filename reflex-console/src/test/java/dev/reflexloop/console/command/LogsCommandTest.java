package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.testkit.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LogsCommandTest {
    private static final Instant START = Instant.parse("2026-11-22T00:00:00Z");

    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(Reflexloop::run);

    private static TelemetryEvent event(
            int second, TelemetryEvent.Level level, String source, String name, String bot) {
        return new TelemetryEvent(
                START.plusSeconds(second),
                level,
                source,
                name,
                bot,
                second,
                Map.of("action", "fight", "latencyMicros", 12));
    }

    private Path written(TelemetryEvent... events) {
        Path file = folder.resolve("telemetry.jsonl");
        try (TelemetryBus bus =
                TelemetryBus.builder().file(file).rotateAt(1_024).build()) {
            for (TelemetryEvent each : events) {
                bus.publish(each);
            }
        }
        return file;
    }

    @Test
    void events_ofAFile_areLinesTheNewestLast() {
        written(
                event(1, TelemetryEvent.Level.INFO, "loop", "decision", "bot-1"),
                event(2, TelemetryEvent.Level.WARN, "model", "lost", ""));

        assertThat(terminal.run("logs", folder.toString())).isZero();
        assertThat(terminal.out().lines().toList())
                .hasSize(2)
                .satisfies(lines -> assertThat(lines.get(0))
                        .contains("INFO  loop.decision")
                        .contains("bot-1 #1")
                        .contains("action=fight")
                        .contains("latencyMicros=12"))
                .satisfies(lines -> assertThat(lines.get(1)).contains("WARN  model.lost"));
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void query_byEachOfItsParts_keepsWhatFits() {
        Path file = written(
                event(1, TelemetryEvent.Level.INFO, "loop", "decision", "bot-1"),
                event(2, TelemetryEvent.Level.WARN, "model", "lost", "bot-2"),
                event(3, TelemetryEvent.Level.ERROR, "loop", "dropped", "bot-1"));

        assertThat(count(file, "--source", "loop")).isEqualTo(2);
        assertThat(count(file, "--level", "warn")).isEqualTo(2);
        assertThat(count(file, "--event", "lost")).isEqualTo(1);
        assertThat(count(file, "--entity", "bot-1")).isEqualTo(2);
        assertThat(count(file, "--tick", "3")).isEqualTo(1);
        assertThat(count(file, "--source", "loop", "--level", "warn")).isEqualTo(1);
        assertThat(count(file, "--limit", "2")).isEqualTo(2);
        assertThat(count(file, "--entity", "nobody")).isZero();
    }

    private int count(Path file, String... options) {
        String[] words = new String[options.length + 2];
        words[0] = "logs";
        words[1] = file.toString();
        System.arraycopy(options, 0, words, 2, options.length);
        assertThat(terminal.run(words)).isZero();
        return (int) terminal.out().lines().count();
    }

    @Test
    void rotatedFiles_ofTheNamedOne_areReadToo() throws IOException {
        TelemetryEvent[] events = new TelemetryEvent[60];
        for (int i = 0; i < events.length; i++) {
            events[i] = event(i, TelemetryEvent.Level.INFO, "loop", "decision", "bot");
        }
        Path file = folder.resolve("telemetry.jsonl");
        for (int i = 0; i < events.length; i += 10) { // a bus begins a new file between batches only
            written(Arrays.copyOfRange(events, i, i + 10));
        }

        assertThat(folder.resolve("telemetry.2.jsonl")).exists();
        assertThat(terminal.run("logs", "--json", file.toString())).isZero();
        assertThat(terminal.out().lines().map(TelemetryEvent::parse)).containsExactly(events);
        terminal.run("logs", "--json", "--limit", "0", file.toString());
        assertThat(terminal.out().lines().map(TelemetryEvent::parse)).containsExactly(events);
        terminal.run("logs", "--json", "--limit", "3", file.toString());
        assertThat(terminal.out().lines().map(TelemetryEvent::parse))
                .containsExactly(events[57], events[58], events[59]);
    }

    @Test
    void linesThatAreNone_inTheFile_areLeftOutAndCounted() throws IOException {
        Path file = written(event(1, TelemetryEvent.Level.INFO, "loop", "decision", "bot-1"));
        Files.writeString(file, "no event\n{\"at\":\"x\"}\n{\"torn", StandardOpenOption.APPEND);

        assertThat(terminal.run("logs", file.toString())).isZero();
        assertThat(terminal.out().lines()).hasSize(1);
        assertThat(terminal.err()).contains("2 lines are no events");
    }

    @Test
    void textsOfAGame_inAnEvent_moveNoCursor() {
        written(new TelemetryEvent(
                START,
                TelemetryEvent.Level.INFO,
                "bot",
                "said",
                "b\u001b[2Jot\n",
                1,
                Map.of("words", "\u001b]0;x\u0007 \u202eabc")));

        terminal.run("logs", folder.toString());
        assertThat(terminal.out().lines()).hasSize(1);
        assertThat(terminal.out().strip()).doesNotContainPattern("[\\p{Cntrl}\u202e]");
    }

    @Test
    void folder_withoutTelemetry_isToldWithTheRemedy() {
        assertThat(terminal.run("logs", folder.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains(folder.toString()).contains("TelemetryBus.builder().file(");
    }

    @Test
    void file_thatIsNotThere_isWrongArguments() {
        assertThat(terminal.run("logs", folder.resolve("none").toString())).isEqualTo(2);
        assertThat(terminal.err()).contains("none");
    }

    @Test
    void limit_outOfRange_isWrongArguments() {
        assertThat(terminal.run("logs", "--limit", "-1", folder.toString())).isEqualTo(2);
    }

    @Test
    void follow_aLogThatIsRotated_printsEveryEventOnce() throws Exception {
        int rounds = 5;
        int each = 20;
        Path file = folder.resolve("telemetry.jsonl");
        BlockingQueue<String> printed = new LinkedBlockingQueue<>();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Thread follower = new Thread(() -> Reflexloop.run(
                new String[] {"logs", "--follow", "--json", file.toString()},
                new PrintStream(new Lines(printed), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8)));
        try (TelemetryBus bus =
                TelemetryBus.builder().file(file).rotateAt(1_024).build()) {
            bus.publish(event(0, TelemetryEvent.Level.INFO, "loop", "decision", "bot"));
            follower.start();
            assertThat(next(printed)).isZero();
            for (int round = 0; round < rounds; round++) {
                for (int i = 1; i <= each; i++) {
                    bus.publish(event(round * each + i, TelemetryEvent.Level.INFO, "loop", "decision", "bot"));
                }
                for (int i = 1; i <= each; i++) {
                    assertThat(next(printed)).isEqualTo(round * each + i);
                }
            }
        } finally {
            follower.interrupt();
            follower.join(Duration.ofSeconds(30).toMillis());
        }
        assertThat(follower.isAlive()).isFalse();
        assertThat(folder.resolve("telemetry.3.jsonl")).exists();
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    private static long next(BlockingQueue<String> printed) throws InterruptedException {
        String line = printed.poll(60, TimeUnit.SECONDS);
        return TelemetryEvent.parse(String.valueOf(line)).tick();
    }

    /** Gives each finished line to whoever waits for it. */
    private static final class Lines extends OutputStream {
        private final ByteArrayOutputStream line = new ByteArrayOutputStream();
        private final BlockingQueue<String> lines;

        Lines(BlockingQueue<String> lines) {
            this.lines = lines;
        }

        @Override
        public synchronized void write(int each) {
            if (each == '\n') {
                lines.add(line.toString(StandardCharsets.UTF_8));
                line.reset();
            } else {
                line.write(each);
            }
        }
    }
}
