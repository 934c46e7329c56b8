package dev.reflexloop.llm.nano;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.gguf.GgufFile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * The tokenizer that GGUF calls "llama": SentencePiece merging by score, with byte fallback. Gives the same tokens as llama.cpp, whose
 * {@code tokenizer_st_partition} and {@code llm_tokenizer_spm} it follows. Immutable.
 *
 * <p>Special tokens are cut out of the text first, longest first, before anything is merged: user-defined ones always, control tokens
 * only when asked for. llama.cpp works on UTF-8 bytes and so do the lengths here.
 */
final class SpmTokenizer {
    private static final int TYPE_UNKNOWN = 2;
    private static final int TYPE_CONTROL = 3;
    private static final int TYPE_USER_DEFINED = 4;
    private static final char ESCAPED_SPACE = '\u2581';

    private final String[] texts;
    private final float[] scores;
    private final Map<String, Integer> ids;
    private final List<Special> specials = new ArrayList<>();
    private final int[] byteIds = new int[256];
    private final int bos;
    private final int unknown;
    private final boolean addBos;
    private final boolean addSpacePrefix;

    /** A token that is matched before merging. */
    private record Special(int id, String text, int byteLength, boolean control) {}

    private SpmTokenizer(GgufFile file, List<String> tokens, float[] scores, int[] types) {
        this.texts = tokens.toArray(new String[0]);
        this.scores = scores;
        this.ids = new HashMap<>(texts.length * 2);
        for (int id = 0; id < texts.length; id++) {
            ids.put(texts[id], id);
            boolean control = types[id] == TYPE_CONTROL || types[id] == TYPE_UNKNOWN;
            if ((control || types[id] == TYPE_USER_DEFINED) && !texts[id].isEmpty()) {
                specials.add(new Special(id, texts[id], utf8Length(texts[id]), control));
            }
        }
        specials.sort(Comparator.comparingInt(Special::byteLength).reversed());
        this.bos = tokenId(file, "tokenizer.ggml.bos_token_id", 1);
        this.unknown = tokenId(file, "tokenizer.ggml.unknown_token_id", 0);
        this.addBos = file.flag("tokenizer.ggml.add_bos_token").orElse(true);
        this.addSpacePrefix = file.flag("tokenizer.ggml.add_space_prefix").orElse(true);
        for (int value = 0; value < 256; value++) {
            Integer id = ids.get(String.format("<0x%02X>", value));
            byteIds[value] = id == null ? unknown : id;
        }
    }

    private int tokenId(GgufFile file, String key, int otherwise) {
        long id = file.integer(key).orElse(otherwise);
        if (id < 0 || id >= texts.length) {
            throw unusable(
                    file,
                    "its '" + key + "' is " + id + " in a vocabulary of " + texts.length
                            + " tokens; the file was written by a faulty tool, convert the model again");
        }
        return (int) id;
    }

    /** Reads the tokenizer of a model file; refuses every other kind than "llama". */
    static SpmTokenizer of(GgufFile file) {
        String kind = file.string("tokenizer.ggml.model").orElse("");
        if (!kind.equals("llama")) {
            throw unusable(
                    file,
                    (kind.isEmpty() ? "it holds no tokenizer" : "its tokenizer is '" + kind + "'")
                            + " and this engine knows 'llama' (SentencePiece with scores); use a model with that tokenizer, for instance one "
                            + "made by reflex-training, or run this one with llama-server");
        }
        List<String> tokens = file.strings("tokenizer.ggml.tokens").orElse(List.of());
        if (tokens.isEmpty()) {
            throw unusable(file, "its vocabulary ('tokenizer.ggml.tokens') is missing; convert the model again");
        }
        float[] scores = file.floats("tokenizer.ggml.scores").orElseGet(() -> new float[tokens.size()]);
        float[] types = file.floats("tokenizer.ggml.token_type").orElseGet(() -> new float[tokens.size()]);
        if (scores.length != tokens.size() || types.length != tokens.size()) {
            throw unusable(
                    file,
                    "its vocabulary has " + tokens.size() + " tokens, " + scores.length + " scores and " + types.length
                            + " types; the file was written by a faulty tool, convert the model again");
        }
        int[] typeNumbers = new int[types.length];
        for (int i = 0; i < types.length; i++) {
            typeNumbers[i] = (int) types[i];
        }
        return new SpmTokenizer(file, tokens, scores, typeNumbers);
    }

    private static UnusableModelException unusable(GgufFile file, String reason) {
        return new UnusableModelException(file.path().toString(), reason, null);
    }

    int vocabularySize() {
        return texts.length;
    }

    String text(int id) {
        return texts[id];
    }

    int bos() {
        return bos;
    }

    boolean addsBos() {
        return addBos;
    }

    /** Whether the text as a whole is one token that is matched before merging, so that it is one token wherever it stands. */
    boolean isUserDefined(String text) {
        Integer id = ids.get(text);
        if (id == null) {
            return false;
        }
        for (Special special : specials) {
            if (special.id() == id) {
                return !special.control();
            }
        }
        return false;
    }

    /** Which special tokens a text may form. */
    enum Specials {
        /** All, control tokens included: for text of our own. */
        ALL,
        /** User-defined ones: what llama.cpp does without {@code parse_special}. */
        USER_DEFINED,
        /** None: for text of the game. */
        NONE
    }

