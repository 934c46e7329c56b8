package dev.reflexloop.llm.nano;

/** A weight matrix in a kernel's own layout. Filled once, row by row, then immutable. */
interface WeightMatrix {

    /** Stores the weights of one output: one row of the file's matrix. */
    void put(int output, float[] inputs);

    /**
     * Multiplies rows of activations with the matrix.
     *
     * @param x the inputs
     * @param rows how many rows of them
     * @param y the outputs, rows of {@link Kernel#padded(int)} length; padding is undefined afterwards
     * @param add whether to add to what is there
     * @param work buffers of this thread
     * @return false if it was stopped, after at most some ten microseconds; the outputs are then undefined
     */
    boolean multiply(float[][] x, int rows, float[][] y, boolean add, Workspace work);
}
