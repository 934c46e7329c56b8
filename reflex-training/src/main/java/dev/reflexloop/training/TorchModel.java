package dev.reflexloop.training;

import static org.bytedeco.pytorch.global.torch.add;
import static org.bytedeco.pytorch.global.torch.embedding;
import static org.bytedeco.pytorch.global.torch.linear;
import static org.bytedeco.pytorch.global.torch.mul;
import static org.bytedeco.pytorch.global.torch.rms_norm;
import static org.bytedeco.pytorch.global.torch.scaled_dot_product_attention;
import static org.bytedeco.pytorch.global.torch.silu;
import static org.bytedeco.pytorch.global.torch.view_as_complex;
import static org.bytedeco.pytorch.global.torch.view_as_real;

import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/*
 * The llama decoder in libtorch, in the layout of a GGUF file from start to end: rotary pairs are neighbours (2i, 2i+1)
 * in the rows of query and key as stored, so nothing is permuted when the file is written.
 *
 * Memory: libtorch's tensors are native. Everything that a step makes is made inside that step's PointerScope and freed
 * when it closes; only the tensors in the fields live longer. The child runs with JavaCPP's garbage collector hooks off,
 * so a tensor that escaped a scope would leak visibly in the test for flat memory instead of being freed some day.
 *
 * Only the rows at which a logit is read go through the last block's queries and feed-forward, which saves about a fifth
 * of the work with four blocks.
 */
/** A llama-shaped decoder with gradients, for training in the child process. One thread at a time. */
final class TorchModel implements AutoCloseable {

    private final WeightMap map;
    private final PointerScope scope;
    private final Tensor weights;
    private final Tensor gradient;
    private final Map<String, Tensor> parameters = new HashMap<>();

    TorchModel(WeightMap map, float[] initial) {
        if (initial.length != map.size()) {
            throw new IllegalArgumentException("expected " + map.size() + " weights, got " + initial.length);
        }
        this.map = map;
        try (PointerScope opened = new PointerScope()) {
            this.scope = opened.extend();
            this.weights = Tensor.create(initial, initial.length);
            this.gradient = Tensor.create(new float[initial.length], initial.length);
            NanoShape shape = map.shape();
            int width = shape.width();
            leaf("token_embd", "token_embd.weight", map.vocabulary(), width);
            if (!shape.tiedHead()) {
                leaf("output", "output.weight", map.vocabulary(), width);
            }
            for (int layer = 0; layer < shape.layers(); layer++) {
                leaf("qkv." + layer, WeightMap.block(layer, "attn_q"), width + 2L * shape.keyRows(), width);
                leaf("out." + layer, WeightMap.block(layer, "attn_output"), width, width);
                leaf("gateUp." + layer, WeightMap.block(layer, "ffn_gate"), 2L * shape.feedForward(), width);
                leaf("down." + layer, WeightMap.block(layer, "ffn_down"), width, shape.feedForward());
                leaf("attnNorm." + layer, WeightMap.block(layer, "attn_norm"), width);
                leaf("ffnNorm." + layer, WeightMap.block(layer, "ffn_norm"), width);
            }
            leaf("outputNorm", "output_norm.weight", width);
        }
    }

    private void leaf(String key, String firstSlot, long... shape) {
        long size = 1;
        for (long length : shape) {
            size *= length;
        }
        long offset = map.slot(firstSlot).offset();
        Tensor leaf = weights.narrow(0, offset, size).view(shape).detach();
        leaf.set_requires_grad(true);
        leaf.mutable_grad().put(gradient.narrow(0, offset, size).view(shape));
        parameters.put(key, leaf);
    }

    private Tensor parameter(String key) {
        Tensor tensor = parameters.get(key);
        if (tensor == null) {
            throw new IllegalStateException("no parameter " + key);
        }
        return tensor;
    }

    WeightMap map() {
        return map;
    }

    /** All weights, flat; changed in place by the optimizer. */
    Tensor weights() {
        return weights;
    }

    /** The gradient of the last backward pass, flat; accumulates until zeroed. */
    Tensor gradient() {
        return gradient;
    }

    /** A copy of all weights. */
    float[] copyWeights() {
        return copy(weights);
    }

    static float[] copy(Tensor flat) {
        float[] values = new float[Math.toIntExact(flat.numel())];
        FloatBuffer buffer = flat.createBuffer();
        buffer.get(values);
        return values;
    }

    static void fill(Tensor flat, float[] values) {
        FloatBuffer buffer = flat.createBuffer();
        buffer.put(values);
    }

