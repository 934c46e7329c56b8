package dev.reflexloop.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.bytedeco.javacpp.Pointer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The model in libtorch against a plain one that reads the file it was written to. */
class TorchModelTest {

    private static final PromptLayout LAYOUT = PromptLayout.builder("s", List.of("a", "b", "c"))
            .targets(3)
            .flag("hit")
            .text("place", "here", "there")
            .build();
    private static final int VOCABULARY = DataSet.FIRST_FUSED + LAYOUT.tokens().size();
    private static final int[] LABELS = tokens("<do=a>", "<do=b>", "<do=c>");
    private static final int[] TARGETS = tokens("<at=0>", "<at=1>", "<at=2>");

    @TempDir
    Path folder;

    @BeforeAll
    static void loadNatives() {
        Natives.load();
    }

    @ParameterizedTest
    @CsvSource({"1, 4, 4, false", "3, 4, 2, false", "2, 2, 1, true"})
    void figures_ofEveryShape_equalThePlainModelOnTheWrittenFile(int layers, int heads, int kvHeads, boolean tied)
            throws IOException {
        WeightMap map = new WeightMap(new NanoShape(layers, 32, heads, kvHeads, 64, 64, tied), VOCABULARY);
        float[] weights = randomWeights(map);
        PlainLlama plain = plain(map, weights);
        Examples examples = examples();
        try (TorchModel model = new TorchModel(map, weights)) {
            LabelLoss loss = new LabelLoss(model, examples, LABELS, TARGETS);
            for (int example = 0; example < examples.count(); example++) {
                LabelLoss.Figures figures = loss.evaluate(new int[] {example}, 0, 1, 1);
                assertThat(figures.loss()).isCloseTo(actionLoss(plain, examples, example), within(1e-4));
                assertThat(figures.legalMass()).isCloseTo(legalMass(plain, examples, example), within(1e-4));
            }
            LabelLoss.Figures together = loss.evaluate(new int[] {0, 1, 2, 3}, 0, 4, 4);
            double sum = 0;
            for (int example = 0; example < 4; example++) {
                sum += actionLoss(plain, examples, example);
            }
            assertThat(together.lossSum()).as("padding does not matter").isCloseTo(sum, within(4e-4));
            assertThat(together.targeted()).isEqualTo(2);
        }
    }

    @Test
    void backward_ofABatchWithTargets_equalsDifferencesOfThePlainModel() throws IOException {
        WeightMap map = new WeightMap(new NanoShape(2, 32, 4, 2, 64, 64, false), VOCABULARY);
        float[] weights = randomWeights(map);
        Examples examples = examples();
        float[] gradient;
        try (TorchModel model = new TorchModel(map, weights)) {
            new LabelLoss(model, examples, LABELS, TARGETS).backward(new int[] {0, 1, 2, 3}, 0, 4, 0.1);
            gradient = TorchModel.copy(model.gradient());
        }
        Random random = new Random(9);
        for (WeightMap.Slot slot : map.inFileOrder()) {
            for (int trial = 0; trial < 3; trial++) {
                int at = slot.name().startsWith("token_embd")
                        ? slot.offset() + DataSet.BEGIN * 32 + random.nextInt(32)
                        : slot.name().equals("output.weight")
                                ? slot.offset() + LABELS[trial] * 32 + random.nextInt(32)
                                : slot.offset() + random.nextInt(slot.size());
                float was = weights[at];
                weights[at] = was + 1e-3f;
                double above = batchLoss(plain(map, weights), examples);
                weights[at] = was - 1e-3f;
                double below = batchLoss(plain(map, weights), examples);
                weights[at] = was;
                double expected = (above - below) / 2e-3;
                assertThat((double) gradient[at])
                        .as("gradient of %s[%d]", slot.name(), at - slot.offset())
                        .isCloseTo(expected, within(2e-4 + Math.abs(expected) * 5e-3));
            }
        }
    }

    @Test
    void step_manyTimes_keepsNativeMemoryFlatAndLowersTheLoss() {
        WeightMap map = new WeightMap(new NanoShape(2, 64, 4, 4, 64, 64, false), VOCABULARY);
        Examples examples = examples();
        int[] batch = new int[64];
        for (int i = 0; i < batch.length; i++) {
            batch[i] = i % examples.count();
        }
        try (TorchModel model = new TorchModel(map, TrainingRun.firstWeights(map, 1));
                AdamW optimizer = new AdamW(model, new float[map.size()], new float[map.size()])) {
            LabelLoss loss = new LabelLoss(model, examples, LABELS, TARGETS);
            double first = loss.backward(batch, 0, batch.length, 0.1);
            double last = first;
            long before = 0;
            for (int step = 0; step < 400; step++) {
                optimizer.step(step, 1e-3, 0.01, 1);
                last = loss.backward(batch, 0, batch.length, 0.1);
                if (step == 100) {
                    before = Pointer.physicalBytes();
                }
            }
            assertThat(Pointer.physicalBytes() - before)
                    .as("bytes grown in 300 steps")
                    .isLessThan(24_000_000);
            assertThat(last).isLessThan(first / 4);
            LabelLoss.Figures figures = loss.evaluate(batch, 0, batch.length, 64);
            assertThat(figures.accuracy()).isEqualTo(1);
            assertThat(figures.targetsCorrect()).isEqualTo(figures.targeted());
            assertThat(figures.legalMass()).isGreaterThan(0.8);
        }
    }

