package dev.reflexloop.llm;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Names for ranges of a number: a small model reads {@code near} better than {@code 143.7}. Immutable.
 *
 * <p>With edges {@code 150, 300} a number below 150 is in the first band, one from 150 to below 300 in the second, all others in
 * the third.
 *
 * @param edges where a band ends and the next one begins, ascending; 1 to {@value #MAX_EDGES} finite numbers
 * @param names the bands' names, one more than edges, all different
 */
public record Bands(List<Double> edges, List<String> names) {
    /** The most edges. */
    public static final int MAX_EDGES = 1_023;

    /** Checks and copies. */
    public Bands {
        edges = List.copyOf(edges);
        names = List.copyOf(names);
        if (edges.isEmpty() || edges.size() > MAX_EDGES) {
            throw new IllegalArgumentException("bands have " + edges.size() + " edges; give 1 to " + MAX_EDGES);
        }
        for (int i = 0; i < edges.size(); i++) {
            double edge = edges.get(i);
            if (!Double.isFinite(edge) || (i > 0 && edge <= edges.get(i - 1))) {
                throw new IllegalArgumentException("edge " + edge + " of bands " + edges
                        + " is out of order; give finite edges in ascending order");
            }
        }
        if (names.size() != edges.size() + 1 || names.stream().distinct().count() != names.size()) {
            throw new IllegalArgumentException("bands with " + edges.size() + " edges are named " + names + "; give "
                    + (edges.size() + 1) + " different names");
        }
    }

    /**
     * Bands that are named by their edges: {@code ..150}, {@code 150..300}, {@code 300..}.
     *
     * @param edges the edges, ascending
     * @return the bands
     */
    public static Bands at(double... edges) {
        return at(Arrays.stream(edges).boxed().toList());
    }

    /**
     * Bands that are named by their edges: {@code ..150}, {@code 150..300}, {@code 300..}.
     *
     * @param edges the edges, ascending
     * @return the bands
     */
    public static Bands at(List<Double> edges) {
        return new Bands(edges, namesOf(edges));
    }

    /**
     * The name of the band that a number is in. Minus zero counts as zero.
     *
     * @param value a number; NaN is in the last band
     * @return the band's name
     */
    public String of(double value) {
        return names.get(indexOf(value));
    }

    /**
     * The band that a number is in.
     *
     * @param value a number; NaN is in the last band
     * @return its index into {@link #names()}
     */
    public int indexOf(double value) {
        int low = 0;
        int high = edges.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (value < edges.get(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    boolean namedByEdges() {
        return names.equals(namesOf(edges));
    }

    private static List<String> namesOf(List<Double> edges) {
        List<String> names = new ArrayList<>(edges.size() + 1);
        String previous = "";
        for (double edge : edges) {
            if (!Double.isFinite(edge)) {
                throw new IllegalArgumentException(
                        "edge " + edge + " of bands " + edges + " is not finite; leave it out");
            }
            String text = edge == 0
                    ? "0"
                    : new BigDecimal(Double.toString(edge)).stripTrailingZeros().toPlainString();
            names.add(previous + ".." + text);
            previous = text;
        }
        names.add(previous + "..");
        return names;
    }
}
