package dev.reflexloop.llm.nano;

/** Rotary position embedding of interleaved pairs (what llama.cpp calls "norm"), with all angles computed beforehand. Immutable. */
final class Rotation {
    private final int pairs;
    private final float[][] cosines;
    private final float[][] sines;

    /**
     * Computes the angles.
     *
     * @param rotated how many numbers of a head are rotated
     * @param base the base of the frequencies
     * @param factors by pair, what its frequency is divided by; empty for none
     * @param positions how many positions there are
     */
    Rotation(int rotated, double base, float[] factors, int positions) {
        this.pairs = rotated / 2;
        this.cosines = new float[positions][pairs];
        this.sines = new float[positions][pairs];
        for (int pair = 0; pair < pairs; pair++) {
            double frequency = Math.pow(base, -2.0 * pair / rotated) / (factors.length == 0 ? 1 : factors[pair]);
            for (int position = 0; position < positions; position++) {
                cosines[position][pair] = (float) Math.cos(position * frequency);
                sines[position][pair] = (float) Math.sin(position * frequency);
            }
        }
    }

    /** Rotates heads that lie one after the other. */
    void rotate(float[] row, int heads, int headWidth, int position) {
        float[] cosine = cosines[position];
        float[] sine = sines[position];
        for (int head = 0; head < heads; head++) {
            int offset = head * headWidth;
            for (int pair = 0; pair < pairs; pair++) {
                float a = row[offset + 2 * pair];
                float b = row[offset + 2 * pair + 1];
                row[offset + 2 * pair] = a * cosine[pair] - b * sine[pair];
                row[offset + 2 * pair + 1] = a * sine[pair] + b * cosine[pair];
            }
        }
    }
}
