package dev.reflexloop.llm.nano;

import java.util.Arrays;

/**
 * Plain loops in a form that the JIT compiler turns into vector instructions.
 *
 * <p>Two things matter to HotSpot's C2 (seen on JDK 17). It vectorises {@code y += a * x} but no sum over a dot product. And it does so
 * only where every array is indexed by the loop variable alone: {@code w[offset + j]} stays scalar and is six times slower. So a
 * matrix is not one array but one small array per input, cut into tiles of outputs that stay in the first-level cache, and so are
 * activations. Four inputs are taken at a time; with eight C2 gives up.
 */
final class PlainKernel implements Kernel {
    /** Outputs in a tile. */
    static final int TILE = 256;

    /** Inputs between two looks at whether to stop: at most 64 rows x 256 outputs x 32 inputs, some tens of microseconds. */
    private static final int INPUTS_PER_LOOK = 32;

    @Override
    public String name() {
        return "plain";
    }

    @Override
    public WeightMatrix matrix(int in, int out) {
        return new Tiles(in, out);
    }

    @Override
    public float dot(float[] a, float[] b, int count) {
        float sum0 = 0;
        float sum1 = 0;
        float sum2 = 0;
        float sum3 = 0;
        int i = 0;
        for (; i + 3 < count; i += 4) {
            sum0 += a[i] * b[i];
            sum1 += a[i + 1] * b[i + 1];
            sum2 += a[i + 2] * b[i + 2];
            sum3 += a[i + 3] * b[i + 3];
        }
        for (; i < count; i++) {
            sum0 += a[i] * b[i];
        }
        return (sum0 + sum1) + (sum2 + sum3);
    }

    @Override
    public float exponentials(float[] scores, int count, float max) {
        float sum = 0;
        for (int i = 0; i < count; i++) {
            float value = Exponential.of(scores[i] - max);
            scores[i] = value;
            sum += value;
        }
        return sum;
    }

    @Override
    public void gate(float[] row, int count) {
        for (int i = 0; i < count; i++) {
            float value = row[i];
            row[i] = value / (1 + Exponential.of(-value)) * row[count + i];
        }
    }

    /** {@code y += a * w0 + b * w1 + c * w2 + d * w3}: the one loop that everything is made of. */
    static void addProducts(
            float[] y, int count, float[] w0, float[] w1, float[] w2, float[] w3, float a, float b, float c, float d) {
        for (int j = 0; j < count; j++) {
            y[j] += a * w0[j] + b * w1[j] + c * w2[j] + d * w3[j];
        }
    }

    /** {@code y += a * w}. */
    static void addProduct(float[] y, int count, float[] w, float a) {
        for (int j = 0; j < count; j++) {
            y[j] += a * w[j];
        }
    }

    private static final class Tiles implements WeightMatrix {
        private final int in;
        private final int out;
        private final float[][][] tiles;

        Tiles(int in, int out) {
            this.in = in;
            this.out = out;
            this.tiles = new float[(out + TILE - 1) / TILE][in][];
            for (int tile = 0; tile < tiles.length; tile++) {
                int width = Math.min(TILE, out - tile * TILE);
                for (int i = 0; i < in; i++) {
                    tiles[tile][i] = new float[width];
                }
            }
        }

        @Override
        public void put(int output, float[] inputs) {
            float[][] tile = tiles[output / TILE];
            int column = output % TILE;
            for (int i = 0; i < in; i++) {
                tile[i][column] = inputs[i];
            }
        }

        @Override
        public boolean multiply(float[][] x, int rows, float[][] y, boolean add, Workspace work) {
            for (int tile = 0; tile < tiles.length; tile++) {
                int from = tile * TILE;
                int width = Math.min(TILE, out - from);
                float[][] sums = work.tile;
                for (int row = 0; row < rows; row++) {
                    if (add) {
                        System.arraycopy(y[row], from, sums[row], 0, width);
                    } else {
                        Arrays.fill(sums[row], 0, width, 0);
                    }
                }
                for (int i = 0; i < in; i += INPUTS_PER_LOOK) {
                    if (work.stopped()) {
                        return false;
                    }
                    multiply(x, rows, tiles[tile], i, Math.min(in, i + INPUTS_PER_LOOK), sums, width);
                }
                for (int row = 0; row < rows; row++) {
                    System.arraycopy(sums[row], 0, y[row], from, width);
                }
            }
            return true;
        }

        private static void multiply(
                float[][] x, int rows, float[][] weights, int first, int end, float[][] sums, int width) {
            int i = first;
            for (; i + 3 < end; i += 4) {
                float[] w0 = weights[i];
                float[] w1 = weights[i + 1];
                float[] w2 = weights[i + 2];
                float[] w3 = weights[i + 3];
                for (int row = 0; row < rows; row++) {
                    float[] inputs = x[row];
                    addProducts(
                            sums[row], width, w0, w1, w2, w3, inputs[i], inputs[i + 1], inputs[i + 2], inputs[i + 3]);
                }
            }
            for (; i < end; i++) {
                for (int row = 0; row < rows; row++) {
                    addProduct(sums[row], width, weights[i], x[row][i]);
                }
            }
        }
    }
}
