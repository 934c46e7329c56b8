package dev.reflexloop.llm.calibration;

import dev.reflexloop.Doubt;
import java.util.List;

/**
 * A decision of which something is known: that one option was right, or that the option taken was wrong.
 *
 * @param session the run that it is from
 * @param labels the options' names
 * @param probabilities what the model said, as many, above zero
 * @param judged the option that is known to be right or wrong
 * @param right which of both
 * @param taught whether a teacher said so, who is asked about every option; otherwise it is known of the option taken only
 * @param doubt how sure the model was, as a loop's escalation policy measures it
 */
record LabelledDecision(
        String session,
        List<String> labels,
        List<Double> probabilities,
        int judged,
        boolean right,
        boolean taught,
        Doubt doubt) {

    /** The option whose confidence is compared with its success: the favourite if a teacher knows about it, else the one taken. */
    int predicted(double[] calibrated) {
        if (!taught) {
            return judged;
        }
        return favourite(calibrated);
    }

    private static int favourite(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private double[] said() {
        return probabilities.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** Whether it is known of the model's favourite whether it was right. */
    boolean judgesTheFavourite() {
        return taught || favourite(said()) == judged;
    }

    /** Whether the prediction was right as the model said it. */
    boolean saidRight() {
        return isRight(predicted(said()));
    }

    boolean isRight(int predicted) {
        return right == (predicted == judged);
    }
}
