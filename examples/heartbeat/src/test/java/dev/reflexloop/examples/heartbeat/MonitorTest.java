package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Alert;
import dev.reflexloop.Cause;
import dev.reflexloop.Fact;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MonitorTest {
    private static final HookSettings RESTART = new HookSettings(
            "restart",
            "restart the api",
            List.of("no-such-program"),
            Duration.ofMinutes(10),
            Duration.ofSeconds(1),
            Optional.of(new HookSettings.HookRule(Optional.of("api"), Severity.CRITICAL)));
    private static final HookSettings PAGE = new HookSettings(
            "page", "call somebody", List.of(), Duration.ofMinutes(10), Duration.ofSeconds(1), Optional.empty());

    @TempDir
    Path folder;

    private static ScriptedModel down() {
        return ScriptedModel.answering(question -> {
            throw new ModelUnavailableException("scripted", "it is down", null);
        });
    }

    @Test
    void tick_ofAModel_recordsItsSeverityAndProbabilities() throws Exception {
        try (Beat beat = new Beat(folder, Beat.rating("warning", 0))) {
            Tick tick = beat.tick();

            assertThat(tick.judgement().byModel()).isTrue();
            assertThat(tick.judgement().severity()).isEqualTo(Severity.WARNING);
            assertThat(tick.line(ZoneOffset.UTC)).startsWith("00:00:00  warning   by scripted  ");
            JsonNode line = beat.last();
            assertThat(line.path("tick_id").asText()).isEqualTo(tick.id());
            assertThat(line.path("at").asText()).isEqualTo("2026-01-01T00:00:00Z");
            assertThat(line.at("/perception/api.state").asText()).isEqualTo("ok");
            assertThat(line.at("/decision/severity").asText()).isEqualTo("warning");
            assertThat(line.at("/decision/rule_severity").asText()).isEqualTo("ok");
            assertThat(line.at("/decision/served").asText()).isEqualTo("MODEL");
            assertThat(line.at("/decision/model").asText()).isEqualTo("scripted");
            assertThat(line.at("/decision/because").isNull()).isTrue();
            assertThat(line.at("/decision/probabilities/severity/warning").asDouble())
                    .isEqualTo(0.9);
            assertThat(line.at("/decision/reasoning").isNull()).isTrue();
            assertThat(line.has("dpo_label")).isTrue();
        }
    }

    @Test
    void tick_modelDown_isRatedByTheRulesAndSaysSo() throws Exception {
        try (Beat beat = new Beat(folder, down())) {
            beat.disk.becomes(Severity.CRITICAL);
            Tick tick = beat.tick();

            assertThat(tick.decision().because()).contains(Cause.MODEL_DOWN);
            JsonNode line = beat.last();
            assertThat(line.at("/decision/severity").asText()).isEqualTo("fallback");
            assertThat(line.at("/decision/rule_severity").asText()).isEqualTo("critical");
            assertThat(line.at("/decision/because").asText()).isEqualTo("MODEL_DOWN");
            assertThat(line.at("/decision/model").isNull()).isTrue();
            assertThat(beat.alerts).hasSize(1);
        }
    }

    @Test
    void tick_modelAndProbesHang_endsWithinPatienceAndBudget() throws Exception {
        try (Beat beat = new Beat(folder, ScriptedModel.waiting())) {
            beat.looksHang();
            Tick tick = beat.tick();

            assertThat(beat.clock.elapsed()).isLessThanOrEqualTo(Beat.PATIENCE.plus(Beat.BUDGET));
            assertThat(tick.decision().served()).isEqualTo(Served.FALLBACK);
            assertThat(tick.decision().because()).contains(Cause.DEADLINE);
            assertThat(tick.decision().perception().text("api.state", "")).isEqualTo(Probe.TIMED_OUT);
            assertThat(beat.stats().late()).isZero();
        }
    }

    @Test
    void tick_probeThatHangsOn_isNotWaitedForAgainAndComesBack() throws Exception {
        try (Beat beat = new Beat(folder, Beat.rating("ok", 0))) {
            beat.looksHang();
            beat.tick();
            Duration first = beat.clock.elapsed();
            beat.clock.advance(Duration.ofSeconds(8));
            Tick second = beat.tick();

            assertThat(first).isEqualTo(Beat.PATIENCE);
            assertThat(beat.clock.elapsed()).isEqualTo(first.plusSeconds(8));
            assertThat(beat.hung).hasSize(2);
            assertThat(second.decision().perception().number("api.hanging_s", 0))
                    .isEqualTo(10);

            beat.looksEnd();
            assertThat(beat.tick().decision().perception().text("api.state", ""))
                    .isEqualTo("ok");
        }
    }

    @Test
    void tick_probeThatThrows_isAFact() throws Exception {
        try (Beat beat = new Beat(folder, Beat.rating("ok", 0))) {
            beat.api.breaks();
            Perception seen = beat.tick().decision().perception();

            assertThat(seen.text("api.state", "")).isEqualTo(Probe.FAILED);
            assertThat(seen.text("api.problem", "")).contains("cannot look");
            assertThat(seen.text("disk.state", "")).isEqualTo("ok");
        }
    }

    @Test
    void tick_second_knowsTheFirstAndWhatChanged() throws Exception {
        try (Beat beat = Beat.acting(folder, Beat.rating("warning", 0.8), false, RESTART)) {
            beat.api.load(100);
            Perception first = beat.tick().decision().perception();
            beat.api.becomes(Severity.CRITICAL);
            beat.api.load(104);
            Perception second = beat.tick().decision().perception();

            assertThat(first.fact("previous.severity")).isEmpty();
            assertThat(first.fact("changed")).isEmpty();
            assertThat(second.text("previous.severity", "")).isEqualTo("warning");
            assertThat(second.text("previous.actions", "")).isEqualTo("restart");
            assertThat(second.fact("changed").orElseThrow())
                    .isEqualTo(Fact.of(List.of(
                            Map.of("fact", Fact.of("api.state"), "was", Fact.of("ok"), "is", Fact.of("critical")))));
        }
    }

    @Test
    void actions_anyNumber_areThoseThatTheModelSaysYesTo() throws Exception {
        ScriptedModel model = ScriptedModel.answering(question -> Beat.answer(question, "critical", 0.7));
        try (Beat beat = Beat.acting(folder, model, false, RESTART, PAGE)) {
            Tick both = beat.tick();
            assertThat(both.judgement().actions()).containsExactly("restart", "page");
            assertThat(both.judgement().byRule()).isEmpty();
            assertThat(both.taken().values()).containsOnly(Hooks.Taken.DRY_RUN);
            assertThat(beat.last().at("/decision/probabilities/actions/page").asDouble())
                    .isEqualTo(0.7);

            beat.restart(Beat.rating("critical", 0.3));
            assertThat(beat.tick().judgement().actions()).isEmpty();
        }
    }

    @Test
    void actions_modelDown_areThoseOfTheRules() throws Exception {
        try (Beat beat = Beat.acting(folder, down(), false, RESTART, PAGE)) {
            beat.disk.becomes(Severity.CRITICAL);
            assertThat(beat.tick().judgement().actions()).isEmpty();

            beat.api.becomes(Severity.CRITICAL);
            Tick tick = beat.tick();
            assertThat(tick.judgement().actions()).containsExactly("restart");
            assertThat(tick.line(ZoneOffset.UTC))
                    .contains("critical  by rules", "api: ", "disk: ", "restart (dry run)");
            assertThat(beat.last().at("/decision/actions_by_rule/0").asText()).isEqualTo("restart");
            assertThat(beat.last().at("/decision/probabilities/actions/restart").isNull())
                    .isTrue();
        }
    }

    @Test
    void actions_inCooldown_areNotTakenAgainEvenAfterARestart() throws Exception {
        try (Beat beat = Beat.acting(folder, Beat.rating("critical", 0.9), true, PAGE)) {
            assertThat(beat.tick().taken()).containsEntry("page", Hooks.Taken.STARTED);
            beat.clock.advance(Beat.INTERVAL);
            assertThat(beat.tick().taken()).containsEntry("page", Hooks.Taken.COOLDOWN);

            beat.restart(Beat.rating("critical", 0.9));
            beat.clock.advance(Beat.INTERVAL);
            assertThat(beat.tick().taken()).containsEntry("page", Hooks.Taken.COOLDOWN);
            assertThat(beat.alerts)
                    .extracting(Alert::text)
                    .filteredOn(text -> text.startsWith("call somebody"))
                    .hasSize(1);

            beat.clock.advance(Duration.ofMinutes(10));
            assertThat(beat.tick().taken()).containsEntry("page", Hooks.Taken.STARTED);
        }
    }

    @Test
    void alerts_overARestart_areNotRepeated() throws Exception {
        try (Beat beat = new Beat(folder, Beat.rating("critical", 0))) {
            beat.tick();
            beat.tick();
            beat.restart(Beat.rating("critical", 0));
            beat.clock.advance(Beat.INTERVAL);
            assertThat(beat.tick().alerted()).isFalse();
            assertThat(beat.alerts).extracting(Alert::level).containsExactly(Alert.Level.CRITICAL);

            beat.restart(Beat.rating("ok", 0));
            beat.tick();
            beat.tick();
            beat.tick();
            assertThat(beat.alerts).extracting(Alert::level).containsExactly(Alert.Level.CRITICAL, Alert.Level.INFO);
        }
    }

    @Test
    void reasoning_ofAWriter_isOneSentenceInTheLine() throws Exception {
        Reasoning writer = prompt -> "The disk is nearly full.\nAnd much more, said at length.";
        try (Beat beat = new Beat(folder, Beat.rating("warning", 0), writer, false)) {
            beat.tick();
            assertThat(beat.last().at("/decision/reasoning").asText()).isEqualTo("The disk is nearly full.");
            assertThat(beat.stats().unexplained()).isZero();
        }
    }

    @Test
    void reasoning_thatFails_isAbsentAndCounted() throws Exception {
        Reasoning writer = prompt -> {
            throw new IOException("no server");
        };
        try (Beat beat = new Beat(folder, Beat.rating("warning", 0), writer, false)) {
            beat.tick();
            assertThat(beat.last().at("/decision/reasoning").isNull()).isTrue();
            assertThat(beat.stats().unexplained()).isEqualTo(1);
        }
    }

    @Test
    void reasoning_thatHangs_isAbsentAndItsTickIsLogged() throws Exception {
        try (Beat beat = new Beat(folder, Beat.rating("warning", 0), prompt -> "Too late.", false)) {
            beat.looksHang();
            beat.tick();
            beat.tick();
            assertThat(beat.logged())
                    .hasSize(2)
                    .allMatch(tick -> tick.at("/decision/reasoning").isNull());
            assertThat(beat.stats().unexplained()).isEqualTo(2);
        }
    }

    @Test
    void log_thatCannotBeWritten_isCountedAndTriedAgain() throws Exception {
        Path blocked = folder.resolve("ticks");
        Files.writeString(blocked, "a file where a folder should be");
        try (Beat beat = new Beat(blocked, Beat.rating("ok", 0))) {
            beat.tick();
            beat.tick();
            assertThat(beat.stats().lost()).isEqualTo(2);

            Files.delete(blocked);
            beat.tick();
            assertThat(beat.stats().lost()).isEqualTo(2);
            assertThat(beat.stats().written()).isEqualTo(1);
            assertThat(beat.logged()).hasSize(1);
        }
    }

    /** A model that hangs, fails, lies and answers, probes that hang and come back, over more than five hours. */
    @Test
    void run_twoThousandTicks_areAllOnTimeAndEachLoggedOnce() throws Exception {
        Random random = new Random(7);
        ScriptedModel answers = ScriptedModel.answering(
                question -> switch ((int) question.perception().tick() / 50 % 4) {
                    case 0 -> throw new ModelUnavailableException("scripted", "it is down", null);
                    case 1 -> ScriptedModel.favouring(question, "none_of_these");
                    default -> Beat.answer(question, random.nextBoolean() ? "ok" : "critical", random.nextDouble());
                });
        answers.after(Duration.ofSeconds(4));
        try (Beat beat = Beat.acting(folder, answers, false, RESTART, PAGE)) {
            for (int minute = 1; minute < 330; minute += 2) {
                beat.clock.schedule(Duration.ofMinutes(minute), beat::looksHang);
                beat.clock.schedule(Duration.ofMinutes(minute).plusSeconds(30), beat::looksEnd);
            }
            beat.run(Beat.INTERVAL.multipliedBy(2_000).minusSeconds(1));

            Monitor.Stats stats = beat.stats();
            assertThat(stats.ticks()).isEqualTo(2_000);
            assertThat(stats.late()).isZero();
            assertThat(stats.skipped()).isZero();
            assertThat(stats.lost()).isZero();
            assertThat(stats.byModel()).isBetween(500L, 1_500L);
            List<JsonNode> logged = beat.logged();
            Set<String> ids = new HashSet<>();
            logged.forEach(line -> ids.add(line.path("tick_id").asText()));
            assertThat(logged).hasSize(2_000);
            assertThat(ids).hasSize(2_000);
            assertThat(logged)
                    .filteredOn(line -> line.at("/decision/severity").asText().equals("fallback"))
                    .hasSize((int) (2_000 - stats.byModel()));
            assertThat(logged)
                    .filteredOn(
                            line -> line.at("/perception/api.state").asText().equals(Probe.TIMED_OUT))
                    .isNotEmpty();
        }
    }

    @Test
    void run_overMidnight_goesOnInTheNextDaysFile() throws Exception {
        try (Beat beat = new Beat(folder, Beat.rating("ok", 0))) {
            beat.clock.jumpWallClock(Duration.ofHours(24).minusSeconds(15));
            beat.run(Duration.ofSeconds(35));

            assertThat(Files.readAllLines(folder.resolve("ticks_20260101.jsonl")))
                    .hasSize(2);
            assertThat(Files.readAllLines(folder.resolve("ticks_20260102.jsonl")))
                    .hasSize(2);
        }
    }

    /** The machine slept: what was missed is counted and not made up for. */
    @Test
    void run_afterALongStandstill_skipsWhatWasMissed() throws Exception {
        ScriptedModel model = Beat.rating("ok", 0);
        try (Beat beat = new Beat(folder, model)) {
            boolean[] slept = new boolean[1];
            beat.clock.schedule(Duration.ofSeconds(25), () -> {
                if (!slept[0]) {
                    slept[0] = true;
                    beat.clock.advance(Duration.ofSeconds(50));
                }
            });
            beat.run(Duration.ofSeconds(95));

            assertThat(beat.stats().skipped()).isEqualTo(4);
            assertThat(beat.stats().ticks()).isEqualTo(6);
        }
    }
}
