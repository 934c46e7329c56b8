package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.Answer;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.llm.calibration.Calibration;
import dev.reflexloop.llm.calibration.OptionCount;
import dev.reflexloop.testkit.ScriptedModel;
import java.util.Map;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class CalibratedModelTest {
    private static final Calibration CALM = new Calibration(Map.of(OptionCount.THREE_TO_FIVE, 2.0), Map.of());

    @Test
    void ask_soundAnswer_isCalibratedAndBearsTheDecoratorsId() {
        Answer answer = ask(question -> ScriptedModel.favouring(question, "flee"));
        double sum = Math.sqrt(0.9) + 2 * Math.sqrt(0.05);
        assertThat(answer.probabilities().get("flee")).isCloseTo(Math.sqrt(0.9) / sum, within(1e-9));
        assertThat(answer.model()).isEqualTo("calibrated(scripted)");
    }

    @Test
    void ask_answerThatAlsoSpeaksOfAnIllegalAction_isCalibratedOverTheLegalOnes() {
        Answer answer = ask(question -> Answer.of("m", Map.of("flee", 0.6, "fight", 0.2, "wait", 0.1, "fly", 0.1)));
        assertThat(answer.probabilities()).containsOnlyKeys("flee", "fight", "wait");
        assertThat(answer.isSoundFor(Questions.by("a"))).isTrue();
    }

    @Test
    void ask_unsoundAnswer_isPassedOnAsItIs() {
        Answer unsound = Answer.of("m", Map.of("flee", Double.NaN));
        assertThat(ask(question -> unsound)).isSameAs(unsound);
    }

    private static Answer ask(Function<Question, Answer> says) {
        try (CalibratedModel model = new CalibratedModel(ScriptedModel.answering(says), CALM)) {
            return model.ask(Questions.by("a"), Questions.within(1_000, ReflexClock.system()))
                    .join();
        }
    }
}
