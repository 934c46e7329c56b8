package dev.reflexloop.benchmarks;

import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.gguf.GgufWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The tokens of a generated model. Two are those of trained models as far as English goes, so that a prompt costs as many tokens as it
 * would cost there: the first 100,256 tokens of Llama 3 are cl100k's; SmolLM2's own tokens are not published under a name that a build
 * could fetch, and a byte-pair vocabulary of the same size and the same cutting rule stands in for it.
 *
 * @param tokens the texts, in the order of their numbers
 * @param types their kinds
 * @param writer adds the keys that belong to the kind of tokenizer
 */
record Vocabulary(List<String> tokens, List<Integer> types, Keys writer) {
    private static final int NORMAL = 1;
    private static final int UNKNOWN = 2;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;
    private static final int BYTE = 6;
    private static final int BYTES = 256;

    private static final int SMOL_SIZE = 49_152;
    private static final int SMOL_CONTROLS = 17;
    private static final int LLAMA_SIZE = 128_256;
    private static final int LLAMA_CONTROLS_FROM = 128_000;
    private static final int LLAMA_HEADER_FROM = 6;

    private static final String CHAT_ML = "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + "
            + "message['content'] + '<|im_end|>\\n' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";
    private static final String LLAMA_CHAT = "{{ bos_token }}{% for message in messages %}{{ '<|start_header_id|>' + "
            + "message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}"
            + "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}";

    /** Adds keys to a file. */
    @FunctionalInterface
    interface Keys {
        void add(GgufWriter writer);
    }

    /** The fused tokens of a layout over bytes, as nano models have them. */
    static Vocabulary fused(PromptLayout layout) {
        Vocabulary vocabulary = new Vocabulary(
                new ArrayList<>(),
                new ArrayList<>(),
                writer -> writer.put("tokenizer.ggml.model", "llama")
                        .putFloats(
                                "tokenizer.ggml.scores",
                                new float[3 + BYTES + layout.tokens().size()])
                        .put("tokenizer.ggml.unknown_token_id", 0)
                        .put("tokenizer.ggml.bos_token_id", 1)
                        .put("tokenizer.ggml.eos_token_id", 2)
                        .put("tokenizer.ggml.add_bos_token", true)
                        .put("tokenizer.ggml.add_space_prefix", false)
                        .put("reflex.prompt.format", PromptLayout.FORMAT)
                        .put("reflex.prompt.layout", layout.toJson())
                        .put("reflex.schema", layout.schema())
                        .putStrings("reflex.actions", layout.actions()));
        vocabulary.add("<unk>", UNKNOWN).add("<s>", CONTROL).add("</s>", CONTROL);
        for (int value = 0; value < BYTES; value++) {
            vocabulary.add(String.format(Locale.ROOT, "<0x%02X>", value), BYTE);
        }
        layout.tokens().forEach(token -> vocabulary.add(token, USER_DEFINED));
        return vocabulary;
    }

    /** As many tokens as SmolLM2 has, single digits as there: 17 control tokens, then the first of GPT-2's byte pairs. */
    static Vocabulary smol() {
        BytePairs pairs = BytePairs.load("r50k_base", SMOL_SIZE - SMOL_CONTROLS);
        Vocabulary vocabulary = new Vocabulary(
                new ArrayList<>(),
                new ArrayList<>(),
                writer -> bytePairs(writer, "smollm", pairs, CHAT_ML)
                        .put("tokenizer.ggml.bos_token_id", 1)
                        .put("tokenizer.ggml.eos_token_id", 2)
                        .put("tokenizer.ggml.add_bos_token", false));
        vocabulary.add("<|endoftext|>", CONTROL).add("<|im_start|>", CONTROL).add("<|im_end|>", CONTROL);
        vocabulary.fill("<|control_%d|>", CONTROL, SMOL_CONTROLS);
        pairs.tokens().forEach(token -> vocabulary.add(token, NORMAL));
        return vocabulary;
    }

    /** The tokens of Llama 3 up to 100,256; what follows there, mostly other languages, is there but unused. */
    static Vocabulary llama3() {
        BytePairs pairs = BytePairs.load("cl100k_base", Integer.MAX_VALUE);
        Vocabulary vocabulary = new Vocabulary(
                new ArrayList<>(),
                new ArrayList<>(),
                writer -> bytePairs(writer, "llama-bpe", pairs, LLAMA_CHAT)
                        .put("tokenizer.ggml.bos_token_id", LLAMA_CONTROLS_FROM)
                        .put("tokenizer.ggml.eos_token_id", LLAMA_CONTROLS_FROM + 9));
        pairs.tokens().forEach(token -> vocabulary.add(token, NORMAL));
        vocabulary.fill("<|unused_%d|>", UNUSED, LLAMA_CONTROLS_FROM);
        vocabulary.add("<|begin_of_text|>", CONTROL).add("<|end_of_text|>", CONTROL);
        vocabulary.fill("<|control_%d|>", CONTROL, LLAMA_CONTROLS_FROM + LLAMA_HEADER_FROM);
        vocabulary.add("<|start_header_id|>", CONTROL).add("<|end_header_id|>", CONTROL);
        vocabulary.add("<|eom_id|>", CONTROL).add("<|eot_id|>", CONTROL);
        vocabulary.fill("<|control_%d|>", CONTROL, LLAMA_SIZE);
        return vocabulary;
    }

    private static GgufWriter bytePairs(GgufWriter writer, String pre, BytePairs pairs, String chat) {
        return writer.put("tokenizer.ggml.model", "gpt2")
                .put("tokenizer.ggml.pre", pre)
                .putStrings("tokenizer.ggml.merges", pairs.merges())
                .put("tokenizer.chat_template", chat);
    }

    private Vocabulary add(String token, int type) {
        tokens.add(token);
        types.add(type);
        return this;
    }

    private void fill(String pattern, int type, int size) {
        IntStream.range(tokens.size(), size).forEach(id -> add(String.format(Locale.ROOT, pattern, id), type));
    }

    int size() {
        return tokens.size();
    }

    void write(GgufWriter file) {
        file.put("llama.vocab_size", size())
                .putStrings("tokenizer.ggml.tokens", tokens)
                .putInts(
                        "tokenizer.ggml.token_type",
                        types.stream().mapToInt(Integer::intValue).toArray());
        writer.add(file);
    }
}
