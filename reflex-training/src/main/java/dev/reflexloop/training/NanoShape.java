package dev.reflexloop.training;

import java.util.Objects;

/**
 * The size of a nano model: a decoder of the llama architecture. Immutable.
 *
 * @param layers number of blocks, 1 to 32
 * @param width length of a hidden state (embedding length), 32 to 1024, a multiple of 32 and of {@code heads}
 * @param heads attention heads, at least 1; {@code width / heads} is even
 * @param kvHeads key and value heads, a divisor of {@code heads}; fewer than {@code heads} means grouped-query attention
 * @param feedForward inner length of the SwiGLU block, 32 to 4096, a multiple of 32
 * @param contextLength longest prompt in tokens that the file promises, 16 to 8192
 * @param tiedHead whether the output head shares the embedding matrix
 */
public record NanoShape(
        int layers, int width, int heads, int kvHeads, int feedForward, int contextLength, boolean tiedHead) {

    /** Base of the rotary position encoding, as llama uses it. */
    static final float ROPE_BASE = 10_000f;

    /** Added to the mean square before its root is taken in RMSNorm. */
    static final float NORM_EPSILON = 1e-5f;

    /**
     * Checks the numbers against each other.
     *
     * @throws IllegalArgumentException if one is out of its range or does not divide another as it must
     */
    public NanoShape {
        between("layers", layers, 1, 32);
        between("width", width, 32, 1024);
        between("heads", heads, 1, width);
        between("kvHeads", kvHeads, 1, heads);
        between("feedForward", feedForward, 32, 4096);
        between("contextLength", contextLength, 16, 8192);
        if (width % 32 != 0) {
            throw new IllegalArgumentException("width must be a multiple of 32, was " + width);
        }
        if (feedForward % 32 != 0) {
            throw new IllegalArgumentException("feedForward must be a multiple of 32, was " + feedForward);
        }
        if (width % heads != 0 || (width / heads) % 2 != 0) {
            throw new IllegalArgumentException(
                    "width / heads must be a whole even number, was " + width + " / " + heads);
        }
        if (heads % kvHeads != 0) {
            throw new IllegalArgumentException("kvHeads must divide heads, was " + kvHeads + " for " + heads);
        }
    }

    /**
     * The size that suits a tactical reflex of about ten actions and twenty facts: 2 layers, width 128, 4 heads,
     * feed-forward 256, context 512, an output head of its own; about half a million parameters with 500 tokens. Twice
     * the layers learn half as many examples in the same time and decide half as fast.
     *
     * @return the default shape
     */
    public static NanoShape standard() {
        return new NanoShape(2, 128, 4, 4, 256, 512, false);
    }

    /**
     * Same shape with another number of layers.
     *
     * @param value number of blocks, 1 to 32
     * @return the changed shape
     */
    public NanoShape withLayers(int value) {
        return new NanoShape(value, width, heads, kvHeads, feedForward, contextLength, tiedHead);
    }

    /**
     * Same shape with another width.
     *
     * @param value length of a hidden state, a multiple of 32 and of the number of heads
     * @return the changed shape
     */
    public NanoShape withWidth(int value) {
        return new NanoShape(layers, value, heads, kvHeads, feedForward, contextLength, tiedHead);
    }

    /**
     * Same shape with other numbers of heads.
     *
     * @param all attention heads
     * @param keyValue key and value heads, a divisor of {@code all}
     * @return the changed shape
     */
    public NanoShape withHeads(int all, int keyValue) {
        return new NanoShape(layers, width, all, keyValue, feedForward, contextLength, tiedHead);
    }

    /**
     * Same shape with another inner length of the SwiGLU block.
     *
     * @param value inner length, a multiple of 32
     * @return the changed shape
     */
    public NanoShape withFeedForward(int value) {
        return new NanoShape(layers, width, heads, kvHeads, value, contextLength, tiedHead);
    }

    int headSize() {
        return width / heads;
    }

    /** Rows of the query matrix, which equal the width. */
    int queryRows() {
        return width;
    }

    /** Rows of the key matrix and of the value matrix. */
    int keyRows() {
        return kvHeads * headSize();
    }

    /** The same number in every JVM for equal shapes, unlike a record's own hash code. */
    int stableHash() {
        return Objects.hash(layers, width, heads, kvHeads, feedForward, tiedHead);
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " must be between " + least + " and " + most + ", was " + value);
        }
    }
}
