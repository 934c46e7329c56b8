package dev.reflexloop.llm.calibration;

import java.util.ArrayList;
import java.util.List;

/**
 * The expected calibration error: how far confidence and accuracy are apart, on average over bins of equal width (Naeini et al.,
 * "Obtaining well calibrated probabilities using Bayesian binning", AAAI 2015; Guo et al., ICML 2017).
 */
public final class CalibrationError {
    private CalibrationError() {}

    /**
     * One bin. Immutable.
     *
     * @param from the lowest confidence in it, exclusive (inclusive in the first)
     * @param to the highest, inclusive
     * @param count how many predictions fell into it
     * @param confidence their mean confidence; 0 without any
     * @param accuracy the share of them that was right; 0 without any
     */
    public record Bin(double from, double to, int count, double confidence, double accuracy) {}

    /**
     * Sorts predictions into bins.
     *
     * @param confidences 0 to 1, one for each prediction
     * @param right whether the prediction was right, as many
     * @param bins how many bins, 1 or more
     * @return the bins from low to high, empty ones included
     */
    public static List<Bin> bins(double[] confidences, boolean[] right, int bins) {
        if (confidences.length != right.length || bins < 1) {
            throw new IllegalArgumentException(confidences.length + " confidences, " + right.length + " outcomes and "
                    + bins + " bins do not fit; give as many of both, and at least one bin");
        }
        int[] counts = new int[bins];
        double[] sums = new double[bins];
        int[] hits = new int[bins];
        for (int i = 0; i < confidences.length; i++) {
            double confidence = confidences[i];
            if (!(confidence >= 0 && confidence <= 1)) {
                throw new IllegalArgumentException("confidence " + i + " is " + confidence + "; give 0 to 1");
            }
            int bin = Math.max(0, (int) Math.ceil(confidence * bins) - 1);
            counts[bin]++;
            sums[bin] += confidence;
            hits[bin] += right[i] ? 1 : 0;
        }
        List<Bin> result = new ArrayList<>(bins);
        for (int bin = 0; bin < bins; bin++) {
            int count = counts[bin];
            result.add(new Bin(
                    bin / (double) bins,
                    (bin + 1) / (double) bins,
                    count,
                    count == 0 ? 0 : sums[bin] / count,
                    count == 0 ? 0 : hits[bin] / (double) count));
        }
        return result;
    }

    /**
     * The error: the mean distance of accuracy and confidence over the bins, weighted by how many predictions are in each.
     *
     * @param confidences 0 to 1, one for each prediction, at least one
     * @param right whether the prediction was right, as many
     * @param bins how many bins, 1 or more; 10 to 20 are usual
     * @return 0 (calibrated) to 1
     */
    public static double expected(double[] confidences, boolean[] right, int bins) {
        if (confidences.length == 0) {
            throw new IllegalArgumentException("there are no predictions; give at least one");
        }
        double error = 0;
        for (Bin bin : bins(confidences, right, bins)) {
            error += bin.count() * Math.abs(bin.accuracy() - bin.confidence());
        }
        return error / confidences.length;
    }
}
