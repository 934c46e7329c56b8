package dev.reflexloop.llm.nano;

/** The buffers of one thread, allocated once, so that an evaluation allocates nothing. One thread at a time. */
final class Workspace {
    /** The most tokens that are evaluated together. */
    static final int ROWS = 64;

    final float[][] residual;
    final float[][] normed;
    final float[][] query;
    final float[][] keyValue;
    final float[][] attended;
    final float[][] gates;
    final float[][] tile = new float[ROWS][];
    final float[] head;
    final float[] logits;
    float[] scores = new float[0];
    private Kernel.Stop stop = () -> false;
    private int evaluated;

    Workspace(ModelShape shape) {
        residual = rows(shape.width());
        normed = rows(shape.width());
        query = rows(shape.queryWidth());
        keyValue = rows(2 * shape.keyWidth());
        attended = rows(shape.queryWidth());
        gates = rows(2 * shape.hidden());
        head = new float[shape.headWidth()];
        logits = new float[shape.vocabulary()];
        for (int i = 0; i < ROWS; i++) {
            tile[i] = new float[PlainKernel.TILE];
        }
    }

    private static float[][] rows(int width) {
        float[][] rows = new float[ROWS][];
        for (int i = 0; i < ROWS; i++) {
            rows[i] = new float[Kernel.padded(width)];
        }
        return rows;
    }

    /** Says who may stop the work that follows. */
    void stopWhen(Kernel.Stop condition) {
        this.stop = condition;
    }

    boolean stopped() {
        return stop.stopped();
    }

    void countFromZero() {
        evaluated = 0;
    }

    void count(int tokens) {
        evaluated += tokens;
    }

    /** Tokens evaluated since the count began. */
    int evaluated() {
        return evaluated;
    }

    /** Room for the attention scores of one head over so many tokens. */
    float[] scores(int tokens) {
        if (scores.length < tokens) {
            scores = new float[Kernel.padded(Math.max(256, tokens * 2))];
        }
        return scores;
    }
}