    private PlainLlama plain(WeightMap map, float[] weights) throws IOException {
        Path file = folder.resolve("model.gguf");
        NanoModelFile.write(file, map, weights, LAYOUT, TensorType.F32, "test");
        return new PlainLlama(file);
    }

    /** Four prompts of different lengths with different legal actions; two have a target. */
    private static Examples examples() {
        Examples examples = new Examples(3);
        int[] hit = tokens("<hit=true>", "<place=here>", "<act>");
        int[] calm = tokens("<hit=false>", "<place=there>", "<act>");
        int[] bare = tokens("<hit=none>", "<act>");
        examples.add(withBegin(hit), LABELS[0], 0, new long[] {0b111}, 1, 2, 0);
        examples.add(withBegin(calm), LABELS[1], 1, new long[] {0b011}, Examples.NO_TARGET, 0, 1);
        examples.add(withBegin(bare), LABELS[2], 2, new long[] {0b110}, 2, 3, 2);
        examples.add(withBegin(tokens("<act>")), LABELS[0], 0, new long[] {0b101}, Examples.NO_TARGET, 0, 3);
        return examples;
    }

    private static double batchLoss(PlainLlama plain, Examples examples) {
        double sum = 0;
        for (int example = 0; example < 4; example++) {
            double[] logits = plain.logits(prompt(examples, example, false));
            sum += actionLoss(plain, examples, example)
                    + 0.1 * (logSum(logits) - logits[LABELS[examples.label(example)]]);
            if (examples.target(example) != Examples.NO_TARGET) {
                double[] after = plain.logits(prompt(examples, example, true));
                double[] offered = new double[examples.targets(example)];
                for (int i = 0; i < offered.length; i++) {
                    offered[i] = after[TARGETS[i]];
                }
                double chosen = after[TARGETS[examples.target(example)]];
                sum += logSum(offered) - chosen + 0.1 * (logSum(after) - chosen);
            }
        }
        return sum / 4;
    }

    private static double actionLoss(PlainLlama plain, Examples examples, int example) {
        double[] logits = plain.logits(prompt(examples, example, false));
        return logSum(legal(logits, examples, example)) - logits[LABELS[examples.label(example)]];
    }

    private static double legalMass(PlainLlama plain, Examples examples, int example) {
        double[] logits = plain.logits(prompt(examples, example, false));
        return Math.exp(logSum(legal(logits, examples, example)) - logSum(logits));
    }

    private static double[] legal(double[] logits, Examples examples, int example) {
        return java.util.stream.IntStream.range(0, 3)
                .filter(action -> examples.legal(example, action))
                .mapToDouble(action -> logits[LABELS[action]])
                .toArray();
    }

    private static double logSum(double[] logits) {
        double sum = 0;
        for (double logit : logits) {
            sum += Math.exp(logit);
        }
        return Math.log(sum);
    }

    private static int[] prompt(Examples examples, int example, boolean withLabel) {
        int[] tokens = new int[examples.length(example)];
        examples.copyTokens(example, tokens, 0);
        return withLabel ? tokens : java.util.Arrays.copyOf(tokens, examples.promptLength(example));
    }

    private static int[] withBegin(int[] fused) {
        int[] prompt = new int[fused.length + 1];
        prompt[0] = DataSet.BEGIN;
        System.arraycopy(fused, 0, prompt, 1, fused.length);
        return prompt;
    }

    private static int[] tokens(String... texts) {
        int[] ids = new int[texts.length];
        for (int i = 0; i < texts.length; i++) {
            assertThat(LAYOUT.index(texts[i])).as(texts[i]).isNotNegative();
            ids[i] = DataSet.FIRST_FUSED + LAYOUT.index(texts[i]);
        }
        return ids;
    }

    private static float[] randomWeights(WeightMap map) {
        Random random = new Random(4);
        float[] weights = new float[map.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (random.nextGaussian() * 0.2 + (i >= map.decayed() ? 1 : 0));
        }
        return weights;
    }
}
