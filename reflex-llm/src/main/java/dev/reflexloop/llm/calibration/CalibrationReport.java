package dev.reflexloop.llm.calibration;

import java.util.List;
import java.util.Locale;

/**
 * What a fit found, measured on decisions that it did not see. Immutable.
 *
 * @param calibration what was fitted
 * @param fitted how many decisions it was fitted on
 * @param heldOut how many it was measured on
 * @param sessions how many runs the decisions are from
 * @param wholeSessions whether whole runs were held out; false where the logs hold too few, and the last part of each was held out
 * @param lossBefore the mean negative log likelihood of the held-out decisions without it, in nats
 * @param lossAfter the same with it
 * @param errorBefore the expected calibration error of the held-out decisions without it, 0 to 1
 * @param errorAfter the same with it
 * @param before the bins behind {@code errorBefore}
 * @param after the bins behind {@code errorAfter}
 */
public record CalibrationReport(
        Calibration calibration,
        int fitted,
        int heldOut,
        int sessions,
        boolean wholeSessions,
        double lossBefore,
        double lossAfter,
        double errorBefore,
        double errorAfter,
        List<CalibrationError.Bin> before,
        List<CalibrationError.Bin> after) {

    /** Copies. */
    public CalibrationReport {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }

    /**
     * Whether the calibration is worth using.
     *
     * @return true if the held-out decisions became more likely
     */
    public boolean improves() {
        return lossAfter < lossBefore;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(1_024);
        text.append(String.format(
                Locale.ROOT,
                "Fitted on %d decisions, measured on %d others (%d runs; %s).%n",
                fitted,
                heldOut,
                sessions,
                wholeSessions ? "whole runs held out" : "the last part of each run held out"));
        text.append(String.format(Locale.ROOT, "negative log likelihood     %8.4f -> %8.4f%n", lossBefore, lossAfter));
        text.append(
                String.format(Locale.ROOT, "expected calibration error  %8.4f -> %8.4f%n", errorBefore, errorAfter));
        calibration
                .temperatures()
                .forEach((options, temperature) -> text.append(
                        String.format(Locale.ROOT, "temperature, %-4s options   %8.3f%n", options.key(), temperature)));
        text.append(String.format(
                Locale.ROOT, "%n%-15s%28s%28s%n", "confidence", "before: n, mean, right", "after: n, mean, right"));
        for (int i = 0; i < before.size(); i++) {
            CalibrationError.Bin old = before.get(i);
            text.append(String.format(Locale.ROOT, "%.2f - %.2f    ", old.from(), old.to()));
            bin(text, old);
            bin(text, after.get(i));
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static void bin(StringBuilder text, CalibrationError.Bin bin) {
        text.append(
                bin.count() == 0
                        ? String.format(Locale.ROOT, "%28s", "0       -       -")
                        : String.format(
                                Locale.ROOT, "%12d  %.3f   %.3f", bin.count(), bin.confidence(), bin.accuracy()));
    }
}
