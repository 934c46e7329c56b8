package dev.reflexloop.llm.calibration;

import dev.reflexloop.Doubt;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Finds from trajectory logs from which doubt on a decision is better handed over: what each of the measures of {@link Doubt} tells about
 * the model's errors, and the threshold of each that hands over a chosen share.
 *
 * <p>Decisions count of which it is known whether the model's favourite was right: by the teacher's action on the step, or else by an outcome
 * labelled {@code chosen} or {@code rejected}. The thresholds are those of {@code EscalationPolicy.builder()}, for the model that is in the
 * logs; one that is calibrated later needs a fit of its own.
 */
public final class DoubtFit {
    /** The fewest decisions that are taken for enough. */
    public static final int FEWEST = 50;

    private DoubtFit() {}

    /**
     * Reads and fits. Blocks.
     *
     * @param logs logs, and folders whose {@code .jsonl} files at any depth are logs
     * @param model the id of the model whose decisions count; all when empty, which must then be of one model
     * @param share the share of the decisions to hand over, above 0 and below 1
     * @return what was found
     * @throws CalibrationException if the logs cannot be read or do not hold enough; the message says what they lack
     */
    public static DoubtReport run(List<Path> logs, Optional<String> model, double share) {
        if (!(share > 0 && share < 1)) {
            throw new IllegalArgumentException(
                    "the share to hand over is " + share + "; give more than 0 and less than 1");
        }
        LabelledDecisions read = LabelledDecisions.read(logs, model);
        read.checkOneModel();
        List<LabelledDecision> decisions = read.decisions().stream()
                .filter(LabelledDecision::judgesTheFavourite)
                .toList();
        check(decisions);
        List<DoubtReport.Measure> measures = new ArrayList<>();
        measures.add(measure("margin", decisions, Doubt::margin, share));
        measures.add(measure("entropy", decisions, doubt -> -doubt.entropy(), share));
        measures.add(measure("probability", decisions, Doubt::probability, share));
        return new DoubtReport(read.model(), decisions.size(), share, measures);
    }

    private static DoubtReport.Measure measure(
            String name, List<LabelledDecision> decisions, ToDoubleFunction<Doubt> confidence, double share) {
        double[] confidences = decisions.stream()
                .mapToDouble(each -> confidence.applyAsDouble(each.doubt()))
                .toArray();
        boolean[] right = new boolean[confidences.length];
        for (int i = 0; i < right.length; i++) {
            right[i] = decisions.get(i).saidRight();
        }
        RiskCoverage curve = RiskCoverage.of(confidences, right);
        return new DoubtReport.Measure(name, curve, curve.threshold(share));
    }

    private static void check(List<LabelledDecision> decisions) {
        if (decisions.isEmpty()) {
            throw new CalibrationException(
                    "logs",
                    "The logs hold no decision of which it is known whether the model was right; log steps with a teacher,"
                            + " or close them with outcomes labelled chosen and rejected",
                    null);
        }
        if (decisions.size() < FEWEST) {
            throw new CalibrationException(
                    "logs",
                    "The logs hold " + decisions.size()
                            + " decisions of which it is known whether the model was right, but " + FEWEST
                            + " are needed; log more of them",
                    null);
        }
        long right = decisions.stream().filter(LabelledDecision::saidRight).count();
        if (right == decisions.size() || right == 0) {
            throw new CalibrationException(
                    "logs",
                    "The model was " + (right == 0 ? "wrong" : "right") + " in all of the " + decisions.size()
                            + " decisions, so no measure can tell them apart; log harder situations, and both chosen and"
                            + " rejected outcomes",
                    null);
        }
    }
}
