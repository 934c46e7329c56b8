package dev.reflexloop.llm.nano;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Question;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.PromptRenderer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** Joins a renderer and a vocabulary: prompts as tokens, labels as single tokens. Thread-safe. */
abstract class PromptBinding {
    private static final int NO_TOKEN = -1;

    private final String model;
    private final PromptRenderer renderer;

    private PromptBinding(String model, PromptRenderer renderer) {
        this.model = model;
        this.renderer = renderer;
    }

    /** A prompt as text and as tokens. */
    @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
    record Prompt(String text, int[] tokens) {}

    abstract Prompt prompt(Question question);

    /** What follows the prompt once an action is chosen. */
    abstract Prompt targets(Question question, Action chosen);

    /** The single token of a label, or a negative number. */
    abstract int token(String label);

    static PromptBinding of(String model, PromptRenderer renderer, SpmTokenizer tokenizer) {
        return renderer instanceof PromptLayout layout
                ? new Fused(model, layout, tokenizer)
                : new Rendered(model, renderer, tokenizer);
    }

    /**
     * The token by which an action is scored.
     *
     * @throws UnusableModelException if the action has no label, or one that is not a single token
     */
    final int label(ActionSchema schema, Action action) {
        Optional<String> label = renderer.label(schema, action);
        int token = label.isEmpty() ? NO_TOKEN : token(label.get());
        if (token < 0) {
            throw unusable("it has no label for action '" + action.name() + "' of schema '" + schema.name() + "'"
                    + (label.isEmpty() ? "" : " ('" + label.get() + "' is not a single token of its vocabulary)")
                    + "; train it for this schema, or use a renderer whose labels are single tokens");
        }
        return token;
    }

    /** The tokens by which the targets are scored; fewer than targets where the labels do not reach. */
    final int[] targetLabels(int targets) {
        int[] tokens = new int[targets];
        for (int i = 0; i < targets; i++) {
            Optional<String> label = renderer.targetLabel(i);
            int token = label.isEmpty() ? NO_TOKEN : token(label.get());
            if (token < 0) {
                return Arrays.copyOf(tokens, i);
            }
            tokens[i] = token;
        }
        return tokens;
    }

    /** Refuses a schema that the model cannot answer, when it is loaded. */
    final void check(ActionSchema schema) {
        Map<Integer, String> seen = new HashMap<>();
        for (Action action : schema.actions()) {
            String other = seen.putIfAbsent(label(schema, action), action.name());
            if (other != null) {
                throw unusable("the labels of actions '" + other + "' and '" + action.name()
                        + "' are the same token; use a renderer that tells them apart");
            }
        }
    }

    final UnusableModelException unusable(String reason) {
        return new UnusableModelException(model, reason, null);
    }

    /** A fused prompt: its tokens are looked up, nothing is tokenized. */
    private static final class Fused extends PromptBinding {
        private final PromptLayout layout;
        private final int[] ids;
        private final boolean bos;
        private final int bosToken;

        Fused(String model, PromptLayout layout, SpmTokenizer tokenizer) {
            super(model, layout);
            this.layout = layout;
            List<String> tokens = layout.tokens();
            this.ids = new int[tokens.size()];
            for (int i = 0; i < ids.length; i++) {
                int[] encoded = tokenizer.encode(tokens.get(i), false, SpmTokenizer.Specials.USER_DEFINED);
                if (encoded.length != 1 || !tokenizer.isUserDefined(tokens.get(i))) {
                    throw unusable(
                            "'" + tokens.get(i) + "' of its prompt layout is " + encoded.length
                                    + " tokens of its vocabulary instead of one user-defined token; use the layout that it was trained with");
                }
                ids[i] = encoded[0];
            }
            this.bos = tokenizer.addsBos();
            this.bosToken = tokenizer.bos();
        }

        @Override
        Prompt prompt(Question question) {
            int[] indexes = layout.encode(question.perception(), question.goal());
            int shift = bos ? 1 : 0;
            int[] tokens = new int[indexes.length + shift];
            tokens[0] = bosToken;
            for (int i = 0; i < indexes.length; i++) {
                tokens[i + shift] = ids[indexes[i]];
            }
            return new Prompt(layout.text(indexes), tokens);
        }

        @Override
        Prompt targets(Question question, Action chosen) {
            String label = layout.renderTargets(question, chosen);
            return new Prompt(label, new int[] {token(label)});
        }

        @Override
        int token(String label) {
            int index = layout.index(label);
            return index < 0 ? NO_TOKEN : ids[index];
        }
    }

    /** Text of any renderer. It may hold text of the game, so no special token is formed from it. */
    private static final class Rendered extends PromptBinding {
        private static final int MOST_LABELS = 4_096;

        private final PromptRenderer renderer;
        private final SpmTokenizer tokenizer;
        private final Map<String, Integer> labels = new ConcurrentHashMap<>();

        Rendered(String model, PromptRenderer renderer, SpmTokenizer tokenizer) {
            super(model, renderer);
            this.renderer = renderer;
            this.tokenizer = tokenizer;
        }

        @Override
        Prompt prompt(Question question) {
            String text = renderer.render(question);
            return new Prompt(text, tokenizer.encode(text, true, SpmTokenizer.Specials.NONE));
        }

        @Override
        Prompt targets(Question question, Action chosen) {
            String text = renderer.renderTargets(question, chosen);
            return new Prompt(text, tokenizer.encodeContinuation(text));
        }

        @Override
        int token(String label) {
            Integer known = labels.get(label);
            if (known != null) {
                return known;
            }
            int[] tokens = tokenizer.encodeContinuation(label);
            int token = tokens.length == 1 ? tokens[0] : NO_TOKEN;
            if (labels.size() < MOST_LABELS) {
                labels.put(label, token);
            }
            return token;
        }
    }
}
