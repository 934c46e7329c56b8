package dev.reflexloop.llm.calibration;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The mean negative log likelihood of labelled decisions as a function of the inverse temperatures a (one for each group of option counts)
 * and the log priors b (one for each label), and its minimum. The logit of option i is {@code a * log p_i - b_i}; with known right answers
 * the loss is convex in both. A rejected option costs {@code -log(1 - q)}. One thread at a time.
 *
 * <p>Parameters lie in one array: first the groups', then the labels'. The descent takes steps of the length of Barzilai and Borwein (IMA
 * Journal of Numerical Analysis 8, 1988), halved until the loss falls.
 */
final class CalibrationLoss {
    private static final int FEWEST_OF_A_GROUP = 50;
    private static final int STEPS = 300;
    private static final double ENOUGH = 1e-10;
    private static final double LEAST_UNLIKELY = 1e-9;
    private static final double LOWEST = 0.05;
    private static final double HIGHEST = 20;

    private final List<LabelledDecision> decisions;
    private final boolean priors;
    private final OptionCount[] groups = OptionCount.values();
    private final Map<String, Integer> labels = new TreeMap<>();
    private final int[][] labelOf;
    private final double[][] logs;
    private final boolean[] free;

    CalibrationLoss(List<LabelledDecision> decisions, boolean priors) {
        this.decisions = decisions;
        this.priors = priors;
        this.labelOf = new int[decisions.size()][];
        this.logs = new double[decisions.size()][];
        int[] sizes = new int[groups.length];
        for (int n = 0; n < labelOf.length; n++) {
            LabelledDecision each = decisions.get(n);
            sizes[group(each)]++;
            labelOf[n] = each.labels().stream()
                    .mapToInt(label -> labels.computeIfAbsent(label, name -> labels.size()))
                    .toArray();
            logs[n] = each.probabilities().stream().mapToDouble(Math::log).toArray();
        }
        this.free = new boolean[groups.length + labels.size()];
        for (int i = 0; i < free.length; i++) {
            free[i] = i < groups.length ? sizes[i] >= FEWEST_OF_A_GROUP : priors;
        }
    }

    private static int group(LabelledDecision decision) {
        return OptionCount.of(decision.labels().size()).ordinal();
    }

    Calibration minimise() {
        double[] at = new double[free.length];
        Arrays.fill(at, 0, groups.length, 1);
        double[] slope = new double[free.length];
        double loss = loss(at, slope);
        double length = 1;
        for (int step = 0; step < STEPS; step++) {
            double[] next = new double[free.length];
            double[] nextSlope = new double[free.length];
            double nextLoss = Double.POSITIVE_INFINITY;
            while (length > LEAST_UNLIKELY && nextLoss >= loss) {
                move(at, slope, length, next);
                nextLoss = loss(next, nextSlope);
                length /= 2;
            }
            if (!(nextLoss < loss)) {
                break;
            }
            length = barzilaiBorwein(at, slope, next, nextSlope);
            boolean enough = loss - nextLoss < ENOUGH * Math.abs(loss);
            at = next;
            slope = nextSlope;
            loss = nextLoss;
            if (enough) {
                break;
            }
        }
        return calibration(at);
    }

    private void move(double[] from, double[] slope, double length, double[] to) {
        for (int i = 0; i < from.length; i++) {
            double moved = free[i] ? from[i] - length * slope[i] : from[i];
            to[i] = i < groups.length ? Math.max(LOWEST, Math.min(HIGHEST, moved)) : moved;
        }
    }

    private static double barzilaiBorwein(double[] from, double[] slope, double[] to, double[] nextSlope) {
        double distance = 0;
        double bend = 0;
        for (int i = 0; i < from.length; i++) {
            double moved = to[i] - from[i];
            distance += moved * moved;
            bend += moved * (nextSlope[i] - slope[i]);
        }
        return bend > 0 ? Math.min(1_000, distance / bend) : 1;
    }

    /** The loss at a point, and its slope there. Visible for the test that compares both. */
    double loss(double[] at, double[] slope) {
        Arrays.fill(slope, 0);
        double loss = 0;
        for (int n = 0; n < logs.length; n++) {
            loss += one(n, at, slope);
        }
        // a normal prior of variance one on each log prior, as one more observation
        for (int i = groups.length; i < at.length; i++) {
            loss += at[i] * at[i] / 2;
            slope[i] += at[i];
        }
        for (int i = 0; i < slope.length; i++) {
            slope[i] = free[i] ? slope[i] / logs.length : 0;
        }
        return loss / logs.length;
    }

    private double one(int n, double[] at, double[] slope) {
        LabelledDecision decision = decisions.get(n);
        int group = group(decision);
        double[] q = softmax(n, at, at[group]);
        double judged = q[decision.judged()];
        double weight = decision.right() ? -1 : judged / Math.max(LEAST_UNLIKELY, 1 - judged);
        for (int i = 0; i < q.length; i++) {
            double slopeOfLogit = weight * ((i == decision.judged() ? 1 : 0) - q[i]);
            slope[group] += slopeOfLogit * logs[n][i];
            slope[groups.length + labelOf[n][i]] -= slopeOfLogit;
        }
        return -Math.log(Math.max(LEAST_UNLIKELY, decision.right() ? judged : 1 - judged));
    }

    private double[] softmax(int n, double[] at, double inverseTemperature) {
        double[] q = new double[logs[n].length];
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < q.length; i++) {
            q[i] = inverseTemperature * logs[n][i] - at[groups.length + labelOf[n][i]];
            highest = Math.max(highest, q[i]);
        }
        double sum = 0;
        for (int i = 0; i < q.length; i++) {
            q[i] = Math.exp(q[i] - highest);
            sum += q[i];
        }
        for (int i = 0; i < q.length; i++) {
            q[i] /= sum;
        }
        return q;
    }

    /** How many parameters there are. */
    int parameters() {
        return free.length;
    }

    private Calibration calibration(double[] at) {
        Map<OptionCount, Double> temperatures = new EnumMap<>(OptionCount.class);
        for (OptionCount group : groups) {
            if (free[group.ordinal()]) {
                temperatures.put(group, 1 / at[group.ordinal()]);
            }
        }
        Map<String, Double> byLabel = new HashMap<>();
        if (priors) {
            labels.forEach((label, index) -> byLabel.put(label, Math.exp(at[groups.length + index])));
        }
        return new Calibration(temperatures, byLabel);
    }
}
