package dev.reflexloop.llm.gguf;

/** 16-bit floats of IEEE 754; JDK 17 has no conversion of its own. */
final class Float16 {
    private static final float SUBNORMAL_UNIT = 0x1p-24f;

    private Float16() {}

    static float toFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = (bits >>> 10) & 0x1f;
        int mantissa = bits & 0x3ff;
        if (exponent == 0) {
            float magnitude = mantissa * SUBNORMAL_UNIT;
            return sign == 0 ? magnitude : -magnitude;
        }
        if (exponent == 0x1f) {
            return Float.intBitsToFloat(sign | 0x7f80_0000 | (mantissa << 13));
        }
        return Float.intBitsToFloat(sign | ((exponent + 112) << 23) | (mantissa << 13));
    }

    /** The nearest half, ties to even; what is too large becomes infinite. */
    static short of(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fffffff;
        if (magnitude > 0x7f800000) {
            return (short) (sign | 0x7e00);
        }
        if (magnitude >= 0x47800000) {
            return (short) (sign | 0x7c00);
        }
        if (magnitude < 0x38800000) {
            return (short) (sign | subnormal(magnitude));
        }
        int rebased = magnitude - 0x38000000;
        int rounded = rebased + 0xfff + ((rebased >>> 13) & 1);
        return (short) (sign | (rounded >>> 13));
    }

    private static int subnormal(int magnitude) {
        int exponent = magnitude >>> 23;
        int shift = 126 - exponent;
        if (shift > 24) {
            return 0;
        }
        int mantissa = (magnitude & 0x7fffff) | 0x800000;
        int kept = mantissa >>> shift;
        int cut = mantissa & ((1 << shift) - 1);
        int half = 1 << (shift - 1);
        return cut > half || (cut == half && (kept & 1) == 1) ? kept + 1 : kept;
    }
}
