package dev.reflexloop.training;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NavigableSet;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeSet;

/*
 * Where to cut a number into bands. A band is one token, so what lies in one band is one thing to the model: an edge
 * that misses the threshold at which the right action changes costs accuracy that no training brings back. Hence three
 * sources, in this order: edges that the caller declares; cuts at which the label's entropy falls most (Fayyad and Irani
 * 1993, best first, with a bound on the bits gained instead of the full description length); and halving of the fullest
 * band, so that every part of the range has some resolution.
 *
 * Cuts are moved to the shortest decimal between the two neighbouring values, which finds a rule's "< 150" as 150 and
 * keeps the tokens' names short.
 */
/** A sample of one number's values with labels, from which band edges are chosen. One thread at a time. */
final class NumberBands {

    private static final int SAMPLE = 40_000;
    private static final double SLACK_BITS = 3;
    private static final double SLACK_SHARE = 0.004;

    private final SplittableRandom random = new SplittableRandom(7);
    private double[] values = new double[256];
    private short[] labels = new short[256];
    private long seen;
    private int kept;

    /** Adds a value and the index of the action that was right there; keeps a uniform sample. */
    void add(double value, int label) {
        seen++;
        if (kept < SAMPLE) {
            if (kept == values.length) {
                values = Arrays.copyOf(values, kept * 2);
                labels = Arrays.copyOf(labels, kept * 2);
            }
            values[kept] = value;
            labels[kept++] = (short) label;
            return;
        }
        long at = random.nextLong(seen);
        if (at < SAMPLE) {
            values[(int) at] = value;
            labels[(int) at] = (short) label;
        }
    }

    long seen() {
        return seen;
    }

