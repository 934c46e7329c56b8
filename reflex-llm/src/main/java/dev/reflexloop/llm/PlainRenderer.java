package dev.reflexloop.llm;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A prompt in plain words, for models that were not trained for this library. Thread-safe; immutable unless its order is learned.
 *
 * <p>The schema's actions come first, each with a letter, then the goal, then the facts from stable to volatile; the answer is the
 * letter. Facts stand in the perception's order or in a learned one ({@link Builder#order(FactOrder)}), except those that the builder
 * puts first or last. Text of the game is cut to {@value #MAX_TEXT} characters and made harmless
 * ({@link PromptRenderer#harmless(String, int)}).
 */
public final class PlainRenderer implements PromptRenderer {
    /** The most characters of one text of the game that are shown. */
    public static final int MAX_TEXT = 200;

    static final String LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final int DECIMALS = 2;

    private final String instruction;
    private final String opening;
    private final Set<String> first;
    private final Set<String> last;
    private final FactOrder order;
    private final Map<String, Bands> bands;

    private PlainRenderer(Builder builder) {
        this.instruction =
                builder.instruction == null ? "Choose the next action. Answer with its letter." : builder.instruction;
        this.opening = builder.instruction == null ? "Choose the next action." : builder.instruction;
        this.first = new LinkedHashSet<>(builder.first);
        this.last = new LinkedHashSet<>(builder.last);
        this.order = builder.order;
        this.bands = Map.copyOf(builder.bands);
    }

    /**
     * Starts a renderer.
     *
     * @return a builder, one thread at a time
     */
    public static Builder builder() {
        return new Builder();
    }

    @Override
    public String render(Question question) {
        return describe(instruction, question).append("Answer:").toString();
    }

    /** The prompt up to where the answer is asked for. */
    private StringBuilder describe(String opening, Question question) {
        StringBuilder prompt = new StringBuilder(1_024);
        prompt.append(opening).append("\nActions:\n");
        List<Action> actions = question.schema().actions();
        for (int i = 0; i < actions.size(); i++) {
            option(prompt, i, actions.get(i).name(), actions.get(i).description());
        }
        prompt.append("Goal: ").append(clean(question.goal().text())).append("\nState:\n");
        facts(prompt, question.perception());
        for (String choice : question.perception().choices()) {
            prompt.append("offered: ").append(clean(choice)).append('\n');
        }
        return prompt;
    }

    /** The same for a model that writes: it has to be told which actions are legal now, and to give a name. */
    String renderForWriting(Question question) {
        StringBuilder prompt = describe(opening, question).append("Possible now: ");
        return prompt.append(names(question))
                .append("\nAnswer with the name of one of them and nothing else.")
                .toString();
    }

    static String names(Question question) {
        return question.legal().stream().map(Action::name).collect(Collectors.joining(", "));
    }

    private void facts(StringBuilder prompt, Perception perception) {
        Map<String, String> between = new LinkedHashMap<>();
        Map<String, String> pinned = new HashMap<>();
        perception.facts().forEach((name, fact) -> {
            boolean free = !first.contains(name) && !last.contains(name);
            (free ? between : pinned).put(name, lines(name, fact));
        });
        first.forEach(name -> prompt.append(pinned.getOrDefault(name, "")));
        order.arrange(perception, between).forEach(name -> prompt.append(between.getOrDefault(name, "")));
        for (String name : last) {
            if (!first.contains(name)) {
                prompt.append(pinned.getOrDefault(name, ""));
            }
        }
    }

    private String lines(String name, Fact fact) {
        StringBuilder lines = new StringBuilder(32);
        line(lines, name, fact);
        return lines.toString();
    }

    private void line(StringBuilder prompt, String name, Fact fact) {
        if (fact instanceof Fact.Records list) {
            prompt.append(clean(name))
                    .append(": ")
                    .append(list.records().size())
                    .append('\n');
            for (Map<String, Fact> record : list.records()) {
                prompt.append("-");
                record.forEach((inner, value) ->
                        prompt.append(' ').append(clean(inner)).append('=').append(value(name + "." + inner, value)));
                prompt.append('\n');
            }
        } else {
            prompt.append(clean(name)).append(": ").append(value(name, fact)).append('\n');
        }
    }

    private String value(String name, Fact fact) {
        if (fact instanceof Fact.Quantity quantity) {
            Bands named = bands.get(name);
            return named == null ? number(quantity.value()) : named.of(quantity.value());
        }
        if (fact instanceof Fact.Flag flag) {
            return flag.value() ? "yes" : "no";
        }
        return fact instanceof Fact.Text text ? clean(text.value()) : "";
    }

    static String number(double value) {
        if (Math.abs(value) >= 1e9) {
            return Double.toString(value);
        }
        BigDecimal rounded = BigDecimal.valueOf(value)
                .setScale(DECIMALS, RoundingMode.HALF_EVEN)
                .stripTrailingZeros();
        return rounded.signum() == 0 ? "0" : rounded.toPlainString();
    }

    private static void option(StringBuilder prompt, int index, String name, String description) {
        prompt.append(index < LETTERS.length() ? LETTERS.charAt(index) : '-')
                .append(") ")
                .append(clean(name));
        if (!description.isEmpty()) {
            prompt.append(": ").append(clean(description));
        }
        prompt.append('\n');
    }

    static String clean(String text) {
        return HarmlessText.of(text, MAX_TEXT);
    }

    @Override
    public Optional<String> label(ActionSchema schema, Action action) {
        List<Action> actions = schema.actions();
        for (int i = 0; i < Math.min(actions.size(), LETTERS.length()); i++) {
            if (actions.get(i).name().equals(action.name())) {
                return Optional.of(" " + LETTERS.charAt(i));
            }
        }
        return Optional.empty();
    }

    @Override
    public String renderTargets(Question question, Action chosen) {
        StringBuilder more = new StringBuilder(256);
        more.append(label(question.schema(), chosen).orElse(" ")).append("\nTargets:\n");
        List<Target> targets = question.targets().getOrDefault(chosen.name(), List.of());
        for (int i = 0; i < targets.size(); i++) {
            option(more, i, targets.get(i).id(), targets.get(i).description());
        }
        return more.append("Target:").toString();
    }

    @Override
    public Optional<String> targetLabel(int index) {
        return index >= 0 && index < LETTERS.length() ? Optional.of(" " + LETTERS.charAt(index)) : Optional.empty();
    }

    @Override
    public String settings() {
        return "plain, instruction=" + instruction + ", stable=" + first + ", changing=" + last + ", order="
                + order.settings() + ", bands=" + new TreeMap<>(bands);
    }

    /** Settings of a renderer. One thread at a time. */
    public static final class Builder {
        private @Nullable String instruction;
        private List<String> first = List.of();
        private List<String> last = List.of();
        private final Map<String, Bands> bands = new HashMap<>();
        private FactOrder order = FactOrder.given();

        private Builder() {}

        /**
         * Sets the first line of the prompt. Default: {@code Choose the next action. Answer with its letter.}
         *
         * @param text one line that never changes
         * @return this builder
         */
        public Builder instruction(String text) {
            this.instruction = text;
            return this;
        }

        /**
         * Puts stable facts first. Default: none.
         *
         * @param names the facts' names, the most stable one first
         * @return this builder
         */
        public Builder stable(String... names) {
            this.first = List.copyOf(new LinkedHashSet<>(List.of(names)));
            return this;
        }

        /**
         * Puts volatile facts last. Default: none.
         *
         * @param names the facts' names, the most volatile one last
         * @return this builder
         */
        public Builder changing(String... names) {
            this.last = List.copyOf(new LinkedHashSet<>(List.of(names)));
            return this;
        }

        /**
         * Sets the order of the facts that are neither {@link #stable} nor {@link #changing}. Default: {@link FactOrder#given()}.
         *
         * @param facts the order, which no other renderer uses
         * @return this builder
         */
        public Builder order(FactOrder facts) {
            this.order = facts;
            return this;
        }

        /**
         * Shows a number as the name of its band, so that small changes do not change the prompt. Default: two decimals.
         *
         * @param fact the fact's name; of a record's fact {@code list.fact}
         * @param named the bands
         * @return this builder
         */
        public Builder bands(String fact, Bands named) {
            bands.put(fact, named);
            return this;
        }

        /**
         * Builds the renderer.
         *
         * @return a renderer; immutable unless its order is learned
         */
        public PlainRenderer build() {
            return new PlainRenderer(this);
        }
    }
}
