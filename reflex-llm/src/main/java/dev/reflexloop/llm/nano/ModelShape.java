package dev.reflexloop.llm.nano;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.gguf.GgufFile;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * The shape of a llama-architecture transformer. Every number is checked, so that the engine can trust them. Immutable.
 *
 * @param layers blocks, 1 or more
 * @param width the residual stream
 * @param hidden the feed-forward part's inner width
 * @param heads query heads
 * @param keyHeads key and value heads; heads is a multiple of it
 * @param headWidth the width of one head, even
 * @param rotated how many of a head's numbers are rotated by position, even
 * @param context the longest prompt in tokens
 * @param epsilon of the norms
 * @param rotationBase the base of the rotation's frequencies
 * @param vocabulary tokens
 */
record ModelShape(
        int layers,
        int width,
        int hidden,
        int heads,
        int keyHeads,
        int headWidth,
        int rotated,
        int context,
        float epsilon,
        double rotationBase,
        int vocabulary) {
    private static final String CONTEXT = "llama.context_length";
    private static final int MOST = 1 << 16;
    private static final int MOST_CONTEXT = 1 << 28;

    int queryWidth() {
        return heads * headWidth;
    }

    int keyWidth() {
        return keyHeads * headWidth;
    }

    /** Bytes that the keys and values of one token take. */
    long cacheBytesPerToken() {
        return 2L * layers * keyWidth() * Float.BYTES;
    }

    /** Numbers in the weights that a token's evaluation goes through. */
    long blockParameters() {
        return (long) layers * width * (2L * queryWidth() + 2L * keyWidth() + 3L * hidden);
    }

    static ModelShape of(GgufFile file, int vocabulary) {
        String architecture = file.string("general.architecture").orElse("");
        if (!architecture.equals("llama")) {
            throw unusable(
                    file,
                    (architecture.isEmpty() ? "it names no architecture" : "its architecture is '" + architecture + "'")
                            + " and this engine runs 'llama'; use a llama-architecture model, for instance one made by reflex-training, or run "
                            + "this one with llama-server");
        }
        refuseUnsupported(file);
        int width = size(file, "llama.embedding_length");
        int heads = size(file, "llama.attention.head_count");
        int keyHeads = size(file, "llama.attention.head_count_kv", heads);
        if (heads % keyHeads != 0) {
            throw unusable(
                    file,
                    "its " + heads + " heads do not divide by its " + keyHeads
                            + " key heads; the file was written by a faulty tool, convert the model again");
        }
        int headWidth = size(file, "llama.attention.key_length", Math.max(1, width / heads));
        int valueWidth = size(file, "llama.attention.value_length", headWidth);
        int rotated = size(file, "llama.rope.dimension_count", headWidth);
        if (valueWidth != headWidth
                || headWidth % 2 != 0
                || rotated % 2 != 0
                || rotated > headWidth
                || (long) heads * headWidth > MOST) {
            throw unusable(
                    file,
                    "its heads (" + heads + " of width " + headWidth + ", values " + valueWidth + ", rotated " + rotated
                            + ") are of a form that this engine does not run; use llama-server");
        }
        return new ModelShape(
                size(file, "llama.block_count"),
                width,
                size(file, "llama.feed_forward_length"),
                heads,
                keyHeads,
                headWidth,
                rotated,
                size(file, CONTEXT),
                (float) positive(file, "llama.attention.layer_norm_rms_epsilon", OptionalDouble.empty()),
                positive(file, "llama.rope.freq_base", OptionalDouble.of(10_000)),
                vocabulary);
    }

    private static void refuseUnsupported(GgufFile file) {
        String scaling = file.string("llama.rope.scaling.type").orElse("none");
        double factor = file.number("llama.rope.scaling.factor")
                .orElse(file.number("llama.rope.scale_linear").orElse(1));
        if (!scaling.equals("none") && factor != 1) {
            throw unusable(
                    file,
                    "its positions are scaled ('" + scaling + "' by " + factor
                            + "), which this engine does not do; use a model without RoPE scaling, or llama-server");
        }
        if (file.integer("llama.expert_count").orElse(0) > 0) {
            throw unusable(file, "it is a mixture of experts; use a dense model, or llama-server");
        }
    }

    private static int size(GgufFile file, String key) {
        return size(file, key, file.integer(key));
    }

    private static int size(GgufFile file, String key, int otherwise) {
        OptionalLong value = file.integer(key);
        return size(file, key, value.isPresent() ? value : OptionalLong.of(otherwise));
    }

    private static int size(GgufFile file, String key, OptionalLong value) {
        if (value.isEmpty()
                || value.getAsLong() < 1
                || value.getAsLong() > (key.equals(CONTEXT) ? MOST_CONTEXT : MOST)) {
            throw unusable(
                    file,
                    "its '" + key + "' is " + (value.isEmpty() ? "missing" : value.getAsLong())
                            + "; the file was written by a faulty tool, convert the model again");
        }
        return (int) value.getAsLong();
    }

    private static double positive(GgufFile file, String key, OptionalDouble otherwise) {
        OptionalDouble found = file.number(key);
        double value = found.isPresent() ? found.getAsDouble() : otherwise.orElse(Double.NaN);
        if (!(value > 0) || !Double.isFinite(value)) {
            throw unusable(
                    file,
                    "its '" + key + "' is " + (found.isEmpty() ? "missing" : found.getAsDouble())
                            + "; the file was written by a faulty tool, convert the model again");
        }
        return value;
    }

    private static UnusableModelException unusable(GgufFile file, String reason) {
        return new UnusableModelException(file.path().toString(), reason, null);
    }
}
