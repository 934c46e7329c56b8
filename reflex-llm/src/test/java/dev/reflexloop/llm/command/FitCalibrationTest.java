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
import dev.reflexloop.llm.calibration.Calibration;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.llm.decorator.CalibratedModel;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

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
        assertThat(run("--out", file.toString(), folder.toString())).as(err()).isZero();
        assertThat(out()).contains("expected calibration error").contains("Written to");
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
        assertThat(run("--no-priors", "--out", file.toString(), folder.toString()))
                .as(err())
                .isZero();
        assertThat(out()).containsPattern("StampModel: --temperature-3-5 [1-9][0-9]*[.][0-9]{4}");
        assertThat(Calibration.read(file)
                        .apply(Map.of("wait", 0.9, "fight", 0.05, "flee", 0.05))
                        .get("wait"))
                .isBetween(0.5, 0.7);
    }

    @Test
    void run_onGoodOutcomesOnly_isRefused() {
        play(boastful(), 600, Label.ALL_CHOSEN);
        assertThat(run(folder.toString())).isEqualTo(3);
        assertThat(err()).contains("was wrong in 0 of the 600 decisions only").contains("rejected outcomes");
    }

    @Test
    void run_onTooFewDecisions_isRefusedWithTheirNumber() {
        play(boastful(), 60, Label.TEACHER);
        assertThat(run(folder.toString())).isEqualTo(3);
        assertThat(err()).contains("hold 60 decisions").contains("200 are needed");
    }

    @Test
    void run_onCalibratedDecisions_isRefused() {
        play(new CalibratedModel(boastful(), Calibration.none()), 600, Label.TEACHER);
        assertThat(run(folder.toString())).isEqualTo(3);
        assertThat(err()).contains("calibrated already");
    }

    @Test
    void run_forAModelThatIsNotInTheLogs_isRefused() {
        play(boastful(), 600, Label.TEACHER);
        assertThat(run("--model", "other", folder.toString())).isEqualTo(3);
        assertThat(err()).contains("hold 0 decisions of other");
    }

    @Test
    void run_onAMissingLog_isRefusedWithThePath() {
        assertThat(run(folder.resolve("none.jsonl").toString())).isEqualTo(3);
        assertThat(err()).contains("none.jsonl");
    }

    @Test
    void run_withWrongArguments_saysWhich() {
        assertThat(run()).isEqualTo(2);
        assertThat(err()).contains("No log is given");
        assertThat(run("--bogus")).isEqualTo(2);
        assertThat(err()).contains("--bogus");
        assertThat(run("--out")).isEqualTo(2);
        assertThat(run("--seed", "x", "log")).isEqualTo(2);
        assertThat(run("--help")).isZero();
        assertThat(out()).contains("--no-priors");
    }

    private int run(String... arguments) {
        return FitCalibration.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
