package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Run twice by the build: in a plain JVM, and in one that has the Vector API, where {@link Kernels#best()} is another one. */
final class KernelTest {
    private static final ModelShape SHAPE = new ModelShape(1, 600, 700, 5, 5, 120, 120, 64, 1e-5f, 10_000, 300);

    static List<Kernel> kernels() {
        return List.of(new PlainKernel(), Kernels.best());
    }

    @Test
    void best_jvmWithVectorModule_isTheVectorKernel() {
        boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();

        assertThat(Kernels.best().name().startsWith("vector-")).isEqualTo(present);
    }

    private static float[] random(Random random, int count) {
        float[] values = new float[Kernel.padded(count)];
        for (int i = 0; i < count; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void multiply_anyShape_isTheSumOfProducts(Kernel kernel) {
        Random random = new Random(1);
        Workspace work = new Workspace(SHAPE);
        for (int[] shape :
                new int[][] {{1, 1, 1}, {5, 3, 2}, {64, 257, 7}, {130, 700, 64}, {33, 31, 3}, {600, 256, 20}}) {
            int in = shape[0];
            int out = shape[1];
            int rows = shape[2];
            WeightMatrix matrix = kernel.matrix(in, out);
            float[][] weights = new float[out][];
            for (int o = 0; o < out; o++) {
                weights[o] = random(random, in);
                matrix.put(o, weights[o]);
            }
            for (boolean add : new boolean[] {false, true}) {
                float[][] x = new float[rows][];
                float[][] y = new float[rows][];
                float[][] before = new float[rows][];
                for (int row = 0; row < rows; row++) {
                    x[row] = random(random, in);
                    y[row] = random(random, out);
                    before[row] = y[row].clone();
                }
                assertThat(matrix.multiply(x, rows, y, add, work)).isTrue();
                for (int row = 0; row < rows; row++) {
                    for (int o = 0; o < out; o++) {
                        double sum = add ? before[row][o] : 0;
                        for (int i = 0; i < in; i++) {
                            sum += (double) x[row][i] * weights[o][i];
                        }
                        assertThat((double) y[row][o]).isCloseTo(sum, offset(1e-4));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void multiply_stopped_looksOftenAndReturnsFalse(Kernel kernel) {
        Workspace work = new Workspace(SHAPE);
        WeightMatrix matrix = kernel.matrix(576, 3072);
        float[][] x = new float[Workspace.ROWS][576];
        float[][] y = new float[Workspace.ROWS][3072];
        AtomicInteger looks = new AtomicInteger();
        work.stopWhen(() -> looks.incrementAndGet() > 5);

        assertThat(matrix.multiply(x, Workspace.ROWS, y, false, work)).isFalse();
        assertThat(looks).hasValue(6);
        work.stopWhen(() -> looks.incrementAndGet() < 0);
        assertThat(matrix.multiply(x, Workspace.ROWS, y, false, work)).isTrue();
        assertThat(looks).hasValueGreaterThan(60);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void dotAndExponentials_anyLength_areRight(Kernel kernel) {
        Random random = new Random(2);
        for (int count = 1; count < 150; count++) {
            float[] a = random(random, count);
            float[] b = random(random, count);
            double product = 0;
            for (int i = 0; i < count; i++) {
                product += (double) a[i] * b[i];
            }
            assertThat((double) kernel.dot(a, b, count)).isCloseTo(product, offset(1e-5));

            float[] scores = a.clone();
            double sum = 0;
            for (int i = 0; i < count; i++) {
                scores[i] *= 60;
                sum += Math.exp(scores[i] - 30.0);
            }
            float[] raised = scores.clone();
            assertThat((double) kernel.exponentials(raised, count, 30)).isCloseTo(sum, withinPercentage(1e-3));
            for (int i = 0; i < count; i++) {
                assertThat((double) raised[i]).isCloseTo(Math.exp(scores[i] - 30.0), withinPercentage(1e-3));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void gate_anyLength_isSiluTimesUp(Kernel kernel) {
        Random random = new Random(3);
        for (int count = 1; count < 100; count++) {
            float[] row = random(random, 2 * count);
            for (int i = 0; i < count; i++) {
                row[i] *= 300;
            }
            float[] gated = row.clone();
            kernel.gate(gated, count);
            for (int i = 0; i < count; i++) {
                double expected = row[i] / (1 + Math.exp(-(double) row[i])) * row[count + i];
                assertThat((double) gated[i]).isCloseTo(expected, offset(1e-4));
            }
        }
    }

    @Test
    void exponential_wholeRange_isWithinRounding() {
        Random random = new Random(4);
        for (int i = 0; i < 200_000; i++) {
            float x = random.nextFloat() * 174 - 87;
            assertThat((double) Exponential.of(x)).isCloseTo(Math.exp(x), withinPercentage(3e-5));
        }
        assertThat(Exponential.of(-1_000)).isZero();
        assertThat(Exponential.of(Float.NEGATIVE_INFINITY)).isZero();
        assertThat(Exponential.of(1_000)).isInfinite();
        assertThat(Exponential.of(Float.NaN)).isNaN();
        assertThat(Exponential.of(0)).isEqualTo(1);
    }
}
