package dev.reflexloop.llm.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CalibrationErrorTest {

    @Test
    void expected_ofPredictionsByHand_isTheWeightedDistance() {
        // two bins of five: (0.1, 0.3; one of two right), (0.8, 0.9, 1.0; two of three right)
        double[] confidences = {0.1, 0.3, 0.8, 0.9, 1.0};
        boolean[] right = {true, false, true, true, false};
        double byHand = 2 / 5.0 * Math.abs(0.5 - 0.2) + 3 / 5.0 * Math.abs(2 / 3.0 - 0.9);
        assertThat(CalibrationError.expected(confidences, right, 2)).isCloseTo(byHand, within(1e-12));
    }

    @Test
    void expected_ofCertainPredictionsThatAreWrong_isOne() {
        assertThat(CalibrationError.expected(new double[] {1, 1}, new boolean[] {false, false}, 10))
                .isEqualTo(1);
        assertThat(CalibrationError.expected(new double[] {1, 1}, new boolean[] {true, true}, 10))
                .isZero();
    }

    @Test
    void expected_ofCalibratedPredictions_goesToZeroWithTheirNumber() {
        Random random = new Random(1);
        int n = 200_000;
        double[] confidences = new double[n];
        boolean[] right = new boolean[n];
        for (int i = 0; i < n; i++) {
            confidences[i] = random.nextDouble();
            right[i] = random.nextDouble() < confidences[i];
        }
        assertThat(CalibrationError.expected(confidences, right, 15)).isLessThan(0.01);
    }

    @Test
    void bins_ofConfidencesOnTheirEdges_areRightClosed() {
        List<CalibrationError.Bin> bins =
                CalibrationError.bins(new double[] {0, 0.5, 1}, new boolean[] {false, true, true}, 2);
        assertThat(bins)
                .containsExactly(
                        new CalibrationError.Bin(0, 0.5, 2, 0.25, 0.5), new CalibrationError.Bin(0.5, 1, 1, 1, 1));
    }

    @Test
    void expected_ofNonsense_isRefused() {
        assertThatThrownBy(() -> CalibrationError.expected(new double[0], new boolean[0], 10))
                .hasMessageContaining("at least one");
        assertThatThrownBy(() -> CalibrationError.expected(new double[] {0.5}, new boolean[0], 10))
                .hasMessageContaining("do not fit");
        assertThatThrownBy(() -> CalibrationError.expected(new double[] {Double.NaN}, new boolean[1], 10))
                .hasMessageContaining("NaN");
    }
}
