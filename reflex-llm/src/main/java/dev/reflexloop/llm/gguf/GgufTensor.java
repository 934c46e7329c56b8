package dev.reflexloop.llm.gguf;

/**
 * An entry of a GGUF file's tensor directory. Immutable.
 *
 * @param name the tensor's name, for instance {@code blk.0.attn_q.weight}
 * @param type how its numbers are stored
 * @param columns the first dimension, along which a row lies in the file: the inputs of a weight matrix
 * @param rows the product of the other dimensions: the outputs of a weight matrix; 1 for a vector
 * @param dimensions how many dimensions there are, 1 to 4
 * @param position where its bytes begin in the file
 * @param byteSize how many bytes it takes
 */
public record GgufTensor(
        String name, GgufType type, long columns, long rows, int dimensions, long position, long byteSize) {

    /**
     * How many numbers it holds.
     *
     * @return columns times rows
     */
    public long elements() {
        return columns * rows;
    }

    /**
     * The shape, for messages.
     *
     * @return for instance {@code 128x512}, columns first as in GGUF
     */
    public String shape() {
        return columns + "x" + rows;
    }
}
