package dev.reflexloop.llm.nano;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The arithmetic in the Vector API: tiles of four rows by two vectors of outputs stay in registers while all inputs go by.
 *
 * <p>A matrix is cut into panels of two vectors of outputs, in which the weights of one input lie side by side. Made by reflection, see
 * {@link Kernels}.
 */
final class VectorKernel implements Kernel {
    /** Not wider than the padding of activations, see {@link Kernel#padded(int)}. */
    private static final VectorSpecies<Float> SPECIES =
            FloatVector.SPECIES_PREFERRED.length() <= 16 ? FloatVector.SPECIES_PREFERRED : FloatVector.SPECIES_512;

    private static final int LANES = SPECIES.length();
    private static final int PANEL = 2 * LANES;

    /** Added and taken away again it rounds to whole numbers, which are then in the lowest bits. */
    private static final float ROUNDING = 12_582_912f;

    @Override
    public String name() {
        return "vector-" + SPECIES.vectorBitSize();
    }

    @Override
    public WeightMatrix matrix(int in, int out) {
        return new Panels(in, out);
    }

    @Override
    public float dot(float[] a, float[] b, int count) {
        FloatVector sum0 = FloatVector.zero(SPECIES);
        FloatVector sum1 = FloatVector.zero(SPECIES);
        int i = 0;
        for (int end = count - count % PANEL; i < end; i += PANEL) {
            sum0 = FloatVector.fromArray(SPECIES, a, i).fma(FloatVector.fromArray(SPECIES, b, i), sum0);
            sum1 = FloatVector.fromArray(SPECIES, a, i + LANES).fma(FloatVector.fromArray(SPECIES, b, i + LANES), sum1);
        }
        float sum = sum0.add(sum1).reduceLanes(VectorOperators.ADD);
        for (; i < count; i++) {
            sum += a[i] * b[i];
        }
        return sum;
    }

    @Override
    public float exponentials(float[] scores, int count, float max) {
        FloatVector sums = FloatVector.zero(SPECIES);
        int i = 0;
        for (int end = SPECIES.loopBound(count); i < end; i += LANES) {
            FloatVector values =
                    exponential(FloatVector.fromArray(SPECIES, scores, i).sub(max));
            values.intoArray(scores, i);
            sums = sums.add(values);
        }
        float sum = sums.reduceLanes(VectorOperators.ADD);
        for (; i < count; i++) {
            scores[i] = Exponential.of(scores[i] - max);
            sum += scores[i];
        }
        return sum;
    }

    @Override
    public void gate(float[] row, int count) {
        int i = 0;
        for (int end = SPECIES.loopBound(count); i < end; i += LANES) {
            FloatVector values = FloatVector.fromArray(SPECIES, row, i);
            FloatVector gated = values.div(exponential(values.neg()).add(1));
            gated.mul(FloatVector.fromArray(SPECIES, row, count + i)).intoArray(row, i);
        }
        for (; i < count; i++) {
            float value = row[i];
            row[i] = value / (1 + Exponential.of(-value)) * row[count + i];
        }
    }

