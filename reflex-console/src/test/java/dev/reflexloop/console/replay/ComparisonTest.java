package dev.reflexloop.console.replay;

import static dev.reflexloop.console.decisions.LogSamples.step;
import static dev.reflexloop.console.decisions.LogSamples.tick;
import static dev.reflexloop.console.decisions.LogSamples.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.KnownDecision;
import dev.reflexloop.console.decisions.LogSamples;
import dev.reflexloop.console.decisions.LoggedDecision;
import dev.reflexloop.testkit.ScriptedModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ComparisonTest {
    @TempDir
    Path folder;

    private Path log;

    @BeforeEach
    void play() {
        log = write(folder.resolve("play.jsonl"), to -> {
            to.step(step("s", 1, "bot", Served.MODEL, 0.75));
            to.step(step("s", 2, "bot", Served.MODEL, 0.5));
            to.step(step("s", 3, "bot", Served.MODEL, 0.25));
            to.step(step("s", 4, "bot", Served.FALLBACK, 0.5));
        });
    }

    private static Comparison compared(ReflexModel model, Path log) throws InterruptedException {
        DecisionArchive archive = DecisionArchive.open(List.of(log));
        Comparison comparison = new Comparison(model, Duration.ofMillis(50));
        for (KnownDecision known : archive.known()) {
            LoggedDecision decision = archive.find(known.id()).orElseThrow();
            comparison.ask(decision, archive.header(decision.step().session()));
        }
        return comparison;
    }

    @Test
    void ask_ofAnotherModel_countsWhereAndHowFarItDiffers() throws InterruptedException {
        ScriptedModel model =
                ScriptedModel.answering((Question question) -> Answer.of("other", Map.of("fight", 0.75, "wait", 0.25)));
        Comparison comparison = compared(model, log);
        assertThat(comparison.compared()).isEqualTo(4);
        assertThat(comparison.confusion()).isEqualTo(Map.of("fight", Map.of("fight", 3L), "wait", Map.of("fight", 1L)));
        assertThat(comparison.toJson().path("differing").asLong()).isEqualTo(1);
        assertThat(comparison.toJson().path("share").asDouble()).isEqualTo(0.25);
        assertThat(comparison.toJson().path("totalVariation").path("mean").asDouble())
                .as("of three steps; the fallback's has no distribution")
                .isCloseTo((0 + 0.25 + 0.5) / 3, within(1e-9));
        assertThat(comparison.toJson().path("totalVariation").path("most").asDouble())
                .isCloseTo(0.5, within(1e-9));
    }

    @Test
    void ask_ofAnotherModel_isTheSameQuestionAsThen() throws InterruptedException {
        ScriptedModel model = ScriptedModel.answering("wait");
        compared(model, log);
        Question question = model.questions().get(0);
        assertThat(question.schema().name()).isEqualTo("samples");
        assertThat(question.legal()).containsExactlyElementsOf(LogSamples.SCHEMA.actions());
        assertThat(question.goal().text()).isEqualTo("survive");
        assertThat(question.perception())
                .isEqualTo(step("s", 1, "bot", Served.MODEL, 0.75).decision().perception());
    }

    @Test
    void ask_ofTicks_offersTheSeverities() throws InterruptedException {
        Path ticks = LogSamples.append(folder.resolve("ticks.jsonl"), tick(1, 0.75, "") + tick(2, -1, ""));
        ScriptedModel model = ScriptedModel.answering("critical");
        Comparison comparison = compared(model, ticks);
        assertThat(model.questions().get(0).legal())
                .extracting(Action::name)
                .containsExactly("ok", "warning", "critical");
        assertThat(comparison.confusion())
                .isEqualTo(Map.of("critical", Map.of("critical", 1L), "warning", Map.of("critical", 1L)));
    }

    @Test
    void ask_ofAModelThatAnswersBadlyOrNever_countsThat() throws InterruptedException {
        Comparison bad = compared(
                ScriptedModel.answering((Question question) -> Answer.of("bad", Map.of("fight", Double.NaN))), log);
        assertThat(bad.unanswered()).isEqualTo(4);
        assertThat(bad.firstProblem()).contains("its answer is unusable");
        Comparison never = compared(ScriptedModel.waiting(), write(folder.resolve("one.jsonl"), to -> {
            to.step(step("t", 1, "bot", Served.MODEL, 0.75));
        }));
        assertThat(never.unanswered()).isEqualTo(1);
        assertThat(never.compared()).isZero();
        assertThat(never.firstProblem().orElseThrow()).contains("took longer");
    }

    @Test
    void always_whereItIsIllegal_hasNoAnswer() throws InterruptedException {
        Comparison comparison = compared(OtherModel.open("always:dance", Map.of()), log);
        assertThat(comparison.unanswered()).isEqualTo(4);
        assertThat(comparison.firstProblem())
                .isEqualTo(Optional.of("Model 'always:dance' is unavailable: 'dance' is not legal here"));
    }
}