    /** Whether one value only was seen. */
    boolean constant() {
        for (int i = 1; i < kept; i++) {
            if (values[i] != values[0]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Chooses edges.
     *
     * @param most how many edges at most; declared ones are all kept even when they are more
     * @param declared edges that must be among them
     * @return edges in rising order; a value belongs to the band that begins at the largest edge not above it
     */
    double[] edges(int most, double... declared) {
        TreeSet<Double> edges = new TreeSet<>();
        for (double edge : declared) {
            edges.add(edge);
        }
        Integer[] order = new Integer[kept];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, Comparator.comparingDouble(i -> values[i]));
        double[] sorted = new double[kept];
        int[] sortedLabels = new int[kept];
        int classes = 1;
        for (int i = 0; i < kept; i++) {
            sorted[i] = values[order[i]];
            sortedLabels[i] = labels[order[i]];
            classes = Math.max(classes, sortedLabels[i] + 1);
        }
        int byLabel = Math.max(0, Math.min(most - edges.size(), (most * 2 + 2) / 3));
        cutByLabel(sorted, sortedLabels, classes, byLabel, edges);
        halveFullest(sorted, most, edges);
        return edges.stream().mapToDouble(Double::doubleValue).toArray();
    }

    /** A stretch of the sorted sample and its best cut: {@code at} is the first index of the right part. */
    private record Cut(int from, int to, int at, double gain, double edge) {}

    private static void cutByLabel(double[] sorted, int[] labels, int classes, int most, NavigableSet<Double> edges) {
        PriorityQueue<Cut> cuts = new PriorityQueue<>(Comparator.comparingDouble(cut -> -cut.gain()));
        List<Integer> starts = new ArrayList<>(List.of(0));
        for (double edge : edges) {
            int at = firstNotBelow(sorted, edge);
            if (at > starts.get(starts.size() - 1) && at < sorted.length) {
                starts.add(at);
            }
        }
        for (int i = 0; i < starts.size(); i++) {
            int to = i + 1 < starts.size() ? starts.get(i + 1) : sorted.length;
            cuts.add(bestCut(sorted, labels, classes, starts.get(i), to));
        }
        double enough = classes + 2 * Math.log(Math.max(2, sorted.length)) / Math.log(2);
        for (int made = 0; made < most && !cuts.isEmpty(); made++) {
            Cut cut = cuts.remove();
            if (cut.gain() <= enough) {
                return;
            }
            edges.add(cut.edge());
            cuts.add(bestCut(sorted, labels, classes, cut.from(), cut.at()));
            cuts.add(bestCut(sorted, labels, classes, cut.at(), cut.to()));
        }
    }

    /**
     * The cut with the largest gain, moved to a shorter number nearby where that costs next to nothing: with other
     * reasons for the label mixed in, the best cut lies a few samples beside the threshold that the rule really has.
     */
    private static Cut bestCut(double[] sorted, int[] labels, int classes, int from, int to) {
        int[] right = new int[classes];
        int[] left = new int[classes];
        for (int i = from; i < to; i++) {
            right[labels[i]]++;
        }
        double whole = bits(right, to - from);
        double[] gains = new double[Math.max(0, to - from)];
        int best = from;
        for (int i = from + 1; i < to; i++) {
            left[labels[i - 1]]++;
            right[labels[i - 1]]--;
            if (sorted[i] == sorted[i - 1]) {
                continue;
            }
            gains[i - from] = whole - bits(left, i - from) - bits(right, to - i);
            if (gains[i - from] > gains[best - from]) {
                best = i;
            }
        }
        if (best == from) {
            return new Cut(from, to, from, 0, 0);
        }
        double gain = gains[best - from];
        double enough = gain - Math.max(SLACK_BITS, gain * SLACK_SHARE);
        int low = best;
        while (low - 1 > from && (gains[low - 1 - from] >= enough || sorted[low - 1] == sorted[low - 2])) {
            low--;
        }
        int high = best;
        while (high + 1 < to && (gains[high + 1 - from] >= enough || sorted[high + 1] == sorted[high])) {
            high++;
        }
        double edge = shortestBetween(sorted[low - 1], sorted[high]);
        int at = firstNotBelow(sorted, edge);
        return at > from && at < to ? new Cut(from, to, at, gain, edge) : new Cut(from, to, best, gain, sorted[best]);
    }

    /** Entropy of the counts times their sum, in bits. */
    private static double bits(int[] counts, int sum) {
        double bits = 0;
        for (int count : counts) {
            if (count > 0) {
                bits -= count * Math.log((double) count / sum);
            }
        }
        return bits / Math.log(2);
    }

    private static void halveFullest(double[] sorted, int most, NavigableSet<Double> edges) {
        while (edges.size() < most) {
            int from = 0;
            int widest = -1;
            int at = 0;
            for (double edge : new ArrayList<>(edges)) {
                int end = firstNotBelow(sorted, edge);
                int middle = middleCut(sorted, from, end);
                if (middle > 0 && end - from > widest) {
                    widest = end - from;
                    at = middle;
                }
                from = end;
            }
            int middle = middleCut(sorted, from, sorted.length);
            if (middle > 0 && sorted.length - from > widest) {
                at = middle;
            }
            if (at == 0) {
                return;
            }
            if (!edges.add(shortestNear(sorted, at))) {
                edges.add(shortestBetween(sorted[at - 1], sorted[at])); // the short number nearby is an edge already
            }
        }
    }

    /** The change of value nearest to the middle of a stretch, as the first index after it; 0 if there is none. */
    private static int middleCut(double[] sorted, int from, int to) {
        int middle = (from + to) / 2;
        for (int distance = 0; distance <= to - from; distance++) {
            for (int at : new int[] {middle - distance, middle + distance}) {
                if (at > from && at < to && sorted[at] != sorted[at - 1]) {
                    return at;
                }
            }
        }
        return 0;
    }

    /** A short number near a cut that nothing but resolution depends on: within a hundredth of the sample around it. */
    private static double shortestNear(double[] sorted, int at) {
        int slack = sorted.length / 100;
        double low = sorted[Math.max(0, at - 1 - slack)];
        double high = sorted[Math.min(sorted.length - 1, at + slack)];
        double near = shortestBetween(low, high);
        int cut = firstNotBelow(sorted, near);
        return cut > 0 && cut < sorted.length && Math.abs(cut - at) <= slack
                ? near
                : shortestBetween(sorted[at - 1], sorted[at]);
    }

    /** The number with the fewest decimal digits that is above {@code low} and not above {@code high}. */
    static double shortestBetween(double low, double high) {
        if (low < 0 && high >= 0) {
            return 0;
        }
        double magnitude = Math.max(Math.abs(low), Math.abs(high));
        int power = (int) Math.floor(Math.log10(magnitude)) + 1;
        for (int last = power - 17; power > last; power--) {
            double step = Math.pow(10, power);
            double candidate = new BigDecimal(Math.floor(high / step))
                    .scaleByPowerOfTen(power)
                    .doubleValue();
            if (candidate > low && candidate <= high) {
                return candidate;
            }
        }
        return high;
    }

    private static int firstNotBelow(double[] sorted, double edge) {
        int low = 0;
        int high = sorted.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted[middle] < edge) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }
}
