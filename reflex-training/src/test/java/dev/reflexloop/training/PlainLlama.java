package dev.reflexloop.training;

import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufTensor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The llama decoder as the textbook has it, in doubles and single loops, from the tensors of a file. */
final class PlainLlama {

    private final Map<String, float[]> tensors = new HashMap<>();
    private final int width;
    private final int heads;
    private final int kvHeads;
    private final int layers;
    private final int inner;

    PlainLlama(Path model) {
        try (GgufFile file = GgufFile.open(model)) {
            width = number(file, "llama.embedding_length");
            heads = number(file, "llama.attention.head_count");
            kvHeads = number(file, "llama.attention.head_count_kv");
            layers = number(file, "llama.block_count");
            inner = number(file, "llama.feed_forward_length");
            for (GgufTensor tensor : file.tensors()) {
                float[] values = new float[(int) tensor.elements()];
                file.readRows(tensor, 0, (int) tensor.rows(), values);
                tensors.put(tensor.name(), values);
            }
        }
    }

    private static int number(GgufFile file, String key) {
        return (int) file.integer(key).orElseThrow();
    }

    /** Logits after the last token. */
    double[] logits(int... tokens) {
        int size = width / heads;
        int kvWidth = kvHeads * size;
        double[][] hidden = new double[tokens.length][];
        for (int t = 0; t < tokens.length; t++) {
            hidden[t] = row(weights("token_embd.weight"), tokens[t], width);
        }
        for (int layer = 0; layer < layers; layer++) {
            String block = "blk." + layer + ".";
            double[][] query = new double[tokens.length][];
            double[][] key = new double[tokens.length][];
            double[][] value = new double[tokens.length][];
            for (int t = 0; t < tokens.length; t++) {
                double[] normed = norm(hidden[t], weights(block + "attn_norm.weight"));
                query[t] = rotate(multiply(weights(block + "attn_q.weight"), normed, width), t, size);
                key[t] = rotate(multiply(weights(block + "attn_k.weight"), normed, kvWidth), t, size);
                value[t] = multiply(weights(block + "attn_v.weight"), normed, kvWidth);
            }
            for (int t = 0; t < tokens.length; t++) {
                double[] mixed = new double[width];
                for (int head = 0; head < heads; head++) {
                    attend(query[t], key, value, t, head * size, head / (heads / kvHeads) * size, size, mixed);
                }
                addTo(hidden[t], multiply(weights(block + "attn_output.weight"), mixed, width));
                double[] normed = norm(hidden[t], weights(block + "ffn_norm.weight"));
                double[] gate = multiply(weights(block + "ffn_gate.weight"), normed, inner);
                double[] up = multiply(weights(block + "ffn_up.weight"), normed, inner);
                for (int i = 0; i < inner; i++) {
                    gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
                }
                addTo(hidden[t], multiply(weights(block + "ffn_down.weight"), gate, width));
            }
        }
        double[] last = norm(hidden[tokens.length - 1], weights("output_norm.weight"));
        float[] head = tensors.getOrDefault("output.weight", weights("token_embd.weight"));
        return multiply(head, last, head.length / width);
    }

    private static void attend(
            double[] query, double[][] key, double[][] value, int now, int q, int kv, int size, double[] mixed) {
        double[] scores = new double[now + 1];
        double sum = 0;
        for (int t = 0; t <= now; t++) {
            for (int i = 0; i < size; i++) {
                scores[t] += query[q + i] * key[t][kv + i];
            }
            scores[t] = Math.exp(scores[t] / Math.sqrt(size));
            sum += scores[t];
        }
        for (int t = 0; t <= now; t++) {
            for (int i = 0; i < size; i++) {
                mixed[q + i] += scores[t] / sum * value[t][kv + i];
            }
        }
    }

    float[] weights(String name) {
        return tensors.get(name);
    }

    private static double[] row(float[] matrix, int row, int width) {
        double[] values = new double[width];
        for (int i = 0; i < width; i++) {
            values[i] = matrix[row * width + i];
        }
        return values;
    }

    private static double[] multiply(float[] matrix, double[] vector, int rows) {
        double[] result = new double[rows];
        for (int r = 0; r < rows; r++) {
            for (int i = 0; i < vector.length; i++) {
                result[r] += matrix[r * vector.length + i] * vector[i];
            }
        }
        return result;
    }

    private static double[] norm(double[] vector, float[] weight) {
        double square = 0;
        for (double value : vector) {
            square += value * value;
        }
        double scale = 1 / Math.sqrt(square / vector.length + 1e-5);
        double[] result = new double[vector.length];
        for (int i = 0; i < vector.length; i++) {
            result[i] = vector[i] * scale * weight[i];
        }
        return result;
    }

    private static double[] rotate(double[] vector, int position, int size) {
        double[] result = new double[vector.length];
        for (int i = 0; i < vector.length; i += 2) {
            double angle = position * Math.pow(10_000, -(double) (i % size) / size);
            result[i] = vector[i] * Math.cos(angle) - vector[i + 1] * Math.sin(angle);
            result[i + 1] = vector[i] * Math.sin(angle) + vector[i + 1] * Math.cos(angle);
        }
        return result;
    }

    private static void addTo(double[] sum, double[] part) {
        for (int i = 0; i < sum.length; i++) {
            sum[i] += part[i];
        }
    }
}
