package dev.reflexloop.llm;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.codex.Codex;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The fused prompt of a nano model, format {@value #FORMAT}: one token per field and value, such as {@code <distance=150..300>}, in an
 * order that is data. Immutable.
 *
 * <p>A prompt is the fields in their order, stable ones first and volatile ones last, then {@value #ACT}. The action is read from
 * what the model expects next among the labels {@code <do=...>}; its target, where it has any, among {@code <at=0>}, {@code <at=1>}
 * and so on after the action's label.
 *
 * <p>Every token begins with '&lt;', ends with '&gt;' and holds neither in between. A prompt consists of nothing but tokens of
 * {@link #tokens()}: a text of the game only ever selects one of them, so that it can form no other token and no label. A fact that
 * is missing or of another kind shows as {@code none}, a text outside its closed set as {@code other}; facts without a field are
 * not shown. Nothing in a perception makes {@link #render(Question)} throw.
 *
 * <p>The tokens of a layout, in the order of {@link #tokens()}, are what a trainer puts into the model's vocabulary as
 * user-defined tokens.
 */
public final class PromptLayout implements PromptRenderer {
    /** The name of this prompt format, written into model files. */
    public static final String FORMAT = "fused-1";

    /** The token that closes a prompt. */
    public static final String ACT = "<act>";

    /** The name of the field that shows the question's {@link Goal} instead of a fact. */
    public static final String GOAL = "goal";

    /** The most targets that have labels. */
    public static final int MAX_TARGETS = 255;

    /** The most tokens of a layout. */
    public static final int MAX_TOKENS = 65_536;

    private static final Fact ABSENT = Fact.of("");

    private final String schema;
    private final List<String> actions;
    private final int targets;
    private final List<PromptField> fields;
    private final List<String> tokens;
    private final Map<String, Integer> indexes = new HashMap<>();
    private final List<FieldEncoder> encoders = new ArrayList<>();

    private PromptLayout(String schema, List<String> actions, int targets, List<PromptField> fields) {
        this.schema = schema;
        this.actions = List.copyOf(actions);
        this.targets = targets;
        this.fields = List.copyOf(fields);
        Set<String> names = new HashSet<>();
        for (PromptField field : this.fields) {
            if (!names.add(field.name())) {
                throw new IllegalArgumentException(
                        "layout has two fields named '" + field.name() + "'; give each once");
            }
        }
        List<String> all = new ArrayList<>();
        for (PromptField field : this.fields) {
            encoders.add(FieldEncoder.of(field, "", all));
        }
        all.add(ACT);
        this.actions.forEach(action -> all.add(actionToken(action)));
        for (int i = 0; i < targets; i++) {
            all.add(targetToken(i));
        }
        if (all.size() > MAX_TOKENS) {
            throw new IllegalArgumentException("layout has " + all.size()
                    + " tokens; use fewer fields, bands or records, at most " + MAX_TOKENS + " tokens");
        }
        this.tokens = Collections.unmodifiableList(all);
        for (String token : tokens) {
            if (indexes.putIfAbsent(token, indexes.size()) != null) {
                throw new IllegalArgumentException("layout forms the token '" + token
                        + "' twice; rename one of the fields, values or actions that it is made of");
            }
        }
    }

    /**
     * Starts a layout.
     *
     * @param schema the name of the action schema
     * @param actions the names of its actions, in its order; at least one
     * @return a builder, one thread at a time
     */
    public static Builder builder(String schema, List<String> actions) {
        return new Builder(schema, actions);
    }

    /**
     * Starts a layout.
     *
     * @param schema the action schema
     * @return a builder, one thread at a time
     */
    public static Builder builder(ActionSchema schema) {
        return builder(
                schema.name(), schema.actions().stream().map(Action::name).toList());
    }

    /**
     * Reads what {@link #toJson()} wrote.
     *
     * @param json the layout
     * @return the layout
     * @throws IllegalArgumentException if it is no layout, or one that breaks a rule of this class
     */
    public static PromptLayout fromJson(String json) {
        try {
            return LayoutJson.read(json);
        } catch (JsonProcessingException broken) {
            throw new IllegalArgumentException(
                    "prompt layout is no JSON (" + broken.getOriginalMessage()
                            + "); write it with PromptLayout.toJson()",
                    broken);
        }
    }

    /**
     * The layout as JSON, for the metadata of a model file.
     *
     * @return one line of JSON, the same for equal layouts
     */
    public String toJson() {
        return LayoutJson.write(this);
    }

    /** The format, and a digest of the JSON. */
    @Override
    public String settings() {
        return FORMAT + ", " + Codex.hashOf(toJson());
    }

    /**
     * The name of the action schema.
     *
     * @return the name
     */
    public String schema() {
        return schema;
    }

    /**
     * The actions that have labels, in the schema's order.
     *
     * @return their names, unmodifiable
     */
    public List<String> actions() {
        return actions;
    }

    /**
     * How many targets have labels.
     *
     * @return 0 to {@value #MAX_TARGETS}
     */
    public int targets() {
        return targets;
    }

    /**
     * The fields in the order of the prompt, stable ones first.
     *
     * @return the fields, unmodifiable
     */
    public List<PromptField> fields() {
        return fields;
    }

    /**
     * Every token that a prompt, a label or a target can consist of: those of the fields in their order, then {@value #ACT}, then the
     * actions' labels, then the targets'.
     *
     * @return the tokens, all different, unmodifiable
     */
    public List<String> tokens() {
        return tokens;
    }

    /**
     * The place of a token in {@link #tokens()}.
     *
     * @param token the token's text
     * @return its index, or -1 when it is no token of this layout
     */
    public int index(String token) {
        return indexes.getOrDefault(token, -1);
    }

    /**
     * The same layout in another order of fields.
     *
     * @param names the names of all fields, stable ones first
     * @return the layout; its tokens are the same in another order
     * @throws IllegalArgumentException if a field is left out, unknown or there twice
     */
    public PromptLayout reordered(List<String> names) {
        Map<String, PromptField> byName = new HashMap<>();
        fields.forEach(field -> byName.put(field.name(), field));
        List<PromptField> ordered = new ArrayList<>();
        for (String name : names) {
            PromptField field = byName.remove(name);
            if (field == null) {
                throw new IllegalArgumentException(
                        "order " + names + " names '" + name + "', which is no field or there twice; name each once");
            }
            ordered.add(field);
        }
        if (!byName.isEmpty()) {
            throw new IllegalArgumentException("order leaves out the fields " + byName.keySet() + "; name each once");
        }
        return new PromptLayout(schema, actions, targets, ordered);
    }

    /** The prompt: only tokens of {@link #tokens()}, ending in {@value #ACT}. */
    @Override
    public String render(Question question) {
        return text(encode(question.perception(), question.goal()));
    }

    /**
     * The prompt as indexes into {@link #tokens()}.
     *
     * @param perception what is seen
     * @param goal what is wanted
     * @return a new array; the last index is that of {@value #ACT}
     */
    public int[] encode(Perception perception, Goal goal) {
        IndexList out = new IndexList(fields.size() + 8);
        for (FieldEncoder encoder : encoders) {
            Fact fact;
            if (encoder.name().equals(GOAL)) {
                fact = goal.text().isEmpty() ? ABSENT : new Fact.Text(goal.text());
            } else {
                fact = perception.facts().getOrDefault(encoder.name(), ABSENT);
            }
            encoder.encode(fact == ABSENT ? null : fact, out);
        }
        out.add(actIndex());
        return out.toArray();
    }

    private int actIndex() {
        return tokens.size() - targets - actions.size() - 1;
    }

    /**
     * The text of tokens.
     *
     * @param tokenIndexes indexes into {@link #tokens()}
     * @return the tokens' texts, joined
     */
    public String text(int[] tokenIndexes) {
        StringBuilder text = new StringBuilder(tokenIndexes.length * 20);
        for (int index : tokenIndexes) {
            text.append(tokens.get(index));
        }
        return text.toString();
    }

    @Override
    public Optional<String> label(ActionSchema questionSchema, Action action) {
        String token = actionToken(action.name());
        return indexes.containsKey(token) ? Optional.of(token) : Optional.empty();
    }

    @Override
    public String renderTargets(Question question, Action chosen) {
        return actionToken(chosen.name());
    }

    @Override
    public Optional<String> targetLabel(int index) {
        return index >= 0 && index < targets ? Optional.of(targetToken(index)) : Optional.empty();
    }

    /**
     * The label of an action.
     *
     * @param action the action's name
     * @return the token, whether or not this layout has it
     */
    public static String actionToken(String action) {
        return "<do=" + FieldEncoder.escape(action) + ">";
    }

    /**
     * The label of a target.
     *
     * @param index the target's place in the question, from 0
     * @return the token, whether or not this layout has it
     */
    public static String targetToken(int index) {
        return "<at=" + index + ">";
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PromptLayout that
                && schema.equals(that.schema)
                && actions.equals(that.actions)
                && targets == that.targets
                && fields.equals(that.fields);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(new Object[] {schema, actions, targets, fields});
    }

    @Override
    public String toString() {
        return "PromptLayout[" + schema + ", " + actions.size() + " actions, " + fields.size() + " fields, "
                + tokens.size() + " tokens]";
    }

    /** Collects the fields of a layout, stable ones first. One thread at a time. */
    public static final class Builder {
        private final String schema;
        private final List<String> actions;
        private final List<PromptField> fields = new ArrayList<>();
        private int targets = 8;

        private Builder(String schema, List<String> actions) {
            if (schema.isBlank()) {
                throw new IllegalArgumentException("schema of a prompt layout is blank; give the action schema's name");
            }
            if (actions.isEmpty() || actions.size() > ActionSchema.MAX_OPTIONS) {
                throw new IllegalArgumentException("prompt layout of schema '" + schema + "' has " + actions.size()
                        + " actions; give 1 to " + ActionSchema.MAX_OPTIONS);
            }
            this.schema = schema;
            this.actions = actions;
        }

        /**
         * Appends a field.
         *
         * @param field the field; its name is not yet taken
         * @return this builder
         */
        public Builder field(PromptField field) {
            fields.add(field);
            return this;
        }

        /**
         * Appends a number.
         *
         * @param name the fact's name
         * @param edges the edges of its bands, ascending, at least one
         * @return this builder
         */
        public Builder number(String name, double... edges) {
            return field(new PromptField.Numbers(name, Bands.at(edges)));
        }

        /**
         * Appends a yes or no.
         *
         * @param name the fact's name
         * @return this builder
         */
        public Builder flag(String name) {
            return field(new PromptField.Flags(name));
        }

        /**
         * Appends a text.
         *
         * @param name the fact's name, or {@value PromptLayout#GOAL}
         * @param values the texts that are told apart
         * @return this builder
         */
        public Builder text(String name, String... values) {
            return field(new PromptField.Texts(name, List.of(values)));
        }

        /**
         * Appends a list of records.
         *
         * @param name the fact's name
         * @param slots how many records are shown one by one
         * @param inner what is shown of each
         * @return this builder
         */
        public Builder records(String name, int slots, PromptField... inner) {
            return field(new PromptField.Records(name, slots, List.of(inner)));
        }

        /**
         * Sets how many targets have labels. Default: 8.
         *
         * @param count 0 to {@value PromptLayout#MAX_TARGETS}
         * @return this builder
         */
        public Builder targets(int count) {
            if (count < 0 || count > MAX_TARGETS) {
                throw new IllegalArgumentException("prompt layout has " + count + " targets; give 0 to " + MAX_TARGETS);
            }
            this.targets = count;
            return this;
        }

        /**
         * Builds the layout.
         *
         * @return an immutable layout
         * @throws IllegalArgumentException if two fields share a name, two tokens their text, or there are too many tokens
         */
        public PromptLayout build() {
            return new PromptLayout(schema, actions, targets, fields);
        }
    }
}
