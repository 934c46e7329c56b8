package dev.reflexloop.llm.gguf;

import dev.reflexloop.UnusableModelException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a model's metadata say about its kind and its vocabulary. Immutable. */
final class ModelText {
    /** What decision models answer with, in the order of the options. */
    static final String LABELS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /** Names of byte-pair tokenizers that put a beginning in front unless told not to. Source: llama-vocab.cpp of llama.cpp. */
    private static final Set<String> BEGIN_BY_DEFAULT =
            Set.of("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "tekken");

    private static final String WORD_START = "\u2581";

    private final String path;
    private final Map<String, Object> metadata;

    ModelText(String path, Map<String, Object> metadata) {
        this.path = path;
        this.metadata = metadata;
    }

    String architecture() {
        String architecture = text("general.architecture").orElse("");
        if (architecture.isBlank()) {
            throw unusable("it does not say what architecture it has; convert the model again");
        }
        return architecture;
    }

    /** Refuses what cannot become a decision model. */
    void check() {
        String kind = text("general.type").orElse("model");
        if (!kind.equals("model") || architecture().equals("clip")) {
            throw unusable("it is no model of its own but of the kind '" + kind + "'; stamp the base model");
        }
        if (metadata.get("split.count") instanceof Long parts && parts > 1) {
            throw unusable(
                    "it is one of " + parts + " parts of a model; join them with llama-gguf-split --merge first");
        }
        String type = text(architecture() + ".decision.type").orElse("openjev");
        if (!type.equals("openjev")) {
            throw unusable("it is a decision model already, of the type '" + type + "'; serve it as it is");
        }
        checkLabels();
    }

    private void checkLabels() {
        if (!(metadata.get("tokenizer.ggml.tokens") instanceof GgufHeader.Texts tokens)) {
            throw unusable("it holds no vocabulary; stamp a complete language model");
        }
        Set<String> known = new HashSet<>(tokens.values());
        // SentencePiece writes a text's first word with a mark in front of it, unless told not to, and unknown text as
        // bytes.
        boolean marked = text("tokenizer.ggml.model").orElse("").equals("llama")
                && !Boolean.FALSE.equals(metadata.get("tokenizer.ggml.add_space_prefix"));
        for (String label : LABELS.split("")) {
            boolean single = marked
                    ? known.contains(WORD_START + label)
                    : known.contains(label)
                            || known.contains(String.format(Locale.ROOT, "<0x%02X>", (int) label.charAt(0)));
            if (!single) {
                throw unusable("its vocabulary has no single token for the label '" + label
                        + "', and decision models answer with one of the letters A to Z and a to z; use a model whose "
                        + "vocabulary has them, or score this one's own tokens at /completion");
            }
        }
    }

    /** The text of the token that every prompt of the model begins with, which decision prompts have to bring themselves; may be empty. */
    String firstToken() {
        boolean usual = text("tokenizer.ggml.model").orElse("").equals("llama")
                || text("tokenizer.ggml.pre").filter(BEGIN_BY_DEFAULT::contains).isPresent();
        boolean added = metadata.get("tokenizer.ggml.add_bos_token") instanceof Boolean told ? told : usual;
        Object id = metadata.get("tokenizer.ggml.bos_token_id");
        List<String> tokens = tokens();
        return added && id instanceof Long number && number >= 0 && number < tokens.size()
                ? tokens.get(number.intValue())
                : "";
    }

    Optional<String> text(String key) {
        return metadata.get(key) instanceof String text ? Optional.of(text) : Optional.empty();
    }

    List<String> tokens() {
        return metadata.get("tokenizer.ggml.tokens") instanceof GgufHeader.Texts texts ? texts.values() : List.of();
    }

    private UnusableModelException unusable(String reason) {
        return GgufFile.unusable(path, reason);
    }
}
