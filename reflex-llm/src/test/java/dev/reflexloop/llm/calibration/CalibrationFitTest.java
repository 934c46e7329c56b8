package dev.reflexloop.llm.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.Answer;
import dev.reflexloop.Doubt;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Fits to decisions whose truth is known, because it was drawn. */
class CalibrationFitTest {
    private static final List<String> LABELS = List.of("wait", "fight", "flee", "talk");
    private static final Doubt UNMEASURED = Doubt.of(Answer.of("m", Map.of()), List.of());

    /** Truth: softmax of random logits. Said: the same with the logits stretched and a bonus for the first label. */
    private static List<LabelledDecision> drawn(int count, double stretch, double bonus, boolean taught) {
        Random random = new Random(7);
        List<LabelledDecision> decisions = new ArrayList<>();
        for (int n = 0; n < count; n++) {
            double[] truth = new double[LABELS.size()];
            double[] said = new double[LABELS.size()];
            for (int i = 0; i < truth.length; i++) {
                truth[i] = random.nextGaussian();
                said[i] = stretch * (truth[i] + (i == 0 ? bonus : 0));
            }
            softmax(truth);
            softmax(said);
            int right = draw(truth, random);
            int taken = best(said);
            decisions.add(new LabelledDecision(
                    "run" + n % 10,
                    LABELS,
                    Arrays.stream(said).map(p -> Math.max(p, 1e-6)).boxed().toList(),
                    taught ? right : taken,
                    taught || right == taken,
                    taught,
                    UNMEASURED));
        }
        return decisions;
    }

    private static int best(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static void softmax(double[] logits) {
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            logits[i] = Math.exp(logits[i]);
            sum += logits[i];
        }
        for (int i = 0; i < logits.length; i++) {
            logits[i] /= sum;
        }
    }

    private static int draw(double[] probabilities, Random random) {
        double left = random.nextDouble();
        for (int i = 0; i < probabilities.length; i++) {
            left -= probabilities[i];
            if (left < 0) {
                return i;
            }
        }
        return probabilities.length - 1;
    }

    private static CalibrationReport fit(List<LabelledDecision> decisions) {
        return CalibrationFit.builder(List.of()).build().fit(decisions);
    }

    @Test
    void fit_ofAnOverconfidentModel_findsItsTemperatureAndPrior() {
        CalibrationReport report = fit(drawn(10_000, 2.5, 0.8, true));
        assertThat(report.calibration().temperatures().get(OptionCount.THREE_TO_FIVE))
                .isCloseTo(2.5, within(0.25));
        double wait = report.calibration().priors().get("wait");
        double fight = report.calibration().priors().get("fight");
        assertThat(Math.log(wait / fight)).isCloseTo(0.8, within(0.15));
        assertThat(report.errorBefore()).isGreaterThan(0.2);
        assertThat(report.errorAfter()).isLessThan(0.03);
        assertThat(report.lossAfter()).isLessThan(report.lossBefore());
        assertThat(report.improves()).isTrue();
        assertThat(report.wholeSessions()).isTrue();
        assertThat(report.heldOut()).isBetween(2_000, 3_000);
        assertThat(report.fitted() + report.heldOut()).isEqualTo(10_000);
        assertThat(report.toString()).contains("expected calibration error").contains("3_5 ");
    }

    @Test
    void fit_ofOutcomesOnly_alsoFindsTheTemperature() {
        CalibrationReport report = fit(drawn(10_000, 2.5, 0, false));
        assertThat(report.calibration().temperatures().get(OptionCount.THREE_TO_FIVE))
                .isCloseTo(2.5, within(0.4));
        assertThat(report.errorAfter()).isLessThan(0.04);
    }

    @Test
    void fit_ofACalibratedModel_changesLittle() {
        CalibrationReport report = fit(drawn(10_000, 1, 0, true));
        assertThat(report.calibration().temperatures().get(OptionCount.THREE_TO_FIVE))
                .isCloseTo(1, within(0.1));
        assertThat(report.errorAfter()).isLessThan(0.03);
    }

    @Test
    void fit_ofATimidModel_findsATemperatureBelowOne() {
        assertThat(fit(drawn(10_000, 0.4, 0, true)).calibration().temperatures().get(OptionCount.THREE_TO_FIVE))
                .isCloseTo(0.4, within(0.06));
    }

    @Test
    void fit_withoutPriors_hasTemperaturesOnly() {
        CalibrationReport report =
                CalibrationFit.builder(List.of()).priors(false).build().fit(drawn(2_000, 2.5, 0.8, true));
        assertThat(report.calibration().priors()).isEmpty();
        assertThat(report.calibration().temperatures()).containsOnlyKeys(OptionCount.THREE_TO_FIVE);
    }

    @Test
    void fit_ofOneLongRun_holdsOutItsLastPart() {
        List<LabelledDecision> one = drawn(1_000, 2, 0, true).stream()
                .map(each -> new LabelledDecision(
                        "run", each.labels(), each.probabilities(), each.judged(), each.right(), true, UNMEASURED))
                .toList();
        CalibrationReport report = fit(one);
        assertThat(report.wholeSessions()).isFalse();
        assertThat(report.heldOut()).isEqualTo(200);
    }

    @Test
    void loss_slope_isThatOfFiniteDifferences() {
        List<LabelledDecision> mixed = new ArrayList<>(drawn(60, 2, 0.3, true));
        mixed.addAll(drawn(60, 2, 0.3, false));
        CalibrationLoss loss = new CalibrationLoss(mixed, true);
        Random random = new Random(3);
        double[] at = new double[loss.parameters()];
        for (int i = 0; i < at.length; i++) {
            at[i] = i < 4 ? 0.5 + random.nextDouble() : random.nextGaussian();
        }
        double[] slope = new double[at.length];
        loss.loss(at, slope);
        for (int i = 0; i < at.length; i++) {
            double before = at[i];
            at[i] = before + 1e-5;
            double above = loss.loss(at, new double[at.length]);
            at[i] = before - 1e-5;
            double below = loss.loss(at, new double[at.length]);
            at[i] = before;
            assertThat(slope[i]).as("parameter " + i).isCloseTo((above - below) / 2e-5, within(1e-6));
        }
    }
}
