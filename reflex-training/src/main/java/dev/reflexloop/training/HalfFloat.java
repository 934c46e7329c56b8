package dev.reflexloop.training;

/** IEEE 754 half precision; JDK 17 has no conversion of its own. */
final class HalfFloat {

    private HalfFloat() {}

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

    /** The value of a half as a float, exact. */
    static float toFloat(short half) {
        int exponent = (half >>> 10) & 0x1f;
        int mantissa = half & 0x3ff;
        float magnitude;
        if (exponent == 0) {
            magnitude = mantissa * 0x1p-24f;
        } else if (exponent == 0x1f) {
            magnitude = mantissa == 0 ? Float.POSITIVE_INFINITY : Float.NaN;
        } else {
            magnitude = Float.intBitsToFloat(((exponent + 112) << 23) | (mantissa << 13));
        }
        return half < 0 ? -magnitude : magnitude;
    }
}