    /**
     * The tokens of a text.
     *
     * @param text any text; an unpaired surrogate counts as '?'
     * @param withBos whether to begin with the beginning-of-text token, if the model wants one
     * @param which the special tokens that may be formed
     */
    int[] encode(String text, boolean withBos, Specials which) {
        TokenList out = new TokenList();
        if (withBos && addBos) {
            out.add(bos);
        }
        boolean afterSpecial = true;
        for (Object piece : partition(text, which)) {
            if (piece instanceof Integer id) {
                out.add(id);
                afterSpecial = true;
            } else {
                String raw = (String) piece;
                merge((addSpacePrefix && afterSpecial ? " " + raw : raw).replace(' ', ESCAPED_SPACE), out);
                afterSpecial = false;
            }
        }
        return out.toArray();
    }

    /** The tokens of a text that follows on others: no beginning, no leading space of its own, no special tokens. */
    int[] encodeContinuation(String text) {
        TokenList out = new TokenList();
        merge(text.replace(' ', ESCAPED_SPACE), out);
        return out.toArray();
    }

    /** Texts and, as Integer, the special tokens between them. */
    private List<Object> partition(String text, Specials which) {
        List<Object> pieces = new ArrayList<>();
        if (!text.isEmpty()) {
            pieces.add(text);
        }
        if (which == Specials.NONE) {
            return pieces;
        }
        for (Special special : specials) {
            if ((special.control() && which != Specials.ALL) || !text.contains(special.text())) {
                continue;
            }
            List<Object> next = new ArrayList<>();
            for (Object piece : pieces) {
                if (piece instanceof String raw) {
                    split(raw, special, next);
                } else {
                    next.add(piece);
                }
            }
            pieces = next;
        }
        return pieces;
    }

    private static void split(String raw, Special special, List<Object> out) {
        int from = 0;
        for (int at = raw.indexOf(special.text()); at >= 0; at = raw.indexOf(special.text(), from)) {
            if (at > from) {
                out.add(raw.substring(from, at));
            }
            out.add(special.id());
            from = at + special.text().length();
        }
        if (from < raw.length()) {
            out.add(raw.substring(from));
        }
    }

    /** A pair of neighbouring symbols whose texts joined are a token; its end tells whether it is still what it was. */
    private record Pair(int left, int right, float score, int end) {}

    /** Joins the best-scored pair of neighbours, the leftmost among equals, until no pair is a token. */
    private void merge(String text, TokenList out) {
        Symbols symbols = new Symbols(text);
        PriorityQueue<Pair> queue = new PriorityQueue<>(
                Comparator.comparingDouble((Pair pair) -> -pair.score()).thenComparingInt(Pair::left));
        for (int i = 1; i < symbols.count; i++) {
            offer(queue, symbols, i - 1, i);
        }
        for (Pair pair = queue.poll(); pair != null; pair = queue.poll()) {
            int left = pair.left();
            int right = pair.right();
            // A symbol that was merged away is empty; one that grew ends elsewhere.
            if (symbols.empty(left)
                    || symbols.empty(right)
                    || symbols.end[right] != pair.end()
                    || symbols.next[left] != right) {
                continue;
            }
            symbols.join(left, right);
            offer(queue, symbols, symbols.previous[left], left);
            offer(queue, symbols, left, symbols.next[left]);
        }
        for (int i = symbols.count == 0 ? -1 : 0; i >= 0; i = symbols.next[i]) {
            Integer id = ids.get(symbols.text(i, i));
            if (id != null) {
                out.add(id);
            } else {
                for (byte value : symbols.text(i, i).getBytes(StandardCharsets.UTF_8)) {
                    out.add(byteIds[value & 0xff]);
                }
            }
        }
    }

    private void offer(PriorityQueue<Pair> queue, Symbols symbols, int left, int right) {
        if (left >= 0 && right >= 0) {
            Integer id = ids.get(symbols.text(left, right));
            if (id != null) {
                queue.add(new Pair(left, right, scores[id], symbols.end[right]));
            }
        }
    }

    /** A doubly linked list of stretches of a text, at first one per code point. */
    private static final class Symbols {
        private final String text;
        private final int[] start;
        private final int[] end;
        private final int[] previous;
        private final int[] next;
        private final int count;

        Symbols(String text) {
            this.text = text;
            this.count = text.codePointCount(0, text.length());
            this.start = new int[count];
            this.end = new int[count];
            this.previous = new int[count];
            this.next = new int[count];
            int offset = 0;
            for (int i = 0; i < count; i++) {
                start[i] = offset;
                offset = text.offsetByCodePoints(offset, 1);
                end[i] = offset;
                previous[i] = i - 1;
                next[i] = i + 1 < count ? i + 1 : -1;
            }
        }

        boolean empty(int symbol) {
            return start[symbol] == end[symbol];
        }

        String text(int first, int last) {
            return text.substring(start[first], end[last]);
        }

        void join(int left, int right) {
            end[left] = end[right];
            start[right] = end[right];
            next[left] = next[right];
            if (next[right] >= 0) {
                previous[next[right]] = left;
            }
        }
    }

    private static int utf8Length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** A growing list of token ids. */
    private static final class TokenList {
        private int[] values = new int[64];
        private int size;

        void add(int value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = value;
        }

        int[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }
}
