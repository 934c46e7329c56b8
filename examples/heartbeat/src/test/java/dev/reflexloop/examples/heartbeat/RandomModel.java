package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.llm.gguf.GgufWriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A tiny language model of random weights that has letters for labels: it rates at random, but as fast and as legally as any other. */
final class RandomModel {
    private static final int BYTES = 256;
    private static final int FIRST = 3 + BYTES;
    private static final int LAYERS = 2;
    private static final int WIDTH = 64;
    private static final int HIDDEN = 128;
    private static final int HEADS = 4;
    private static final int KEY_WIDTH = 32;
    private static final int CONTEXT = 4_096;

    private final GgufWriter gguf = new GgufWriter();
    private final Random random = new Random(3);

    private RandomModel() {}

    static Path write(Path file) throws IOException {
        RandomModel model = new RandomModel();
        int vocabulary = model.vocabulary();
        model.weights(vocabulary);
        model.gguf.write(file);
        return file;
    }

    private int vocabulary() {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        for (int i = 0; i < BYTES; i++) {
            tokens.add(String.format("<0x%02X>", i));
        }
        for (char letter = 'A'; letter <= 'Z'; letter++) {
            tokens.add("\u2581" + letter);
            tokens.add(String.valueOf(letter));
            tokens.add(String.valueOf(Character.toLowerCase(letter)));
        }
        int[] types = new int[tokens.size()];
        for (int i = 0; i < types.length; i++) {
            types[i] = i == 0 ? 2 : i < 3 ? 3 : i < FIRST ? 6 : 1;
        }
        gguf.put("general.architecture", "llama")
                .put("general.name", "random")
                .put("llama.block_count", LAYERS)
                .put("llama.context_length", CONTEXT)
                .put("llama.embedding_length", WIDTH)
                .put("llama.feed_forward_length", HIDDEN)
                .put("llama.attention.head_count", HEADS)
                .put("llama.attention.head_count_kv", HEADS * KEY_WIDTH / WIDTH)
                .put("llama.attention.layer_norm_rms_epsilon", 1e-5f)
                .put("llama.rope.dimension_count", WIDTH / HEADS)
                .put("llama.rope.freq_base", 10_000f)
                .put("llama.vocab_size", tokens.size())
                .put("tokenizer.ggml.model", "llama")
                .putStrings("tokenizer.ggml.tokens", tokens)
                .putFloats("tokenizer.ggml.scores", new float[tokens.size()])
                .putInts("tokenizer.ggml.token_type", types)
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.eos_token_id", 2)
                .put("tokenizer.ggml.unknown_token_id", 0)
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_space_prefix", false);
        return tokens.size();
    }

    private void weights(int vocabulary) {
        matrix("token_embd.weight", WIDTH, vocabulary);
        for (int layer = 0; layer < LAYERS; layer++) {
            String prefix = "blk." + layer + ".";
            norm(prefix + "attn_norm.weight");
            matrix(prefix + "attn_q.weight", WIDTH, WIDTH);
            matrix(prefix + "attn_k.weight", WIDTH, KEY_WIDTH);
            matrix(prefix + "attn_v.weight", WIDTH, KEY_WIDTH);
            matrix(prefix + "attn_output.weight", WIDTH, WIDTH);
            norm(prefix + "ffn_norm.weight");
            matrix(prefix + "ffn_gate.weight", WIDTH, HIDDEN);
            matrix(prefix + "ffn_up.weight", WIDTH, HIDDEN);
            matrix(prefix + "ffn_down.weight", HIDDEN, WIDTH);
        }
        norm("output_norm.weight");
    }

    private void norm(String name) {
        float[] values = new float[WIDTH];
        for (int i = 0; i < WIDTH; i++) {
            values[i] = 0.9f + 0.2f * random.nextFloat();
        }
        gguf.tensor(name, GgufWriter.TensorType.F32, FloatBuffer.wrap(values), WIDTH);
    }

    private void matrix(String name, int columns, int rows) {
        float[] values = new float[columns * rows];
        float scale = (float) Math.sqrt(3.0 / columns);
        for (int i = 0; i < values.length; i++) {
            values[i] = scale * (2 * random.nextFloat() - 1);
        }
        gguf.tensor(name, GgufWriter.TensorType.F32, FloatBuffer.wrap(values), columns, rows);
    }
}
