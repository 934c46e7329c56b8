package dev.reflexloop.llm.gguf;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Turns numbers into the bytes of a tensor, block by block, as ggml's reference quantisation does. */
final class TensorEncoder {
    private static final int BLOCK = 32;
    private static final int FOUR_BIT_ZERO = 8;

    private TensorEncoder() {}

    /** Writes numbers that fill whole blocks. */
    static void encode(GgufWriter.TensorType type, float[] values, GgufOutput out) throws IOException {
        int step = type.type().blockSize();
        for (int first = 0; first < values.length; first += step) {
            ByteBuffer bytes = out.reserve(type.type().blockBytes());
            switch (type) {
                case F32 -> bytes.putFloat(values[first]);
                case F16 -> bytes.putShort(Float16.of(values[first]));
                case Q8_0 -> eightBit(values, first, bytes);
                case Q4_0 -> fourBit(values, first, bytes);
            }
        }
    }

    /** The scale is the largest magnitude / 127; values are rounded to the nearest, half away from zero. */
    private static void eightBit(float[] values, int first, ByteBuffer bytes) {
        float largest = 0;
        for (int i = first; i < first + BLOCK; i++) {
            largest = Math.max(largest, Math.abs(values[i]));
        }
        float scale = largest / 127f;
        float inverse = scale == 0f ? 0f : 1f / scale;
        bytes.putShort(Float16.of(scale));
        for (int i = first; i < first + BLOCK; i++) {
            float scaled = values[i] * inverse;
            bytes.put((byte) (scaled < 0 ? scaled - 0.5f : scaled + 0.5f));
        }
    }

    /**
     * The scale maps the value of the largest magnitude, with its sign, to -8; so the grid reaches from -8 to 7 and is stored from 0 to 15.
     * A byte holds an element of the first half of the block and, in its high bits, one of the second.
     */
    private static void fourBit(float[] values, int first, ByteBuffer bytes) {
        float magnitude = 0;
        float largest = 0;
        for (int i = first; i < first + BLOCK; i++) {
            float each = Math.abs(values[i]);
            if (each > magnitude) {
                magnitude = each;
                largest = values[i];
            }
        }
        float scale = largest / -FOUR_BIT_ZERO;
        float inverse = scale == 0f ? 0f : 1f / scale;
        bytes.putShort(Float16.of(scale));
        for (int i = first; i < first + BLOCK / 2; i++) {
            bytes.put((byte) (quantum(values[i] * inverse) | quantum(values[i + BLOCK / 2] * inverse) << 4));
        }
    }

    private static int quantum(float scaled) {
        return Math.min(15, (int) (scaled + (FOUR_BIT_ZERO + 0.5f)));
    }
}
