package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DoubtTest {
    private static final List<Action> LEGAL = List.of(Action.of("a"), Action.of("b"), Action.of("c"), Action.of("d"));

    @Test
    void of_aDistribution_isItsMeasuresOverTheLegalActions() {
        Doubt doubt = Doubt.of(Answer.of("m", Map.of("a", 0.5, "b", 0.25, "c", 0.25)), LEGAL);
        assertThat(doubt.margin()).isEqualTo(0.25);
        assertThat(doubt.probability()).isEqualTo(0.5);
        assertThat(doubt.entropy()).as("1.5 bits of 2").isCloseTo(0.75, within(1e-12));
        assertThat(doubt.legalMass()).isEmpty();
    }

    @Test
    void of_theExtremes_isZeroAndOne() {
        Doubt certain = Doubt.of(Answer.certain("m", "b"), LEGAL);
        assertThat(certain.margin()).isOne();
        assertThat(certain.entropy()).isZero();
        Doubt none = Doubt.of(Answer.of("m", Map.of("a", 0.25, "b", 0.25, "c", 0.25, "d", 0.25)), LEGAL);
        assertThat(none.margin()).isZero();
        assertThat(none.entropy()).isCloseTo(1, within(1e-12));
        assertThat(Doubt.of(Answer.certain("m", "a"), LEGAL.subList(0, 1)).entropy())
                .isZero();
    }

    @Test
    void of_aHostileAnswer_countsNeitherIllegalActionsNorWhatIsNoNumber() {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        probabilities.put("dance", 0.9);
        probabilities.put("a", Double.NaN);
        probabilities.put("b", null);
        probabilities.put("c", -1.0);
        probabilities.put("d", 0.1);
        Doubt doubt = Doubt.of(Answer.of("m", probabilities), LEGAL);
        assertThat(doubt.probability()).isEqualTo(0.1);
        assertThat(doubt.margin()).isEqualTo(0.1);
        assertThat(doubt.entropy()).isBetween(0.0, 1.0);
    }
}
