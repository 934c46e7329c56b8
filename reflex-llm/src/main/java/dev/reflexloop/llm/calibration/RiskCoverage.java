package dev.reflexloop.llm.calibration;

import java.util.Arrays;
import java.util.Comparator;

/**
 * How often the kept decisions are wrong, by how many are kept, when those with the least confidence are handed over first (El-Yaniv and
 * Wiener 2010). Decisions of equal confidence count as if they came in random order. Immutable.
 */
public final class RiskCoverage {

    /**
     * A threshold for handing over.
     *
     * @param below decisions with a confidence below this are handed over
     * @param share the share of the decisions that it hands over, 0 to 1
     * @param errorOfKept the share of wrong ones among the others, 0 if none is left
     */
    public record Threshold(double below, double share, double errorOfKept) {}

    /** Ascending. */
    private final double[] confidences;
    /** How many of the first {@code k} in the order of falling confidence are wrong, on average over the orders of equal ones. */
    private final double[] wrong;

    private RiskCoverage(double[] confidences, double[] wrong) {
        this.confidences = confidences;
        this.wrong = wrong;
    }

    /**
     * Makes the curve.
     *
     * @param confidences how sure the model was of each decision, in any unit; at least one, none of them NaN
     * @param right whether it was right, as many
     * @return the curve
     */
    public static RiskCoverage of(double[] confidences, boolean[] right) {
        int count = confidences.length;
        if (count == 0 || right.length != count || Arrays.stream(confidences).anyMatch(Double::isNaN)) {
            throw new IllegalArgumentException("confidences are " + count + " and outcomes " + right.length
                    + "; give as many, at least one, and none of them NaN");
        }
        Integer[] falling = new Integer[count];
        Arrays.setAll(falling, i -> i);
        Arrays.sort(falling, Comparator.comparingDouble((Integer i) -> -confidences[i]));
        double[] wrong = new double[count + 1];
        int from = 0;
        while (from < count) {
            int to = from;
            int errors = 0;
            while (to < count && confidences[falling[to]] == confidences[falling[from]]) {
                errors += right[falling[to++]] ? 0 : 1;
            }
            for (int k = from; k < to; k++) {
                wrong[k + 1] = wrong[from] + errors * (k + 1.0 - from) / (to - from);
            }
            from = to;
        }
        double[] ascending = confidences.clone();
        Arrays.sort(ascending);
        return new RiskCoverage(ascending, wrong);
    }

    /**
     * The share of wrong decisions when nothing is handed over.
     *
     * @return 0 to 1
     */
    public double error() {
        return wrong[confidences.length] / confidences.length;
    }

    /**
     * The share of wrong ones among the kept decisions.
     *
     * @param coverage the share that is kept, above 0 to 1; at least one decision is
     * @return 0 to 1
     */
    public double errorAt(double coverage) {
        int kept = (int) Math.max(1, Math.min(confidences.length, Math.round(coverage * confidences.length)));
        return wrong[kept] / kept;
    }

    /**
     * The area under the curve (AURC): the mean of the error over all coverages. Handing over at random leaves it at {@link #error()}.
     *
     * @return 0 to 1, the lower the better
     */
    public double area() {
        double sum = 0;
        for (int kept = 1; kept < wrong.length; kept++) {
            sum += wrong[kept] / kept;
        }
        return sum / confidences.length;
    }

    /**
     * The threshold that hands over a share of the decisions as nearly as equal confidences allow: midway between two confidences that
     * occurred.
     *
     * @param share the share to hand over, 0 to 1
     * @return the threshold
     */
    public Threshold threshold(double share) {
        int count = confidences.length;
        int best = 0;
        for (int below = 1; below <= count; below++) {
            boolean splits = below == count || confidences[below] > confidences[below - 1];
            if (splits && Math.abs(below - share * count) < Math.abs(best - share * count)) {
                best = below;
            }
        }
        double edge = best == 0
                ? confidences[0]
                : best == count ? Math.nextUp(confidences[count - 1]) : (confidences[best - 1] + confidences[best]) / 2;
        int kept = count - best;
        return new Threshold(edge, (double) best / count, kept == 0 ? 0 : wrong[kept] / kept);
    }
}
