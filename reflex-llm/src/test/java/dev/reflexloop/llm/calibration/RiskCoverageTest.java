package dev.reflexloop.llm.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RiskCoverageTest {
    private static final double TINY = 1e-12;

    /** By hand: 0.9 right, 0.8 one of two wrong, 0.6 wrong. */
    private final RiskCoverage byHand =
            RiskCoverage.of(new double[] {0.8, 0.6, 0.9, 0.8}, new boolean[] {false, false, true, true});

    @Test
    void errorAt_ofEachCoverage_isAsComputedByHand() {
        assertThat(byHand.errorAt(0.25)).isZero();
        assertThat(byHand.errorAt(0.5)).as("half an error in two").isCloseTo(0.25, within(TINY));
        assertThat(byHand.errorAt(0.75)).isCloseTo(1 / 3.0, within(TINY));
        assertThat(byHand.errorAt(1)).isEqualTo(byHand.error()).isCloseTo(0.5, within(TINY));
        assertThat(byHand.errorAt(0.01)).as("one is always kept").isZero();
    }

    @Test
    void area_isTheMeanOverTheCoverages() {
        assertThat(byHand.area()).isCloseTo((0 + 0.25 + 1 / 3.0 + 0.5) / 4, within(TINY));
    }

    @Test
    void threshold_fallsBetweenConfidencesAndNotAmongEqualOnes() {
        RiskCoverage.Threshold quarter = byHand.threshold(0.25);
        assertThat(quarter.below()).isCloseTo(0.7, within(TINY));
        assertThat(quarter.share()).isEqualTo(0.25);
        assertThat(quarter.errorOfKept()).isCloseTo(1 / 3.0, within(TINY));
        assertThat(byHand.threshold(0.6).share())
                .as("the two equal ones go together")
                .isEqualTo(0.75);
        assertThat(byHand.threshold(0).share()).isZero();
        assertThat(byHand.threshold(1)).isEqualTo(new RiskCoverage.Threshold(Math.nextUp(0.9), 1, 0));
    }

    @Test
    void of_confidencesThatSayNothing_hasTheErrorAsItsArea() {
        RiskCoverage curve = RiskCoverage.of(
                new double[10], new boolean[] {true, true, false, true, true, false, true, true, true, true});
        assertThat(curve.area()).isCloseTo(0.2, within(TINY));
        assertThat(curve.errorAt(0.3)).isCloseTo(0.2, within(TINY));
    }

    /** Confidence p is uniform from 0.5 to 1 and right with probability p: the share c that is kept errs c/4 of the time. */
    @Test
    void of_aDrawnSetOfKnownLaw_findsIt() {
        int count = 100_000;
        Random random = new Random(5);
        double[] confidences = new double[count];
        boolean[] right = new boolean[count];
        for (int i = 0; i < count; i++) {
            confidences[i] = 0.5 + random.nextDouble() / 2;
            right[i] = random.nextDouble() < confidences[i];
        }
        RiskCoverage curve = RiskCoverage.of(confidences, right);
        for (double coverage = 0.1; coverage <= 1; coverage += 0.1) {
            assertThat(curve.errorAt(coverage)).isCloseTo(coverage / 4, within(0.005));
        }
        assertThat(curve.area()).isCloseTo(0.125, within(0.005));
        RiskCoverage.Threshold threshold = curve.threshold(0.34);
        assertThat(threshold.below()).isCloseTo(0.67, within(0.005));
        assertThat(threshold.share()).isCloseTo(0.34, within(0.001));
        assertThat(threshold.errorOfKept()).isCloseTo(0.165, within(0.005));
    }

    @Test
    void of_whatIsNoCurve_isRefused() {
        assertThatThrownBy(() -> RiskCoverage.of(new double[0], new boolean[0]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RiskCoverage.of(new double[2], new boolean[1]))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> RiskCoverage.of(new double[] {Double.NaN}, new boolean[1]))
                .hasMessageContaining("NaN");
    }
}
