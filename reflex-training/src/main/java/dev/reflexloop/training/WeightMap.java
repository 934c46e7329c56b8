package dev.reflexloop.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Where each tensor of a model lies in one flat vector of floats. Immutable.
 *
 * <p>All weights live in one vector, so that the optimizer, gradient clipping and checkpoints are a few operations on
 * whole vectors. Matrices that are multiplied with the same input are neighbours (query, key, value; gate, up) and are
 * multiplied as one. Norm weights come last, because weight decay stops before them. Matrices are row-major,
 * {@code rows} outputs by {@code columns} inputs, which is how GGUF stores them.
 */
final class WeightMap {

    /** One tensor: its GGUF name, shape and first index in the flat vector; a vector has one row. */
    record Slot(String name, int rows, int columns, int offset) {
        int size() {
            return rows * columns;
        }
    }

    private final NanoShape shape;
    private final int vocabulary;
    private final Map<String, Slot> slots = new LinkedHashMap<>();
    private final int decayed;
    private int size;

    WeightMap(NanoShape shape, int vocabulary) {
        this.shape = shape;
        this.vocabulary = vocabulary;
        int width = shape.width();
        add("token_embd.weight", vocabulary, width);
        if (!shape.tiedHead()) {
            add("output.weight", vocabulary, width);
        }
        for (int layer = 0; layer < shape.layers(); layer++) {
            add(block(layer, "attn_q"), shape.queryRows(), width);
            add(block(layer, "attn_k"), shape.keyRows(), width);
            add(block(layer, "attn_v"), shape.keyRows(), width);
            add(block(layer, "attn_output"), width, shape.queryRows());
            add(block(layer, "ffn_gate"), shape.feedForward(), width);
            add(block(layer, "ffn_up"), shape.feedForward(), width);
            add(block(layer, "ffn_down"), width, shape.feedForward());
        }
        decayed = size;
        for (int layer = 0; layer < shape.layers(); layer++) {
            add(block(layer, "attn_norm"), 1, width);
            add(block(layer, "ffn_norm"), 1, width);
        }
        add("output_norm.weight", 1, width);
    }

    static String block(int layer, String part) {
        return "blk." + layer + "." + part + ".weight";
    }

    NanoShape shape() {
        return shape;
    }

    int vocabulary() {
        return vocabulary;
    }

    /** Number of weights. */
    int size() {
        return size;
    }

    /** Number of leading weights that weight decay applies to: everything but the norms. */
    int decayed() {
        return decayed;
    }

    Slot slot(String name) {
        Slot slot = slots.get(name);
        if (slot == null) {
            throw new IllegalArgumentException("no tensor " + name);
        }
        return slot;
    }

    /** All tensors in the order in which files list them: embedding, blocks, output. */
    List<Slot> inFileOrder() {
        List<Slot> ordered = new ArrayList<>();
        ordered.add(slot("token_embd.weight"));
        for (int layer = 0; layer < shape.layers(); layer++) {
            for (String part : List.of(
                    "attn_norm",
                    "attn_q",
                    "attn_k",
                    "attn_v",
                    "attn_output",
                    "ffn_norm",
                    "ffn_gate",
                    "ffn_up",
                    "ffn_down")) {
                ordered.add(slot(block(layer, part)));
            }
        }
        ordered.add(slot("output_norm.weight"));
        if (!shape.tiedHead()) {
            ordered.add(slot("output.weight"));
        }
        return ordered;
    }

    private void add(String name, int rows, int columns) {
        slots.put(name, new Slot(name, rows, columns, size));
        size = Math.addExact(size, Math.multiplyExact(rows, columns));
    }
}