    /** As {@link Exponential#of(float)}, but what is out of range is brought to its ends. */
    private static FloatVector exponential(FloatVector x) {
        FloatVector inside = x.max(Exponential.LEAST).min(Exponential.MOST);
        FloatVector shifted = inside.mul(Exponential.LOG2_E).add(ROUNDING);
        FloatVector power = shifted.sub(ROUNDING);
        FloatVector r = inside.sub(power.mul(Exponential.LN2_HIGH)).sub(power.mul(Exponential.LN2_LOW));
        FloatVector polynomial = r.mul(Exponential.C0)
                .add(Exponential.C1)
                .mul(r)
                .add(Exponential.C2)
                .mul(r)
                .add(Exponential.C3)
                .mul(r)
                .add(Exponential.C4)
                .mul(r)
                .add(Exponential.C5);
        FloatVector value = polynomial.mul(r).mul(r).add(r).add(1);
        return value.reinterpretAsInts()
                .add(shifted.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23))
                .reinterpretAsFloats();
    }

    private static final class Panels implements WeightMatrix {
        private final int in;
        private final float[][] panels;

        Panels(int in, int out) {
            this.in = in;
            this.panels = new float[(out + PANEL - 1) / PANEL][in * PANEL];
        }

        @Override
        public void put(int output, float[] inputs) {
            float[] panel = panels[output / PANEL];
            int column = output % PANEL;
            for (int i = 0; i < in; i++) {
                panel[i * PANEL + column] = inputs[i];
            }
        }

        @Override
        public boolean multiply(float[][] x, int rows, float[][] y, boolean add, Workspace work) {
            for (int panel = 0; panel < panels.length; panel++) {
                if (work.stopped()) {
                    return false;
                }
                int row = 0;
                for (; row + 3 < rows; row += 4) {
                    fourRows(x, row, panels[panel], in, y, panel * PANEL, add);
                }
                for (; row < rows; row++) {
                    oneRow(x[row], panels[panel], in, y[row], panel * PANEL, add);
                }
            }
            return true;
        }

        private static void fourRows(
                float[][] x, int row, float[] weights, int in, float[][] y, int offset, boolean add) {
            float[] x0 = x[row];
            float[] x1 = x[row + 1];
            float[] x2 = x[row + 2];
            float[] x3 = x[row + 3];
            FloatVector sum00 = start(y[row], offset, add);
            FloatVector sum01 = start(y[row], offset + LANES, add);
            FloatVector sum10 = start(y[row + 1], offset, add);
            FloatVector sum11 = start(y[row + 1], offset + LANES, add);
            FloatVector sum20 = start(y[row + 2], offset, add);
            FloatVector sum21 = start(y[row + 2], offset + LANES, add);
            FloatVector sum30 = start(y[row + 3], offset, add);
            FloatVector sum31 = start(y[row + 3], offset + LANES, add);
            for (int i = 0, at = 0; i < in; i++, at += PANEL) {
                FloatVector w0 = FloatVector.fromArray(SPECIES, weights, at);
                FloatVector w1 = FloatVector.fromArray(SPECIES, weights, at + LANES);
                FloatVector input = FloatVector.broadcast(SPECIES, x0[i]);
                sum00 = input.fma(w0, sum00);
                sum01 = input.fma(w1, sum01);
                input = FloatVector.broadcast(SPECIES, x1[i]);
                sum10 = input.fma(w0, sum10);
                sum11 = input.fma(w1, sum11);
                input = FloatVector.broadcast(SPECIES, x2[i]);
                sum20 = input.fma(w0, sum20);
                sum21 = input.fma(w1, sum21);
                input = FloatVector.broadcast(SPECIES, x3[i]);
                sum30 = input.fma(w0, sum30);
                sum31 = input.fma(w1, sum31);
            }
            sum00.intoArray(y[row], offset);
            sum01.intoArray(y[row], offset + LANES);
            sum10.intoArray(y[row + 1], offset);
            sum11.intoArray(y[row + 1], offset + LANES);
            sum20.intoArray(y[row + 2], offset);
            sum21.intoArray(y[row + 2], offset + LANES);
            sum30.intoArray(y[row + 3], offset);
            sum31.intoArray(y[row + 3], offset + LANES);
        }

        private static void oneRow(float[] x, float[] weights, int in, float[] y, int offset, boolean add) {
            FloatVector sum0 = start(y, offset, add);
            FloatVector sum1 = start(y, offset + LANES, add);
            for (int i = 0, at = 0; i < in; i++, at += PANEL) {
                FloatVector input = FloatVector.broadcast(SPECIES, x[i]);
                sum0 = input.fma(FloatVector.fromArray(SPECIES, weights, at), sum0);
                sum1 = input.fma(FloatVector.fromArray(SPECIES, weights, at + LANES), sum1);
            }
            sum0.intoArray(y, offset);
            sum1.intoArray(y, offset + LANES);
        }

        private static FloatVector start(float[] y, int offset, boolean add) {
            return add ? FloatVector.fromArray(SPECIES, y, offset) : FloatVector.zero(SPECIES);
        }
    }
}
