package dev.reflexloop.benchmarks;

import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufWriter;
import dev.reflexloop.llm.gguf.GgufWriter.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Supplier;

/**
 * Generates models with random weights: they know nothing, and cost what a trained one of their shape costs. Written piece by piece, in a
 * few megabytes of heap.
 */
final class SyntheticModel {
    /** Part of the files' names: another number where what is generated changes, so that no old file is taken for a new one. */
    private static final int GENERATION = 1;

    private static final long SEED = 7;
    private static final float NORM_EPSILON = 1e-5f;
    private static final int QUANTIZATION_VERSION = 2;
    private static final int NANO_CONTEXT = 256;
    private static final float NANO_ROPE_BASE = 10_000f;

    /**
     * The shape of a model of the llama architecture whose head is its token table.
     *
     * @param name names the size
     * @param layers how many blocks
     * @param width numbers per token
     * @param hidden numbers inside the feed-forward part
     * @param heads attention heads; {@code width / heads} numbers each
     * @param keyHeads heads of keys and values
     * @param context longest text, in tokens
     * @param ropeBase base of the rotary positions
     * @param scaledRope whether slow rotations are slowed further, as Llama 3.2 does for its long context
     */
    record Shape(
            String name,
            int layers,
            int width,
            int hidden,
            int heads,
            int keyHeads,
            int context,
            float ropeBase,
            boolean scaledRope) {
        private static Shape nano(String name, int layers, int width, int hidden, int heads) {
            return new Shape(name, layers, width, hidden, heads, heads, NANO_CONTEXT, NANO_ROPE_BASE, false);
        }

        int headSize() {
            return width / heads;
        }
    }

    /** From less than a million parameters to 135 million, each in steps of about five. */
    static final List<Shape> NANO = List.of(
            Shape.nano("1M", 4, 128, 384, 4),
            Shape.nano("5M", 6, 256, 704, 8),
            Shape.nano("25M", 8, 512, 1_376, 8),
            Shape.nano("135M", 19, 768, 2_048, 12));

    /** SmolLM2-135M. Source: its published configuration. */
    static final Shape SMOL_135M = new Shape("smollm2-135m", 30, 576, 1_536, 9, 3, 8_192, 100_000f, false);

    /** Llama-3.2-1B. Source: its published configuration. */
    static final Shape LLAMA_1B = new Shape("llama-3.2-1b", 16, 2_048, 8_192, 32, 8, 131_072, 500_000f, true);

    private SyntheticModel() {}

    /** Writes a model of a shape for the prompts of a layout, in Q8_0. */
    static void nano(Path file, Shape shape, PromptLayout layout) {
        write(file, shape, Vocabulary.fused(layout), TensorType.Q8_0);
    }

    /** A model in the shape of SmolLM2-135M; made in the folder of models unless it is there. */
    static Path smol135M(TensorType type) {
        return made(SMOL_135M, type, Vocabulary::smol);
    }

    /** A model in the shape of Llama-3.2-1B, in Q4_0; made in the folder of models unless it is there. */
    static Path llama1B() {
        return made(LLAMA_1B, TensorType.Q4_0, Vocabulary::llama3);
    }

    /** {@code benchmarks/target/models}, or what the system property {@code reflex.models} names. */
    static Path folder() {
        String named = System.getProperty("reflex.models", "");
        return named.isBlank() ? Options.root().resolve("benchmarks/target/models") : Path.of(named);
    }

    private static Path made(Shape shape, TensorType type, Supplier<Vocabulary> vocabulary) {
        String name = shape.name() + "-" + type.name().toLowerCase(Locale.ROOT) + "-random" + GENERATION + ".gguf";
        Path file = folder().resolve(name).toAbsolutePath();
        if (!Files.exists(file)) {
            write(file, shape, vocabulary.get(), type);
        }
        return file;
    }

