package dev.reflexloop.llm.nano;

import dev.reflexloop.llm.GgufFixture;
import java.util.Map;

/** The forward pass as the books have it, in double precision, without cache, batch or tricks: what the engine is compared with. */
final class ReferenceModel {
    private final Map<String, GgufFixture.Tensor> tensors;
    private final GgufFixture.Shape shape;
    private final double epsilon = 1e-5f;

    ReferenceModel(GgufFixture fixture, GgufFixture.Shape shape) {
        this.tensors = fixture.tensors;
        this.shape = shape;
    }

    /** The logits of the whole vocabulary behind the last token. */
    double[] logits(int[] tokens) {
        int width = shape.width();
        double[][] x = new double[tokens.length][width];
        float[] embeddings = tensors.get("token_embd.weight").values();
        for (int t = 0; t < tokens.length; t++) {
            for (int i = 0; i < width; i++) {
                x[t][i] = embeddings[tokens[t] * width + i];
            }
        }
        for (int layer = 0; layer < shape.layers(); layer++) {
            layer("blk." + layer + ".", x);
        }
        double[] last = norm(x[tokens.length - 1], "output_norm.weight");
        return product(last, tensors.containsKey("output.weight") ? "output.weight" : "token_embd.weight");
    }

    private void layer(String prefix, double[][] x) {
        int headWidth = shape.width() / shape.heads();
        double[][] keys = new double[x.length][];
        double[][] values = new double[x.length][];
        for (int t = 0; t < x.length; t++) {
            double[] normed = norm(x[t], prefix + "attn_norm.weight");
            keys[t] = product(normed, prefix + "attn_k.weight");
            rotate(keys[t], headWidth, t);
            values[t] = product(normed, prefix + "attn_v.weight");
        }
        for (int t = x.length - 1; t >= 0; t--) {
            double[] query = product(norm(x[t], prefix + "attn_norm.weight"), prefix + "attn_q.weight");
            rotate(query, headWidth, t);
            double[] attended = new double[shape.width()];
            for (int head = 0; head < shape.heads(); head++) {
                int keyHead = head * shape.keyHeads() / shape.heads();
                double[] weights = new double[t + 1];
                double sum = 0;
                for (int s = 0; s <= t; s++) {
                    double score = 0;
                    for (int i = 0; i < headWidth; i++) {
                        score += query[head * headWidth + i] * keys[s][keyHead * headWidth + i];
                    }
                    weights[s] = Math.exp(score / Math.sqrt(headWidth));
                    sum += weights[s];
                }
                for (int s = 0; s <= t; s++) {
                    for (int i = 0; i < headWidth; i++) {
                        attended[head * headWidth + i] += weights[s] / sum * values[s][keyHead * headWidth + i];
                    }
                }
            }
            add(x[t], product(attended, prefix + "attn_output.weight"));
            double[] normed = norm(x[t], prefix + "ffn_norm.weight");
            double[] gate = product(normed, prefix + "ffn_gate.weight");
            double[] up = product(normed, prefix + "ffn_up.weight");
            for (int i = 0; i < gate.length; i++) {
                gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
            }
            add(x[t], product(gate, prefix + "ffn_down.weight"));
        }
    }

    private double[] norm(double[] row, String name) {
        float[] weights = tensors.get(name).values();
        double squares = 0;
        for (double value : row) {
            squares += value * value;
        }
        double[] normed = new double[row.length];
        for (int i = 0; i < row.length; i++) {
            normed[i] = row[i] / Math.sqrt(squares / row.length + epsilon) * weights[i];
        }
        return normed;
    }

    private double[] product(double[] row, String name) {
        GgufFixture.Tensor tensor = tensors.get(name);
        int columns = tensor.shape()[0];
        double[] out = new double[tensor.shape()[1]];
        for (int o = 0; o < out.length; o++) {
            for (int i = 0; i < columns; i++) {
                out[o] += row[i] * tensor.values()[o * columns + i];
            }
        }
        return out;
    }

    private static void rotate(double[] row, int headWidth, int position) {
        for (int i = 0; i < row.length; i += 2) {
            double angle = position * Math.pow(10000, -(double) (i % headWidth) / headWidth);
            double a = row[i];
            double b = row[i + 1];
            row[i] = a * Math.cos(angle) - b * Math.sin(angle);
            row[i + 1] = a * Math.sin(angle) + b * Math.cos(angle);
        }
    }

    private static void add(double[] row, double[] more) {
        for (int i = 0; i < row.length; i++) {
            row[i] += more[i];
        }
    }
}
