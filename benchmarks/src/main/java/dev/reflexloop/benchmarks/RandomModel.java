package dev.reflexloop.benchmarks;

import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Generates models of any size with random weights: they know nothing, and cost what a trained one of their shape costs. All matrices are
 * cut from one sequence of random numbers, which changes nothing for the arithmetic and saves a gigabyte.
 */
final class RandomModel {
    private static final int BYTES = 256;
    private static final int CONTEXT = 256;
    private static final float ROPE_BASE = 10_000f;
    private static final float NORM_EPSILON = 1e-5f;

    /** The shape of a model: names a size, and has {@code heads} heads of 32 numbers or more. */
    record Shape(String name, int layers, int width, int hidden, int heads) {}

    /** From less than a million parameters to 135 million, each in steps of about five. */
    static final List<Shape> SHAPES = List.of(
            new Shape("1M", 4, 128, 384, 4),
            new Shape("5M", 6, 256, 704, 8),
            new Shape("25M", 8, 512, 1_376, 8),
            new Shape("135M", 19, 768, 2_048, 12));

    private RandomModel() {}

    /** Writes a model of a shape for the prompts of a layout, in Q8_0. */
    static void write(Path file, Shape shape, PromptLayout layout) {
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "llama")
                .put("general.name", "random-" + shape.name())
                .put("llama.block_count", shape.layers())
                .put("llama.context_length", CONTEXT)
                .put("llama.embedding_length", shape.width())
                .put("llama.feed_forward_length", shape.hidden())
                .put("llama.attention.head_count", shape.heads())
                .put("llama.attention.head_count_kv", shape.heads())
                .put("llama.attention.layer_norm_rms_epsilon", NORM_EPSILON)
                .put("llama.rope.dimension_count", shape.width() / shape.heads())
                .put("llama.rope.freq_base", ROPE_BASE)
                .put("reflex.prompt.format", PromptLayout.FORMAT)
                .put("reflex.prompt.layout", layout.toJson())
                .put("reflex.schema", layout.schema())
                .putStrings("reflex.actions", layout.actions());
        int vocabulary = tokenizer(writer, layout);
        weights(writer, shape, vocabulary);
        try {
            writer.write(file);
        } catch (IOException failure) {
            throw new UncheckedIOException("the generated model could not be written to " + file, failure);
        }
    }

    private static int tokenizer(GgufWriter writer, PromptLayout layout) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int i = 0; i < BYTES; i++) {
            tokens.add(String.format("<0x%02X>", i));
        }
        int firstOwn = tokens.size();
        tokens.addAll(layout.tokens());
        int[] types = new int[tokens.size()];
        for (int i = 0; i < types.length; i++) {
            types[i] = i == 0 ? 2 : i < 3 ? 3 : i < firstOwn ? 6 : 4;
        }
        writer.put("llama.vocab_size", tokens.size())
                .put("tokenizer.ggml.model", "llama")
                .putStrings("tokenizer.ggml.tokens", tokens)
                .putFloats("tokenizer.ggml.scores", new float[tokens.size()])
                .putInts("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.unknown_token_id", 0)
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.eos_token_id", 2)
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_space_prefix", false);
        return tokens.size();
    }

    private static void weights(GgufWriter writer, Shape shape, int vocabulary) {
        int width = shape.width();
        int hidden = shape.hidden();
        float[] random = new float[Math.max(vocabulary, Math.max(width, hidden)) * width];
        SplittableRandom source = new SplittableRandom(7);
        float scale = (float) (2 * Math.sqrt(3.0 / width));
        for (int i = 0; i < random.length; i++) {
            random[i] = scale * (float) (source.nextDouble() - 0.5);
        }
        float[] ones = new float[width];
        Arrays.fill(ones, 1);
        matrix(writer, "token_embd", random, width, vocabulary);
        for (int i = 0; i < shape.layers(); i++) {
            String block = "blk." + i + ".";
            norm(writer, block + "attn_norm", ones);
            for (String name : List.of("attn_q", "attn_k", "attn_v", "attn_output")) {
                matrix(writer, block + name, random, width, width);
            }
            norm(writer, block + "ffn_norm", ones);
            matrix(writer, block + "ffn_gate", random, width, hidden);
            matrix(writer, block + "ffn_up", random, width, hidden);
            matrix(writer, block + "ffn_down", random, hidden, width);
        }
        norm(writer, "output_norm", ones);
    }

    private static void norm(GgufWriter writer, String name, float[] ones) {
        writer.tensor(name + ".weight", GgufWriter.TensorType.F32, FloatBuffer.wrap(ones), ones.length);
    }

    private static void matrix(GgufWriter writer, String name, float[] random, int columns, int rows) {
        FloatBuffer values = FloatBuffer.wrap(random, 0, columns * rows).slice();
        writer.tensor(name + ".weight", GgufWriter.TensorType.Q8_0, values, columns, rows);
    }
}
