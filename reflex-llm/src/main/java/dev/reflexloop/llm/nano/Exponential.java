package dev.reflexloop.llm.nano;

/**
 * The exponential function in single precision: 2^n times a polynomial (Cephes' {@code expf}), relative error about 1e-7, several times
 * faster than {@link Math#exp(double)}.
 */
final class Exponential {
    static final float LOG2_E = 1.442695f;
    static final float LN2_HIGH = 0.6933594f;
    static final float LN2_LOW = -2.1219444e-4f;
    static final float C0 = 1.9875691e-4f;
    static final float C1 = 0.0013981999f;
    static final float C2 = 0.008333452f;
    static final float C3 = 0.041665796f;
    static final float C4 = 0.16666666f;
    static final float C5 = 0.5f;

    /** Below it the result is zero instead of subnormal; above the other one it is infinite. */
    static final float LEAST = -87.3f;

    static final float MOST = 88.0f;

    private Exponential() {}

    static float of(float x) {
        if (x < LEAST) {
            return 0;
        }
        if (!(x <= MOST)) {
            return x + Float.POSITIVE_INFINITY;
        }
        float scaled = x * LOG2_E;
        int power = (int) (scaled + (scaled < 0 ? -0.5f : 0.5f));
        float r = x - power * LN2_HIGH - power * LN2_LOW;
        float polynomial = ((((C0 * r + C1) * r + C2) * r + C3) * r + C4) * r + C5;
        float value = polynomial * r * r + r + 1;
        return value * Float.intBitsToFloat((power + 127) << 23);
    }
}