    /**
     * Logits over the whole vocabulary at chosen positions.
     *
     * @param tokens token ids, batch x length, int32
     * @param rows for each sequence the positions to read, as indices into the flattened batch x length, int32
     * @param rowsPerSequence how many positions are read per sequence
     * @param mask additive attention mask for those rows, batch x 1 x rowsPerSequence x length
     * @return logits, (batch * rowsPerSequence) x vocabulary, with gradients unless a guard is in force
     */
    Tensor logits(Tensor tokens, Tensor rows, int rowsPerSequence, Tensor mask) {
        NanoShape shape = map.shape();
        long batch = tokens.size(0);
        long length = tokens.size(1);
        int width = shape.width();
        Tensor rotation = rotation((int) length);
        Tensor hidden = embedding(parameter("token_embd"), tokens);
        for (int layer = 0; layer < shape.layers(); layer++) {
            boolean last = layer == shape.layers() - 1;
            Tensor attended = attention(layer, hidden, rotation, last, rows, rowsPerSequence, mask);
            if (last) {
                hidden = hidden.view(batch * length, width).index_select(0, rows);
                attended = attended.reshape(batch * rowsPerSequence, width);
            }
            hidden = add(hidden, linear(attended, parameter("out." + layer)));
            hidden = add(hidden, feedForward(layer, hidden));
        }
        Tensor normed = norm(hidden, "outputNorm");
        return linear(normed, parameter(shape.tiedHead() ? "token_embd" : "output"));
    }

    private Tensor attention(
            int layer, Tensor hidden, Tensor rotation, boolean last, Tensor rows, int rowsPerSequence, Tensor mask) {
        NanoShape shape = map.shape();
        long batch = hidden.size(0);
        long length = hidden.size(1);
        int heads = shape.heads();
        int kvHeads = shape.kvHeads();
        int size = shape.headSize();
        int rotated = heads + kvHeads;
        Tensor all = linear(norm(hidden, "attnNorm." + layer), parameter("qkv." + layer));
        Tensor pairs =
                view_as_complex(all.narrow(2, 0, (long) rotated * size).view(batch, length, rotated, size / 2, 2));
        Tensor turned = view_as_real(mul(pairs, rotation)).view(batch, length, rotated, size);
        Tensor query = turned.narrow(2, 0, heads);
        Tensor key = turned.narrow(2, heads, kvHeads).transpose(1, 2);
        Tensor value = all.narrow(2, (long) rotated * size, (long) kvHeads * size)
                .view(batch, length, kvHeads, size)
                .transpose(1, 2);
        if (last) {
            query = query.reshape(batch * length, heads, size)
                    .index_select(0, rows)
                    .view(batch, rowsPerSequence, heads, size);
        }
        Tensor mixed = scaled_dot_product_attention(
                query.transpose(1, 2),
                key,
                value,
                last ? new TensorOptional(mask) : new TensorOptional(),
                0.0,
                !last,
                new DoubleOptional(),
                kvHeads != heads);
        return mixed.transpose(1, 2).reshape(batch, last ? rowsPerSequence : length, (long) heads * size);
    }

    private Tensor feedForward(int layer, Tensor hidden) {
        int inner = map.shape().feedForward();
        Tensor both = linear(norm(hidden, "ffnNorm." + layer), parameter("gateUp." + layer));
        long axis = both.ndimension() - 1;
        Tensor gated = mul(silu(both.narrow(axis, 0, inner)), both.narrow(axis, inner, inner));
        return linear(gated, parameter("down." + layer));
    }

    private Tensor norm(Tensor hidden, String weight) {
        return rms_norm(
                hidden,
                new long[] {map.shape().width()},
                new TensorOptional(parameter(weight)),
                new DoubleOptional(NanoShape.NORM_EPSILON));
    }

    /** cos and sin of every position and pair as complex numbers, 1 x length x 1 x headSize / 2. */
    private Tensor rotation(int length) {
        int half = map.shape().headSize() / 2;
        float[] values = new float[length * half * 2];
        for (int position = 0; position < length; position++) {
            for (int pair = 0; pair < half; pair++) {
                double angle = position
                        * Math.pow(
                                NanoShape.ROPE_BASE, -2.0 * pair / map.shape().headSize());
                values[(position * half + pair) * 2] = (float) Math.cos(angle);
                values[(position * half + pair) * 2 + 1] = (float) Math.sin(angle);
            }
        }
        return view_as_complex(Tensor.create(values, 1, length, 1, half, 2));
    }

    @Override
    public void close() {
        scope.close();
    }
}
