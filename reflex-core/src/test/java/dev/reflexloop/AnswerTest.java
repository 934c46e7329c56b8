package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private static final List<Action> LEGAL = List.of(Action.of("wait"), Action.of("fight"), Action.of("flee"));

    @Test
    void margin_ofADistribution_isTheDistanceOfTheTwoBest() {
        assertThat(Answer.of("m", Map.of("a", 0.2, "b", 0.7, "c", 0.1)).margin())
                .isCloseTo(0.5, within(1e-12));
        assertThat(Answer.certain("m", "a").margin()).isEqualTo(1);
        assertThat(Answer.of("m", Map.of()).margin()).isZero();
    }

    @Test
    void normalizedEntropy_isZeroForCertaintyAndOneForNoIdea() {
        assertThat(Answer.of("m", Map.of("a", 1.0, "b", 0.0)).normalizedEntropy())
                .isZero();
        assertThat(Answer.of("m", Map.of("a", 0.5, "b", 0.5)).normalizedEntropy())
                .isCloseTo(1, within(1e-12));
        assertThat(Answer.certain("m", "a").normalizedEntropy()).isZero();
    }

    @Test
    void measures_ofAnAnswerWithNulls_doNotThrow() {
        Map<String, Double> withNull = new HashMap<>();
        withNull.put("a", null);
        withNull.put(null, 0.25);
        Answer answer = Answer.of("m", withNull);
        assertThat(answer.margin()).isEqualTo(0.25);
        assertThat(answer.normalizedEntropy()).isPositive();
    }

    @Test
    void new_withANullPart_saysWhichAndWhatToUse() {
        assertThatThrownBy(() -> new Answer(
                        "m",
                        null,
                        Map.of(),
                        OptionalDouble.empty(),
                        Map.of(),
                        Map.of(),
                        Optional.empty(),
                        Timings.unknown()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("adapter")
                .hasMessageContaining("Optional.empty()");
        assertThatThrownBy(() -> Answer.of("m", null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("probabilities");
    }

    @Test
    void judge_ofSoundAnswers_takesTheMostProbableLegalAction() {
        assertThat(best(Map.of("wait", 0.1, "fight", 0.6, "flee", 0.3))).isEqualTo(1);
        assertThat(best(Map.of("wait", 0.5, "fight", 0.5)))
                .as("the first among equals")
                .isZero();
        assertThat(best(Map.of("flee", 0.6, "talk", 0.4)))
                .as("an illegal one beside it")
                .isEqualTo(2);
        assertThat(best(Map.of("wait", 0.34, "fight", 0.34, "flee", 0.33)))
                .as("rounded")
                .isZero();
    }

    @Test
    void judge_ofHostileAnswers_takesNone() {
        Map<String, Double> withNull = new HashMap<>();
        withNull.put("wait", 0.6);
        withNull.put("fight", null);
        assertThat(best(withNull)).isEqualTo(-1);
        assertThat(best(Map.of())).isEqualTo(-1);
        assertThat(best(Map.of("wait", 0.0))).isEqualTo(-1);
        assertThat(best(Map.of("wait", Double.NaN, "fight", 0.5))).isEqualTo(-1);
        assertThat(best(Map.of("wait", 0.5, "fight", -0.5))).isEqualTo(-1);
        assertThat(best(Map.of("wait", Double.POSITIVE_INFINITY))).isEqualTo(-1);
        assertThat(best(Map.of("wait", 0.7, "fight", 0.7))).as("sum").isEqualTo(-1);
        assertThat(best(Map.of("wait", 0.3, "talk", 0.7)))
                .as("favours an illegal action")
                .isEqualTo(-1);
        assertThat(best(Map.of("talk", Double.NaN, "wait", 0.7))).isEqualTo(-1);
    }

    @Test
    void isSoundFor_aQuestion_isWhatALoopWouldTake() {
        ActionSchema schema = ActionSchema.builder("s")
                .action("wait", "")
                .action("fight", "")
                .idle("wait")
                .build();
        Question question = Question.about(schema, Perception.builder("bot", 1).build());
        assertThat(Answer.of("m", Map.of("wait", 0.4, "fight", 0.6)).isSoundFor(question))
                .isTrue();
        assertThat(Answer.of("m", Map.of("wait", 0.4, "flee", 0.6)).isSoundFor(question))
                .isFalse();
        assertThat(Answer.of("m", Map.of()).isSoundFor(question)).isFalse();
    }

    @Test
    void judge_ofTargets_takesTheMostProbableOfferedOneOrTheFirst() {
        Action fight = LEGAL.get(1);
        List<Target> offered = List.of(Target.of("rat"), Target.of("wolf"));
        assertThat(target(Map.of("wolf", 0.7, "rat", 0.3), fight, offered)).isEqualTo("wolf");
        assertThat(target(Map.of("dragon", 0.9), fight, offered)).isEqualTo("rat");
        assertThat(target(Map.of("wolf", Double.NaN), fight, offered)).isEqualTo("rat");
        assertThat(AnswerJudge.target(Answer.certain("m", "fight"), fight, List.of()))
                .isEmpty();
    }

    private static int best(Map<String, Double> probabilities) {
        return AnswerJudge.best(Answer.of("m", probabilities), LEGAL);
    }

    private static String target(Map<String, Double> probabilities, Action action, List<Target> offered) {
        Answer answer = new Answer(
                "m",
                Optional.empty(),
                Map.of(action.name(), 1.0),
                OptionalDouble.empty(),
                Map.of(action.name(), probabilities),
                Map.of(),
                Optional.empty(),
                Timings.unknown());
        return AnswerJudge.target(answer, action, offered).orElseThrow().id();
    }
}
