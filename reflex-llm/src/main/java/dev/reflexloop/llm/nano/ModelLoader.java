package dev.reflexloop.llm.nano;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.gguf.GgufFile;
import dev.reflexloop.llm.gguf.GgufTensor;
import dev.reflexloop.llm.gguf.GgufType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Reads the weights of a model file into a kernel's layout, and refuses files with weights that the engine would ignore. */
final class ModelLoader {
    private static final int ROWS_AT_ONCE = 16;
    private static final int ARRAY_OVERHEAD = 16;
    private static final long HEADROOM = 16L << 20;

    private final GgufFile file;
    private final ModelShape shape;
    private final Kernel kernel;
    private final int positions;
    private final Set<String> used = new HashSet<>();

    ModelLoader(GgufFile file, ModelShape shape, Kernel kernel, int positions) {
        this.file = file;
        this.shape = shape;
        this.kernel = kernel;
        this.positions = positions;
    }

    Transformer load() {
        checkTensors();
        checkMemory();
        float[][] embeddings = rows("token_embd.weight", shape.width(), shape.vocabulary());
        float[][] head = file.tensor("output.weight").isPresent()
                ? rows("output.weight", shape.width(), shape.vocabulary())
                : embeddings;
        Transformer.Layer[] layers = new Transformer.Layer[shape.layers()];
        for (int i = 0; i < layers.length; i++) {
            layers[i] = layer("blk." + i + ".");
        }
        float[] factors = file.tensor("rope_freqs.weight").isPresent()
                ? vector("rope_freqs.weight", shape.rotated() / 2)
                : new float[0];
        Rotation rotation = new Rotation(shape.rotated(), shape.rotationBase(), factors, positions);
        return new Transformer(
                shape,
                kernel,
                embeddings,
                head,
                eightBit(file.tensor("output.weight").isPresent() ? "output.weight" : "token_embd.weight"),
                vector("output_norm.weight", shape.width()),
                layers,
                rotation);
    }

    private Transformer.Layer layer(String prefix) {
        return new Transformer.Layer(
                vector(prefix + "attn_norm.weight", shape.width()),
                matrix(shape.width(), prefix + "attn_q.weight"),
                matrix(shape.width(), prefix + "attn_k.weight", prefix + "attn_v.weight"),
                matrix(shape.queryWidth(), prefix + "attn_output.weight"),
                vector(prefix + "ffn_norm.weight", shape.width()),
                matrix(shape.width(), prefix + "ffn_gate.weight", prefix + "ffn_up.weight"),
                matrix(shape.hidden(), prefix + "ffn_down.weight"),
                eightBit(prefix + "ffn_down.weight"));
    }

    /** Looks at every tensor's presence, shape and type before anything is allocated for it. */
    private void checkTensors() {
        check("token_embd.weight", shape.width(), shape.vocabulary());
        check("output_norm.weight", shape.width(), 1);
        if (file.tensor("output.weight").isPresent()) {
            check("output.weight", shape.width(), shape.vocabulary());
        }
        if (file.tensor("rope_freqs.weight").isPresent()) {
            check("rope_freqs.weight", shape.rotated() / 2, 1);
        }
        for (int i = 0; i < shape.layers(); i++) {
            String prefix = "blk." + i + ".";
            check(prefix + "attn_norm.weight", shape.width(), 1);
            check(prefix + "attn_q.weight", shape.width(), shape.queryWidth());
            check(prefix + "attn_k.weight", shape.width(), shape.keyWidth());
            check(prefix + "attn_v.weight", shape.width(), shape.keyWidth());
            check(prefix + "attn_output.weight", shape.queryWidth(), shape.width());
            check(prefix + "ffn_norm.weight", shape.width(), 1);
            check(prefix + "ffn_gate.weight", shape.width(), shape.hidden());
            check(prefix + "ffn_up.weight", shape.width(), shape.hidden());
            check(prefix + "ffn_down.weight", shape.hidden(), shape.width());
        }
        for (GgufTensor tensor : file.tensors()) {
            if (!used.contains(tensor.name())) {
                throw unusable("its tensor '" + tensor.name()
                        + "' belongs to a form of the architecture that this engine does not run; use llama-server");
            }
        }
    }

    private void check(String name, int columns, int rows) {
        GgufTensor tensor = file.tensor(name)
                .orElseThrow(() -> unusable(
                        "its tensor '" + name + "' is missing; the file is incomplete, convert the model again"));
        if (tensor.columns() != columns || tensor.rows() != rows) {
            throw unusable("its tensor '" + name + "' has the shape " + tensor.shape() + " where its metadata wants "
                    + columns + "x" + rows + "; the file was written by a faulty tool, convert the model again");
        }
        if (!tensor.type().readable()) {
            throw unusable("its tensor '" + name + "' has the quantisation " + tensor.type()
                    + "; use a file in F32, F16 or Q8_0, or run this one with llama-server");
        }
        used.add(name);
    }

    private void checkMemory() {
        long needed = HEADROOM;
        for (GgufTensor tensor : file.tensors()) {
            needed += tensor.elements() * Float.BYTES
                    + (tensor.columns() * (tensor.rows() / PlainKernel.TILE + 1) + tensor.rows()) * ARRAY_OVERHEAD;
        }
        needed += (long) positions * shape.rotated() * Float.BYTES;
        long most = Runtime.getRuntime().maxMemory();
        if (needed > most) {
            throw unusable("it needs about " + (needed >> 20) + " MB of heap and this JVM has at most " + (most >> 20)
                    + " MB; start it with a larger -Xmx, use a smaller model, or run this one with llama-server");
        }
    }

    private boolean eightBit(String name) {
        return tensor(name).type() == GgufType.Q8_0;
    }

    private float[] vector(String name, int width) {
        float[] vector = new float[width];
        file.readRows(tensor(name), 0, 1, vector);
        return vector;
    }

    private float[][] rows(String name, int width, int count) {
        float[][] rows = new float[count][width];
        GgufTensor tensor = tensor(name);
        for (int i = 0; i < count; i++) {
            file.readRows(tensor, i, 1, rows[i]);
        }
        return rows;
    }

    /** One matrix of the outputs of several tensors, one after the other. */
    private WeightMatrix matrix(int in, String... names) {
        List<GgufTensor> tensors = new ArrayList<>();
        int out = 0;
        for (String name : names) {
            GgufTensor tensor = tensor(name);
            tensors.add(tensor);
            out += (int) tensor.rows();
        }
        WeightMatrix matrix = kernel.matrix(in, out);
        float[] buffer = new float[ROWS_AT_ONCE * in];
        float[] row = new float[in];
        int output = 0;
        for (GgufTensor tensor : tensors) {
            for (int first = 0; first < tensor.rows(); first += ROWS_AT_ONCE) {
                int count = (int) Math.min(ROWS_AT_ONCE, tensor.rows() - first);
                file.readRows(tensor, first, count, buffer);
                for (int i = 0; i < count; i++) {
                    System.arraycopy(buffer, i * in, row, 0, in);
                    matrix.put(output++, row);
                }
            }
        }
        return matrix;
    }

    private GgufTensor tensor(String name) {
        return file.tensor(name).orElseThrow();
    }

    private UnusableModelException unusable(String reason) {
        return new UnusableModelException(file.path().toString(), reason, null);
    }
}
