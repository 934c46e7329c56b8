package dev.reflexloop.llm.calibration;

import java.util.List;
import java.util.Locale;

/**
 * What the measures of doubt tell about a model's errors. Immutable; its text is for reading.
 *
 * @param model the id of the model that decided
 * @param decisions how many decisions it was found on
 * @param share the share of them that was to be handed over, 0 to 1
 * @param measures margin, entropy and probability, in this order
 */
public record DoubtReport(String model, int decisions, double share, List<Measure> measures) {

    /**
     * One measure.
     *
     * @param name margin, entropy or probability
     * @param curve how often the kept decisions are wrong; the confidence is the measure, negative for the entropy
     * @param threshold what hands over the share
     */
    public record Measure(String name, RiskCoverage curve, RiskCoverage.Threshold threshold) {

        /**
         * The threshold in the measure's own unit.
         *
         * @return for {@code marginBelow}, {@code entropyAbove} or {@code probabilityBelow} of an escalation policy
         */
        public double setting() {
            return name.equals("entropy") ? -threshold.below() : threshold.below();
        }

        /**
         * The threshold as it is set.
         *
         * @return a call of {@code EscalationPolicy.builder()}, for instance {@code marginBelow(0.120000)}
         */
        public String call() {
            String side = name.equals("entropy") ? "Above" : "Below";
            return String.format(Locale.ROOT, "%s%s(%.6f)", name, side, setting());
        }
    }

    /** Copies. */
    public DoubtReport {
        measures = List.copyOf(measures);
    }

    @Override
    public String toString() {
        double error = measures.get(0).curve().error();
        StringBuilder text = new StringBuilder(1_024);
        text.append(String.format(
                Locale.ROOT,
                "%d decisions, %.1f %% of them wrong. To hand over %.1f %%:%n%n",
                decisions,
                100 * error,
                100 * share));
        text.append(String.format(
                Locale.ROOT,
                "%-13s%8s   %-30s%12s%20s%n",
                "measure",
                "AURC",
                "threshold",
                "handed over",
                "wrong among kept"));
        for (Measure each : measures) {
            RiskCoverage.Threshold at = each.threshold();
            text.append(row(each.name(), each.curve().area(), each.call(), at.share(), at.errorOfKept()));
        }
        text.append(row("at random", error, "", share, error));
        text.append(String.format(Locale.ROOT, "%n%-13s", "kept"));
        measures.forEach(each -> text.append(String.format(Locale.ROOT, "%14s", each.name())));
        text.append(String.format(Locale.ROOT, "   (wrong among the kept)%n"));
        for (int tenths = 10; tenths >= 1; tenths--) {
            text.append(String.format(Locale.ROOT, "%5d %%      ", 10 * tenths));
            for (Measure each : measures) {
                text.append(String.format(
                        Locale.ROOT, "%12.1f %%", 100 * each.curve().errorAt(tenths / 10.0)));
            }
            text.append(System.lineSeparator());
        }
        return text.toString();
    }

    private static String row(String name, double area, String threshold, double handedOver, double wrong) {
        return String.format(
                Locale.ROOT,
                "%-13s%8.4f   %-30s%10.1f %%%18.1f %%%n",
                name,
                area,
                threshold,
                100 * handedOver,
                100 * wrong);
    }
}
