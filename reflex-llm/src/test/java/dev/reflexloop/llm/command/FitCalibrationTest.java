package dev.reflexloop.llm.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.codex.CodexReport;
import dev.reflexloop.llm.calibration.Calibration;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.llm.decorator.CalibratedModel;
import dev.reflexloop.testkit.ScriptedModel;
import dev.reflexloop.testkit.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From play to a calibration file: loops log, the command fits. */
class FitCalibrationTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("calibrated")
            .action("wait", "")
            .action("fight", "")
            .action("flee", "")
            .idle("wait")
            .build();

    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(new FitCalibration()::run);

    /** Says 0.9 for one action that is right in 60 % of all cases only. */
    private static ReflexModel boastful() {
        return ScriptedModel.answering(question -> {
            int favourite = (int) question.perception().number("favourite", 0);
            String name = SCHEMA.actions().get(favourite).name();
            return Answer.of("boastful", ScriptedModel.favouring(question, name).probabilities());
        });
    }

    private void play(ReflexModel model, int steps, Label label) {
        Random random = new Random(11);
        for (int run = 0; run < 6; run++) {
            try (TrajectoryLogger logger = TrajectoryLogger.file(folder.resolve("run" + run + ".jsonl"))) {
                ReflexLoop.Builder settings = ReflexLoop.builder(SCHEMA, model).logger(logger);
                if (label == Label.TEACHER) {
                    settings.teacher((perception, legal, last) -> legal.get((int) perception.number("right", 0)));
                }
                try (ReflexLoop loop = settings.build()) {
                    for (int i = 0; i < steps / 6; i++) {
                        int favourite = random.nextInt(3);
                        boolean right = random.nextDouble() < 0.6;
                        Decision decision = loop.decide(Perception.builder("bot", i)
                                .fact("favourite", favourite)
                                .fact("right", right ? favourite : (favourite + 1 + random.nextInt(2)) % 3)
                                .build());
                        if (label != Label.TEACHER) {
                            loop.outcome(outcome(decision, right || label == Label.ALL_CHOSEN));
                        }
                    }
                }
            }
        }
    }

    private enum Label {
        TEACHER,
        OUTCOME,
        ALL_CHOSEN
    }

    private static Outcome outcome(Decision decision, boolean right) {
        return new Outcome(
                decision.id(),
                right ? 1 : -1,
                Optional.of(right ? "chosen" : "rejected"),
                List.of(),
                Outcome.ClosedBy.GAME,
                decision.at());
    }

    @Test
    void run_onLogsWithATeacher_writesACalibrationThatReportsALowerError() throws Exception {
        play(boastful(), 1_800, Label.TEACHER);
        Path file = folder.resolve("calibration.json");
        assertThat(terminal.run("--out", file.toString(), folder.toString()))
                .as(terminal.err())
                .isZero();
        assertThat(terminal.out()).contains("expected calibration error").contains("Written to");
        Calibration calibration = Calibration.read(file);
        assertThat(calibration.temperatures().get(OptionCount.THREE_TO_FIVE)).isGreaterThan(1.5);
        assertThat(calibration
                        .apply(Map.of("wait", 0.9, "fight", 0.05, "flee", 0.05))
                        .get("wait"))
                .isBetween(0.5, 0.7);
    }

    @Test
    void run_onLogsWithOutcomes_findsTheSame() {
        play(boastful(), 1_800, Label.OUTCOME);
        Path file = folder.resolve("calibration.json");
        assertThat(terminal.run("--no-priors", "--out", file.toString(), folder.toString()))
                .as(terminal.err())
                .isZero();
        assertThat(terminal.out()).containsPattern("StampModel: --temperature-3-5 [1-9][0-9]*[.][0-9]{4}");
        assertThat(Calibration.read(file)
                        .apply(Map.of("wait", 0.9, "fight", 0.05, "flee", 0.05))
                        .get("wait"))
                .isBetween(0.5, 0.7);
    }

    @Test
    void run_onGoodOutcomesOnly_isRefused() {
        play(boastful(), 600, Label.ALL_CHOSEN);
        assertThat(terminal.run(folder.toString())).isEqualTo(3);
        assertThat(terminal.err())
                .contains("was wrong in 0 of the 600 decisions only")
                .contains("rejected outcomes");
    }

    @Test
    void run_onTooFewDecisions_isRefusedWithTheirNumber() {
        play(boastful(), 60, Label.TEACHER);
        assertThat(terminal.run(folder.toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("hold 60 decisions").contains("200 are needed");
    }

    @Test
    void run_onCalibratedDecisions_isRefused() {
        play(new CalibratedModel(boastful(), Calibration.none()), 600, Label.TEACHER);
        assertThat(terminal.run(folder.toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("calibrated already");
    }

    @Test
    void run_forAModelThatIsNotInTheLogs_isRefused() {
        play(boastful(), 600, Label.TEACHER);
        assertThat(terminal.run("--model", "other", folder.toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("hold 0 decisions of other");
    }

    @Test
    void run_onAMissingLog_isRefusedWithThePath() {
        assertThat(terminal.run(folder.resolve("none.jsonl").toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("none.jsonl");
    }

    @Test
    void run_withWrongArguments_saysWhich() {
        assertThat(terminal.run()).isEqualTo(2);
        assertThat(terminal.err()).contains("No log is given");
        assertThat(terminal.run("--bogus")).isEqualTo(2);
        assertThat(terminal.err()).contains("--bogus");
        assertThat(terminal.run("--out")).isEqualTo(2);
        assertThat(terminal.run("--seed", "x", "log")).isEqualTo(2);
        assertThat(terminal.run("--help")).isZero();
        assertThat(terminal.out()).contains("--no-priors");
    }

    @Test
    void run_withACodex_recordsTheCalibrationThatItWrote() {
        play(boastful(), 1_800, Label.TEACHER);
        Path file = folder.resolve("calibration.json");
        Path codex = folder.resolve("ledger/codex.jsonl");
        String key = folder.resolve("key.pem").toString();
        String log = folder.resolve("run0.jsonl").toString();
        assertThat(terminal.run("--codex", codex.toString(), "--key", key, log)).isEqualTo(2);
        assertThat(terminal.err()).contains("--codex needs --out");
        assertThat(terminal.run("--out", file.toString(), "--codex", codex.toString(), "--key", key, log))
                .as(terminal.err())
                .isZero();

        CodexReport report = Codex.verify(codex);
        assertThat(report.sound()).isTrue();
        Change change = report.entries().get(0).change();
        assertThat(report.entries()).hasSize(1);
        assertThat(change.kind()).isEqualTo(Change.Kind.MODEL);
        assertThat(change.subject()).isEqualTo("calibration.json");
        assertThat(change.after()).isEqualTo(Calibration.read(file) + ", " + Codex.hashOf(file));
        assertThat(change.why())
                .matches("expected calibration error 0\\.[0-9]{4} -> 0\\.[0-9]{4} on [0-9]+ decisions held out");
    }

    @Test
    void run_withACodex_keepsItFreeUntilTheCalibrationIsFound() {
        play(boastful(), 1_800, Label.TEACHER);
        Path file = folder.resolve("calibration.json");
        Path codex = folder.resolve("ledger/codex.jsonl");
        Path key = folder.resolve("key.pem");
        List<Boolean> written = new ArrayList<>();
        PrintStream out = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void print(Object report) {
                Codex.open(codex, CodexKey.load(key)).close();
                written.add(Files.exists(file));
            }
        };
        String[] words = {
            "--out", file.toString(), "--codex", codex.toString(), "--key", key.toString(), folder.toString()
        };
        assertThat(new FitCalibration().run(words, out, out)).isZero();
        assertThat(written).containsExactly(false);
        assertThat(Codex.verify(codex).entries()).hasSize(1);
    }

    @Test
    void run_whoseCodexIsTakenMeanwhile_writesNoCalibration() {
        play(boastful(), 1_800, Label.TEACHER);
        Path file = folder.resolve("calibration.json");
        Path codex = folder.resolve("ledger/codex.jsonl");
        Path key = folder.resolve("key.pem");
        List<Codex> taken = new ArrayList<>();
        PrintStream out = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void print(Object report) {
                taken.add(Codex.open(codex, CodexKey.load(key)));
            }
        };
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = {
            "--out", file.toString(), "--codex", codex.toString(), "--key", key.toString(), folder.toString()
        };
        assertThat(new FitCalibration().run(words, out, new PrintStream(err, true, StandardCharsets.UTF_8)))
                .isEqualTo(1);
        taken.forEach(Codex::close);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains(codex.toString(), "has it open already");
        assertThat(file).doesNotExist();
    }
}
