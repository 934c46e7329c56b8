package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.AlertSink;
import dev.reflexloop.Fact;
import dev.reflexloop.ReflexClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Actions that really run programs. */
class HooksIT {
    @TempDir
    Path folder;

    private static HookSettings hook(String name, Duration timeout, List<String> command) {
        return new HookSettings(name, "does " + name, command, Duration.ofMillis(1), timeout, Optional.empty());
    }

    private static Hooks hooks(boolean act, HookSettings... settings) {
        Alerts alerts = new Alerts("watched", AlertSink.disabled(), 1, Alerts.Told.nothing());
        return new Hooks(List.of(settings), act, alerts, ReflexClock.system(), Map.of());
    }

    private static Map<String, Hooks.Taken> take(Hooks hooks, String name) {
        return hooks.take(List.of(name), Severity.CRITICAL, "$(touch /tmp/never); api: down", "tick1", Instant.EPOCH);
    }

    @Test
    void command_thatActs_runsExactlyAsConfigured() throws Exception {
        Path file = folder.resolve("written");
        List<String> command = Child.command(Child.class, "write", file.toString(), "a b", "$HOME;|");
        try (Hooks hooks = hooks(true, hook("write", Duration.ofMinutes(1), command))) {
            assertThat(take(hooks, "write")).containsEntry("write", Hooks.Taken.STARTED);
            Until.holds("it ended", () -> !hooks.results().isEmpty());

            assertThat(hooks.results()).containsEntry("action.write", Fact.of("exit 0"));
            assertThat(Files.readAllLines(file)).containsExactly("write", file.toString(), "a b", "$HOME;|");
        }
    }

    @Test
    void command_inADryRun_isNotRun() {
        Path file = folder.resolve("written");
        HookSettings hook = hook("write", Duration.ofMinutes(1), Child.command(Child.class, "write", file.toString()));
        try (Hooks hooks = hooks(false, hook)) {
            assertThat(take(hooks, "write")).containsEntry("write", Hooks.Taken.DRY_RUN);
        }
        assertThat(file).doesNotExist();
    }

    @Test
    void command_thatHangs_isNotRunTwiceAndIsKilled() throws Exception {
        HookSettings hook = hook("hang", Duration.ofMillis(500), Child.command(Child.class, "hang"));
        try (Hooks hooks = hooks(true, hook)) {
            take(hooks, "hang");
            assertThat(take(hooks, "hang")).containsEntry("hang", Hooks.Taken.RUNNING);
            Until.holds("it was killed", () -> !hooks.results().isEmpty());
            assertThat(hooks.results()).containsEntry("action.hang", Fact.of("killed"));
        }
        Until.holds("no child is left", () -> ProcessHandle.current().children().noneMatch(ProcessHandle::isAlive));
    }

    @Test
    void command_thatReadsItsInput_findsItsEnd() throws Exception {
        HookSettings hook = hook("listen", Duration.ofMinutes(1), Child.command(Child.class, "listen"));
        try (Hooks hooks = hooks(true, hook)) {
            take(hooks, "listen");
            Until.holds("it ended", () -> !hooks.results().isEmpty());
            assertThat(hooks.results()).containsEntry("action.listen", Fact.of("exit 7"));
        }
    }

    @Test
    void command_thatIsMissing_isAFact() throws Exception {
        try (Hooks hooks = hooks(true, hook("none", Duration.ofSeconds(1), List.of("no-such-program-anywhere")))) {
            take(hooks, "none");
            Until.holds("it was tried", () -> !hooks.results().isEmpty());
            assertThat(hooks.results()).containsEntry("action.none", Fact.of("not started"));
        }
    }

    @Test
    void close_whileACommandHangs_killsIt() {
        Hooks hooks = hooks(true, hook("hang", Duration.ofHours(1), Child.command(Child.class, "hang")));
        take(hooks, "hang");
        hooks.close();
        assertThat(hooks.results()).containsEntry("action.hang", Fact.of("killed"));
        hooks.close();
    }
}
