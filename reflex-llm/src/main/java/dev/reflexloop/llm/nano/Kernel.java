package dev.reflexloop.llm.nano;

/**
 * The arithmetic that takes the time. Implementations are stateless and thread-safe; their results agree within rounding.
 *
 * <p>Activations are rows, one array each; arrays may be longer than what is used of them (see {@link #padded(int)}).
 */
interface Kernel {

    /** For messages and results. */
    String name();

    /**
     * Prepares an empty weight matrix in this kernel's own layout.
     *
     * @param in its inputs
     * @param out its outputs
     */
    WeightMatrix matrix(int in, int out);

    /** The sum of products of the first {@code count} numbers. */
    float dot(float[] a, float[] b, int count);

    /** Replaces scores by {@code exp(score - max)} and returns their sum. */
    float exponentials(float[] scores, int count, float max);

    /** Replaces the first half of a row by {@code silu(first half) * second half}; each half has {@code count} numbers. */
    void gate(float[] row, int count);

    /** The length of activation rows: a multiple of every vector's length. */
    static int padded(int count) {
        return (count + 63) & ~63;
    }

    /** Tells work in progress that nobody wants its result any more. */
    @FunctionalInterface
    interface Stop {
        boolean stopped();
    }
}
