package dev.reflexloop.llm.nano;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.GgufFixture;
import dev.reflexloop.llm.gguf.GgufFile;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * How often the engine looks whether to stop. Measured in processor time between two looks, which other work on the machine does not
 * change; a few looks are left out of account, in which the JIT compiler replaced the code.
 */
final class CancellationTest {
    private static final long MILLISECOND = 1_000_000;
    private static final int TOKENS = 200;

    @TempDir
    Path folder;

    /** Layers as wide as those of a model with 135 million parameters. */
    @Test
    void evaluate_wideLayers_looksMoreOftenThanOnceAMillisecond() {
        GgufFixture.Shape shape = new GgufFixture.Shape(2, 576, 1536, 9, 3, 512, true);
        Path path = GgufFixture.model(shape, List.of(), GgufFixture.Type.F32, 1).write(folder.resolve("wide.gguf"));
        for (Kernel kernel : List.of(new PlainKernel(), Kernels.best())) {
            Transformer transformer = transformer(path, kernel);
            Gaps gaps = new Gaps();
            evaluate(transformer, gaps, 12);
            gaps.restart();
            evaluate(transformer, gaps, 6);

            assertThat(gaps.looks()).isGreaterThan(2_000);
            assertThat(gaps.percentile(0.998)).as("%s kernel", kernel.name()).isLessThan(MILLISECOND);
        }
    }

    @Test
    void evaluate_stoppedAnywhere_leavesACacheThatIsStillRight() {
        GgufFixture.Shape shape = new GgufFixture.Shape(2, 64, 128, 4, 2, 512, true);
        Path path = GgufFixture.model(shape, List.of(), GgufFixture.Type.F32, 1).write(folder.resolve("small.gguf"));
        Transformer transformer = transformer(path, Kernels.best());
        Workspace work = new Workspace(transformer.shape());
        int[] tokens = tokens(new Random(1));
        KeyValueCache untouched = new KeyValueCache(transformer.shape());
        assertThat(transformer.evaluate(untouched, tokens, 0, TOKENS, untouched.promptEnd(), work))
                .isTrue();
        float[] expected = untouched.promptEnd().state;
        KeyValueCache cache = new KeyValueCache(transformer.shape());
        for (int looks = 0; ; looks += 7) {
            int allowed = looks;
            int[] left = {allowed};
            work.stopWhen(() -> left[0]-- <= 0);
            int known = Math.min(cache.commonPrefix(tokens, TOKENS), TOKENS - 1);
            boolean done = transformer.evaluate(cache, tokens, known, TOKENS, cache.promptEnd(), work);
            assertThat(cache.knows(cache.promptEnd(), TOKENS)).isEqualTo(done);
            if (done) {
                break;
            }
            assertThat(cache.length()).isLessThan(TOKENS);
        }
        for (int i = 0; i < shape.width(); i++) {
            assertThat(Math.abs(cache.promptEnd().state[i] - expected[i])).isLessThan(1e-4f);
        }
    }

    private static Transformer transformer(Path path, Kernel kernel) {
        try (GgufFile file = GgufFile.open(path)) {
            return new ModelLoader(file, ModelShape.of(file, 259), kernel, 512).load();
        }
    }

    private static int[] tokens(Random random) {
        return random.ints(TOKENS, 3, 259).toArray();
    }

    private static void evaluate(Transformer transformer, Gaps gaps, int times) {
        Workspace work = new Workspace(transformer.shape());
        work.stopWhen(gaps);
        KeyValueCache cache = new KeyValueCache(transformer.shape());
        Random random = new Random(2);
        for (int i = 0; i < times; i++) {
            assertThat(transformer.evaluate(cache, tokens(random), 0, TOKENS, cache.promptEnd(), work))
                    .isTrue();
        }
    }

    /** Never stops anything; notes this thread's processor time between looks. */
    private static final class Gaps implements Kernel.Stop {
        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private long[] gaps = new long[1 << 16];
        private int count;
        private long last = threads.getCurrentThreadCpuTime();

        @Override
        public boolean stopped() {
            long now = threads.getCurrentThreadCpuTime();
            if (count == gaps.length) {
                gaps = Arrays.copyOf(gaps, count * 2);
            }
            gaps[count++] = now - last;
            last = now;
            return false;
        }

        void restart() {
            count = 0;
            last = threads.getCurrentThreadCpuTime();
        }

        int looks() {
            return count;
        }

        long percentile(double share) {
            long[] sorted = Arrays.copyOf(gaps, count);
            Arrays.sort(sorted);
            return sorted[(int) (share * (count - 1))];
        }
    }
}
