package dev.reflexloop.llm.nano;

import java.util.Arrays;

/**
 * The keys and values of one prompt's tokens, and what the model made of its end, kept until the next prompt of the same entity. One
 * thread at a time.
 *
 * <p>Keys lie transposed, one array per key number, and values one array per token: the two forms in which attention is a sum of
 * scaled arrays (see {@link PlainKernel}). It grows by doubling and never shrinks.
 */
final class KeyValueCache {
    private static final int FIRST_CAPACITY = 64;

    private final ModelShape shape;
    /** By layer, then key number over all heads, then token. */
    private final float[][][] keys;
    /** By layer, then head, then token, then number. */
    private final float[][][][] values;

    private int[] tokens = new int[0];
    private int length;
    private final EndState prompt;
    private final EndState target;

    /** The final state of the last token of a stretch, valid as long as the cache still begins with that stretch. */
    static final class EndState {
        final float[] state;
        private int length = -1;

        private EndState(int width) {
            state = new float[Kernel.padded(width)];
        }
    }

    KeyValueCache(ModelShape shape) {
        this.shape = shape;
        this.keys = new float[shape.layers()][shape.keyWidth()][];
        this.values = new float[shape.layers()][shape.keyHeads()][][];
        this.prompt = new EndState(shape.width());
        this.target = new EndState(shape.width());
    }

    int length() {
        return length;
    }

    float[][] keys(int layer) {
        return keys[layer];
    }

    float[][] values(int layer, int head) {
        return values[layer][head];
    }

    /** The end of the prompt. */
    EndState promptEnd() {
        return prompt;
    }

    /** The end of the prompt with the chosen action's label behind it. */
    EndState targetEnd() {
        return target;
    }

    /** How many tokens the cache and a prompt have in common, from the first one. */
    int commonPrefix(int[] other, int count) {
        int most = Math.min(length, count);
        int common = Arrays.mismatch(tokens, 0, most, other, 0, most);
        return common < 0 ? most : common;
    }

    /** Whether the end of the first {@code count} tokens is known; they are taken to be the caller's. */
    boolean knows(EndState end, int count) {
        return end.length == count && length >= count;
    }

    /** Forgets everything from a token on, and makes room for a prompt of so many tokens. */
    void prepare(int keep, int count) {
        length = Math.min(length, keep);
        forgetBehind(prompt);
        forgetBehind(target);
        if (count > tokens.length) {
            grow(Math.max(FIRST_CAPACITY, Math.max(count, Math.min(shape.context(), tokens.length * 2))));
        }
    }

    private void forgetBehind(EndState end) {
        if (end.length > length) {
            end.length = -1;
        }
    }

    /** Counts tokens whose keys and values are completely written. */
    void append(int[] source, int count) {
        System.arraycopy(source, length, tokens, length, count);
        length += count;
    }

    /** Marks an end state as that of all tokens that are there. */
    void ended(EndState end) {
        end.length = length;
    }

    private void grow(int capacity) {
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (int i = 0; i < shape.keyWidth(); i++) {
                keys[layer][i] = keys[layer][i] == null ? new float[capacity] : Arrays.copyOf(keys[layer][i], capacity);
            }
            for (int head = 0; head < shape.keyHeads(); head++) {
                float[][] old = values[layer][head] == null ? new float[0][] : values[layer][head];
                float[][] grown = Arrays.copyOf(old, capacity);
                for (int token = old.length; token < capacity; token++) {
                    grown[token] = new float[shape.headWidth()];
                }
                values[layer][head] = grown;
            }
        }
        tokens = Arrays.copyOf(tokens, capacity);
    }
}
