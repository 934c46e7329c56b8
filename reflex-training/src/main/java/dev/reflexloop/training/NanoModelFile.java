package dev.reflexloop.training;

import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufWriter;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/*
 * The tokenizer is the SPM kind with byte fallback, which llama.cpp and the embedded engine both know. Fused tokens are
 * of type "user defined", which is matched as a whole before any merging; everything else falls back to bytes. No space
 * is put before a prompt, and a begin token is.
 */
/** Writes a trained model as a GGUF file of the llama architecture. */
final class NanoModelFile {

    private static final int TYPE_UNKNOWN = 2;
    private static final int TYPE_CONTROL = 3;
    private static final int TYPE_USER_DEFINED = 4;
    private static final int TYPE_BYTE = 6;
    private static final int QUANTIZATION_VERSION = 2;

    private NanoModelFile() {}

    /** Writes the file atomically; matrices in the given type, norms always in F32, which llama.cpp demands. */
    static void write(
            Path file, WeightMap map, float[] weights, PromptLayout layout, GgufWriter.TensorType type, String name)
            throws IOException {
        GgufWriter writer = new GgufWriter();
        architecture(writer, map, type, name);
        tokenizer(writer, layout);
        writer.put("reflex.prompt.format", PromptLayout.FORMAT)
                .put("reflex.prompt.layout", layout.toJson())
                .put("reflex.schema", layout.schema())
                .putStrings("reflex.actions", layout.actions());
        for (WeightMap.Slot slot : map.inFileOrder()) {
            FloatBuffer values =
                    FloatBuffer.wrap(weights, slot.offset(), slot.size()).slice();
            if (slot.rows() == 1 && slot.offset() >= map.decayed()) {
                writer.tensor(slot.name(), GgufWriter.TensorType.F32, values, slot.columns());
            } else {
                writer.tensor(slot.name(), type, values, slot.columns(), slot.rows());
            }
        }
        writer.write(file);
    }

    private static void architecture(GgufWriter writer, WeightMap map, GgufWriter.TensorType type, String name) {
        NanoShape shape = map.shape();
        writer.put("general.architecture", "llama")
                .put("general.name", name)
                .put("general.file_type", type.fileType())
                .put("general.quantization_version", QUANTIZATION_VERSION)
                .put("llama.block_count", shape.layers())
                .put("llama.context_length", shape.contextLength())
                .put("llama.embedding_length", shape.width())
                .put("llama.feed_forward_length", shape.feedForward())
                .put("llama.attention.head_count", shape.heads())
                .put("llama.attention.head_count_kv", shape.kvHeads())
                .put("llama.attention.layer_norm_rms_epsilon", NanoShape.NORM_EPSILON)
                .put("llama.rope.dimension_count", shape.headSize())
                .put("llama.rope.freq_base", NanoShape.ROPE_BASE)
                .put("llama.vocab_size", map.vocabulary());
    }

    private static void tokenizer(GgufWriter writer, PromptLayout layout) {
        List<String> tokens = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        List<Integer> types = new ArrayList<>(List.of(TYPE_UNKNOWN, TYPE_CONTROL, TYPE_CONTROL));
        for (int value = 0; value < 256; value++) {
            tokens.add(String.format(Locale.ROOT, "<0x%02X>", value));
            types.add(TYPE_BYTE);
        }
        for (String token : layout.tokens()) {
            tokens.add(token);
            types.add(TYPE_USER_DEFINED);
        }
        writer.put("tokenizer.ggml.model", "llama")
                .putStrings("tokenizer.ggml.tokens", tokens)
                .putFloats("tokenizer.ggml.scores", new float[tokens.size()])
                .putInts(
                        "tokenizer.ggml.token_type",
                        types.stream().mapToInt(Integer::intValue).toArray())
                .put("tokenizer.ggml.unknown_token_id", 0)
                .put("tokenizer.ggml.bos_token_id", 1)
                .put("tokenizer.ggml.eos_token_id", 2)
                .put("tokenizer.ggml.add_bos_token", true)
                .put("tokenizer.ggml.add_eos_token", false)
                .put("tokenizer.ggml.add_space_prefix", false);
    }
}
