package dev.reflexloop.llm.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.codex.CodexReport;
import dev.reflexloop.testkit.ScriptedModel;
import dev.reflexloop.testkit.Terminal;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From play to thresholds: loops log, the command fits. */
class FitDoubtTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("doubted")
            .action("wait", "")
            .action("fight", "")
            .idle("wait")
            .build();

    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(new FitDoubt()::run);

    private enum Label {
        TEACHER,
        OUTCOME,
        ALL_CHOSEN,
        NONE
    }

    /** Says fight with a probability from 0.5 to 1, and is right as often as it says. */
    private static ReflexModel honest() {
        return ScriptedModel.answering(question -> {
            double p = question.perception().number("p", 0);
            return Answer.of("honest", Map.of("fight", p, "wait", 1 - p));
        });
    }

    private void play(int steps, Label label, Optional<EscalationPolicy> policy) {
        Random random = new Random(3);
        try (TrajectoryLogger logger = TrajectoryLogger.file(folder.resolve("run.jsonl"))) {
            ReflexLoop.Builder settings = ReflexLoop.builder(SCHEMA, honest()).logger(logger);
            policy.ifPresent(
                    each -> settings.escalateWhen(each).escalateTo(escalation -> EscalationSink.Receipt.ACCEPTED));
            if (label == Label.TEACHER) {
                settings.teacher((perception, legal, last) -> legal.get(perception.flag("right") ? 1 : 0));
            }
            try (ReflexLoop loop = settings.build()) {
                for (int i = 0; i < steps; i++) {
                    double p = 0.5 + random.nextDouble() / 2;
                    boolean right = random.nextDouble() < p;
                    Decision decision = loop.decide(Perception.builder("bot", i)
                            .fact("p", p)
                            .fact("right", right)
                            .build());
                    if (label == Label.OUTCOME || label == Label.ALL_CHOSEN) {
                        loop.outcome(outcome(decision, right || label == Label.ALL_CHOSEN));
                    }
                }
            }
        }
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

    private double found(String call) {
        Matcher matcher = Pattern.compile(call + "\\(([0-9.]+)\\)").matcher(terminal.out());
        assertThat(matcher.find()).as(call + " in " + terminal.out()).isTrue();
        return Double.parseDouble(matcher.group(1));
    }

    private void assertThresholdsOfAThird() {
        assertThat(terminal.run("--share", "0.34", folder.toString()))
                .as(terminal.err())
                .isZero();
        double p = found("probabilityBelow");
        assertThat(p).isCloseTo(0.67, within(0.03));
        assertThat(found("marginBelow")).isCloseTo(2 * p - 1, within(1e-4));
        double entropy = -(p * Math.log(p) + (1 - p) * Math.log(1 - p)) / Math.log(2);
        assertThat(found("entropyAbove")).isCloseTo(entropy, within(1e-2));
        assertThat(terminal.out()).contains("AURC", "at random", "100 %", "34.0 %");
    }

    @Test
    void run_onLogsWithATeacher_printsTheThresholdsOfTheShare() {
        play(2_000, Label.TEACHER, Optional.empty());
        assertThresholdsOfAThird();
    }

    @Test
    void run_onLogsWithOutcomes_findsTheSame() {
        play(2_000, Label.OUTCOME, Optional.empty());
        assertThresholdsOfAThird();
    }

    /** What the bot does in doubt, while nobody answers, is what a threshold has to be fitted on. */
    @Test
    void run_onLogsOfALoopThatEscalates_countsWhatWasHeldInDoubt() {
        play(
                2_000,
                Label.OUTCOME,
                Optional.of(EscalationPolicy.builder().marginBelow(0.5).build()));
        assertThresholdsOfAThird();
    }

    @Test
    void run_withoutAWrongDecision_isRefused() {
        play(100, Label.ALL_CHOSEN, Optional.empty());
        assertThat(terminal.run(folder.toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("right in all of the 100 decisions", "rejected");
    }

    @Test
    void run_withoutAClosedDecision_isRefused() {
        play(100, Label.NONE, Optional.empty());
        assertThat(terminal.run(folder.toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("no decision", "teacher", "outcomes");
    }

    @Test
    void run_onTooFewDecisions_isRefusedWithTheirNumber() {
        play(20, Label.OUTCOME, Optional.empty());
        assertThat(terminal.run(folder.toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("hold 20 decisions", "50 are needed");
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
        assertThat(terminal.run("--share")).isEqualTo(2);
        assertThat(terminal.run("--share", "x", "log")).isEqualTo(2);
        assertThat(terminal.run("--share", "1", "log")).isEqualTo(2);
        assertThat(terminal.err()).contains("--share is 1.0");
        assertThat(terminal.run("--help")).isZero();
        assertThat(terminal.out()).contains("--share");
    }

    @Test
    void run_withACodex_recordsTheThresholdsWhenTheyChange() {
        play(2_000, Label.TEACHER, Optional.empty());
        Path codex = folder.resolve("codex/codex.jsonl");
        String[] recorded = {
            "--codex",
            codex.toString(),
            "--key",
            folder.resolve("key.pem").toString(),
            folder.resolve("run.jsonl").toString()
        };
        assertThat(terminal.run(recorded)).as(terminal.err()).isZero();
        assertThat(terminal.out()).contains("entry 1");
        assertThat(terminal.run(recorded)).isZero();
        assertThat(terminal.out()).contains("Nothing to record");
        assertThat(terminal.run(Stream.concat(Stream.of("--share", "0.5"), Stream.of(recorded))
                        .toArray(String[]::new)))
                .isZero();

        CodexReport report = Codex.verify(codex);
        assertThat(report.sound()).isTrue();
        assertThat(report.entries()).hasSize(2);
        Change first = report.entries().get(0).change();
        Change second = report.entries().get(1).change();
        assertThat(first.subject()).isEqualTo("thresholds for honest");
        assertThat(first.after()).matches("marginBelow\\(0.[0-9]+\\), entropyAbove\\(.+\\), probabilityBelow\\(.+\\)");
        assertThat(first.who()).startsWith("FitDoubt, run by ");
        assertThat(second.before()).isEqualTo(first.after()).isNotEqualTo(second.after());
        assertThat(second.why()).isEqualTo("any one of them hands over 50.0 %; fitted on 2000 decisions");
    }

    /** A bot that starts while logs are read needs the codex, and waits five seconds for it at most. */
    @Test
    void run_withACodex_keepsItFreeUntilTheThresholdsAreFound() {
        play(2_000, Label.TEACHER, Optional.empty());
        Path codex = folder.resolve("codex.jsonl");
        Path key = folder.resolve("key.pem");
        List<Object> found = new ArrayList<>();
        PrintStream out = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8) {
            @Override
            public void print(Object report) {
                Codex.open(codex, CodexKey.load(key)).close();
                found.add(report);
            }
        };
        String[] words = {"--codex", codex.toString(), "--key", key.toString(), folder.toString()};
        assertThat(new FitDoubt().run(words, out, out)).isZero();
        assertThat(found).hasSize(1);
        assertThat(Codex.verify(codex).entries()).hasSize(1);
    }

    @Test
    void run_withACodexThatCannotBeUsed_saysWhyAndExitsWithOne() throws Exception {
        Path codex = Files.writeString(folder.resolve("codex.txt"), "no codex\n");
        String key = folder.resolve("key.pem").toString();
        CodexKey.loadOrCreate(Path.of(key));
        assertThat(terminal.run("--codex", codex.toString(), "--key", key, "log"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains(codex.toString(), "line 1 is not sound");
        assertThat(codex).hasContent("no codex");
        assertThat(terminal.run("--codex", codex.toString(), "log")).isEqualTo(2);
        assertThat(terminal.err()).contains("--codex and --key go together");
        assertThat(terminal.run(
                        "--codex",
                        codex.toString(),
                        "--key",
                        folder.resolve("none.pem").toString(),
                        "log"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("none.pem", "there is no such key");
    }
}