    static void write(Path file, Shape shape, Vocabulary vocabulary, TensorType type) {
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "llama")
                .put("general.name", "random-" + shape.name())
                .put("general.file_type", type.fileType())
                .put("general.quantization_version", QUANTIZATION_VERSION)
                .put("llama.block_count", shape.layers())
                .put("llama.context_length", shape.context())
                .put("llama.embedding_length", shape.width())
                .put("llama.feed_forward_length", shape.hidden())
                .put("llama.attention.head_count", shape.heads())
                .put("llama.attention.head_count_kv", shape.keyHeads())
                .put("llama.attention.layer_norm_rms_epsilon", NORM_EPSILON)
                .put("llama.rope.dimension_count", shape.headSize())
                .put("llama.rope.freq_base", shape.ropeBase());
        vocabulary.write(writer);
        // llama-quantize keeps the table, which also is the head, at 6 bits in a 4-bit file; 8 bits cost more, and
        // flatter no figure
        TensorType table = type == TensorType.Q4_0 ? TensorType.Q8_0 : type;
        new Weights(writer, type, table).add(shape, vocabulary.size());
        try {
            writer.write(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("the generated model could not be written to " + file, failure);
        }
    }

    /** Adds tensors of random numbers; a matrix keeps the size of what passes through it. */
    private record Weights(GgufWriter writer, TensorType type, TensorType table) {

        void add(Shape shape, int vocabulary) {
            int width = shape.width();
            int keyWidth = shape.headSize() * shape.keyHeads();
            matrix("token_embd", table, width, vocabulary);
            if (shape.scaledRope()) {
                float[] factors = ropeFactors(shape);
                writer.tensor("rope_freqs.weight", TensorType.F32, FloatBuffer.wrap(factors), factors.length);
            }
            for (int i = 0; i < shape.layers(); i++) {
                String block = "blk." + i + ".";
                norm(block + "attn_norm", width);
                matrix(block + "attn_q", type, width, width);
                matrix(block + "attn_k", type, width, keyWidth);
                matrix(block + "attn_v", type, width, keyWidth);
                matrix(block + "attn_output", type, width, width);
                norm(block + "ffn_norm", width);
                matrix(block + "ffn_gate", type, width, shape.hidden());
                matrix(block + "ffn_up", type, width, shape.hidden());
                matrix(block + "ffn_down", type, shape.hidden(), width);
            }
            norm("output_norm", width);
        }

        private void norm(String name, int width) {
            writer.tensor(name + ".weight", TensorType.F32, (first, target) -> Arrays.fill(target, 1), width);
        }

        /** Uniform numbers of the variance 1 / columns. */
        private void matrix(String name, TensorType stored, int columns, int rows) {
            double scale = 2 * Math.sqrt(3.0 / columns) / (1L << Integer.SIZE);
            SplittableRandom random = new SplittableRandom(SEED + name.hashCode());
            writer.tensor(
                    name + ".weight",
                    stored,
                    (first, target) -> {
                        for (int i = 0; i < target.length; i++) {
                            target[i] = (float) (scale * random.nextInt());
                        }
                    },
                    columns,
                    rows);
        }
    }

    /**
     * By what Llama 3.2 divides each rotation's speed: 32 for those that would not come round once in its first context of 8,192 tokens, 1
     * for those that come round four times or more, something between for the others. Source: the published configuration's rope_scaling.
     */
    private static float[] ropeFactors(Shape shape) {
        double factor = 32;
        double low = 1;
        double high = 4;
        double context = 8_192;
        float[] factors = new float[shape.headSize() / 2];
        for (int i = 0; i < factors.length; i++) {
            double wave = 2 * Math.PI * Math.pow(shape.ropeBase(), 2.0 * i / shape.headSize());
            double smooth = Math.max(0, Math.min(1, (context / wave - low) / (high - low)));
            factors[i] = (float) (1 / ((1 - smooth) / factor + smooth));
        }
        return factors;
    }
}
