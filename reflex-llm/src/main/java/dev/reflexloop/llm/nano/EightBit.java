package dev.reflexloop.llm.nano;

/**
 * Rounds activations to 8 bits as llama.cpp does before it multiplies them with Q8_0 weights: blocks of 32, each with a 16-bit float
 * scale. Without it a Q8_0 model would be more exact here than anywhere else, and its probabilities would differ from a server's by
 * more than the rounding of its weights.
 */
final class EightBit {
    private static final int BLOCK = 32;

    /** Added and taken away again it rounds to whole numbers, ties to even. */
    private static final float ROUNDING = 12_582_912f;

    private EightBit() {}

    /** Rounds a row in place. */
    static void round(float[] row, int count) {
        for (int block = 0; block < count; block += BLOCK) {
            float most = 0;
            for (int i = block; i < block + BLOCK; i++) {
                most = Math.max(most, Math.abs(row[i]));
            }
            float scale = most / 127;
            float inverse = most == 0 ? 0 : 127 / most;
            float rounded = toHalfAndBack(scale);
            for (int i = block; i < block + BLOCK; i++) {
                row[i] = (row[i] * inverse + ROUNDING - ROUNDING) * rounded;
            }
        }
    }

    /** To the nearest 16-bit float, ties to even; for zero and positive numbers, NaN and infinity included. */
    static float toHalfAndBack(float value) {
        if (value < 0x1p-14f) {
            float unit = 0x1p-1f; // adding 0.5 leaves bits down to 2^-24, the unit of subnormal 16-bit floats
            return value + unit - unit;
        }
        int bits = Float.floatToRawIntBits(value);
        int even = bits + 0xfff + ((bits >>> 13) & 1);
        float half = Float.intBitsToFloat(even & ~0x1fff);
        return half > 65_504 ? Float.POSITIVE_INFINITY : half;
    }
}
