package dev.reflexloop.llm.decorator;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Asks again with the actions in reversed order where the answer is a close call, because models prefer some places in a list, and takes
 * the mean of both. Thread-safe.
 *
 * <p>A question is asked again when the margin is below 0.2 and more time is left than a second answer probably takes. The mean is the
 * renormalised geometric one, which is the arithmetic one of the logits: a preference that grows evenly from the first place to the last
 * cancels out in it. An answer that is a mean has this model's id, the first one's prompt, targets, side answers and adapter, and the sum
 * of both timings; other answers are the model's own. The first answer is kept meanwhile, and given when the second has not come 3 ms
 * before the deadline.
 *
 * <p>The order in which options are shown is that of the schema's actions, so the second question has a schema that lists them backwards,
 * and an entity of its own ({@code name~reversed}), so that models which keep a prefix cache for each entity keep both prompts. Prompts
 * without an order, such as fused ones, come out the same; when a model shows that by its prompts, it is not asked twice again.
 */
public final class OrderSwapModel extends Decorator {
    /* Order and its mirror image: p1 ~ b(option) c(place), p2 ~ b(option) c(n+1-place). With log c linear in the place, sqrt(p1 p2) ~ b.
     * Averaging over orders: Zheng et al., "Large language models are not robust multiple choice selectors", ICLR 2024. Geometric
     * pooling of probabilities: Genest and Zidek, Statistical Science 1 (1986). */
    private static final double SMALLEST = 1e-6;

    private final SecondOpinion opinion;
    private final double margin;
    private volatile boolean withoutOrder;
    private volatile @Nullable Backwards known;

    private OrderSwapModel(Builder builder) {
        super("orderswap", guard(builder.model));
        this.margin = builder.margin;
        this.opinion = new SecondOpinion(
                inner(),
                (question, deadline) -> inner().ask(reversed(question), deadline),
                false,
                answer -> !withoutOrder && answer.margin() < margin,
                this::mean,
                builder.reserve.toNanos(),
                builder.alarm == null ? Alarm.onAThread(id()) : builder.alarm);
    }

    /**
     * Wraps a model with default settings.
     *
     * @param model the model; it is closed with the result
     * @return the model that asks twice
     */
    public static OrderSwapModel of(ReflexModel model) {
        return builder(model).build();
    }

    /**
     * Starts the settings.
     *
     * @param model the model; it is closed with the result
     * @return a builder, one thread at a time
     */
    public static Builder builder(ReflexModel model) {
        return new Builder(model);
    }

    /** The margin below which it asks twice, and those of the model inside. */
    @Override
    public String settings() {
        return settings("margin=" + margin);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return opinion.ask(question, deadline);
    }

    /**
     * How often the model was asked twice, and what came of it.
     *
     * @return the counts so far
     */
    public SecondOpinionCounts counts() {
        return opinion.counts();
    }

    private Question reversed(Question question) {
        Perception seen = question.perception();
        Backwards schema = known;
        if (schema == null || !schema.forwards.equals(question.schema())) {
            schema = new Backwards(question.schema());
            known = schema; // models may remember what they know about a schema
        }
        return new Question(
                new Perception(
                        seen.entity() + "~reversed",
                        seen.tick(),
                        seen.at(),
                        seen.facts(),
                        seen.choices(),
                        seen.urgency()),
                question.goal(),
                schema,
                backwards(question.legal()),
                question.targets(),
                question.sideQuestions());
    }

    private static List<Action> backwards(List<Action> actions) {
        List<Action> reversed = new ArrayList<>(actions);
        Collections.reverse(reversed);
        return reversed;
    }

    private Answer mean(Answer first, Answer second) {
        if (first.prompt().isPresent() && first.prompt().equals(second.prompt())) {
            withoutOrder = true;
        }
        Map<String, Double> means = new LinkedHashMap<>();
        double sum = 0;
        for (Map.Entry<String, Double> entry : first.probabilities().entrySet()) {
            double other = second.probabilities().getOrDefault(entry.getKey(), 0.0);
            double mean = Math.sqrt(Math.max(SMALLEST, entry.getValue()) * Math.max(SMALLEST, other));
            means.put(entry.getKey(), mean);
            sum += mean;
        }
        double total = sum;
        means.replaceAll((action, mean) -> mean / total);
        Map<String, Map<String, Double>> targets = new HashMap<>(second.targets());
        targets.putAll(first.targets());
        Timings one = first.timings();
        Timings two = second.timings();
        return new Answer(
                id(),
                first.adapter(),
                means,
                first.legalMass().isPresent() && second.legalMass().isPresent()
                        ? OptionalDouble.of((first.legalMass().getAsDouble()
                                        + second.legalMass().getAsDouble())
                                / 2)
                        : OptionalDouble.empty(),
                targets,
                first.sideAnswers(),
                first.prompt(),
                new Timings(
                        one.queuedNanos() + two.queuedNanos(),
                        one.computeNanos() + two.computeNanos(),
                        one.evaluatedTokens() + two.evaluatedTokens(),
                        one.cachedTokens() + two.cachedTokens()));
    }

    @Override
    public void close() {
        opinion.close();
        super.close();
    }

    /** A schema with its actions listed backwards. */
    private static final class Backwards implements ActionSchema {
        private final ActionSchema forwards;
        private final List<Action> actions;

        Backwards(ActionSchema forwards) {
            this.forwards = forwards;
            this.actions = List.copyOf(backwards(forwards.actions()));
        }

        @Override
        public String name() {
            return forwards.name();
        }

        @Override
        public List<Action> actions() {
            return actions;
        }

        @Override
        public Action idle() {
            return forwards.idle();
        }

        @Override
        public Optional<Action> abstain() {
            return forwards.abstain();
        }

        @Override
        public List<Action> legal(Perception perception) {
            return backwards(forwards.legal(perception));
        }

        @Override
        public List<Target> targets(Action action, Perception perception) {
            return forwards.targets(action, perception);
        }
    }

    /** Settings of an order swap. One thread at a time. */
    public static final class Builder {
        private final ReflexModel model;
        private double margin = 0.2;
        private Duration reserve = Duration.ofMillis(3);
        private @Nullable Alarm alarm;

        private Builder(ReflexModel model) {
            this.model = Objects.requireNonNull(model, "model inside an order swap");
        }

        /**
         * Sets the margin below which the model is asked again. Default: 0.2.
         *
         * @param below above 0, at most 1; with 1 nearly every question is asked twice
         * @return this builder
         */
        public Builder margin(double below) {
            if (!(below > 0 && below <= 1)) {
                throw new IllegalArgumentException(
                        "margin of an order swap is " + below + "; give more than 0 and at most 1");
            }
            this.margin = below;
            return this;
        }

        /**
         * Sets how long before the deadline the first answer is given at the latest. Default: 3 ms.
         *
         * @param duration zero or more
         * @return this builder
         */
        public Builder reserve(Duration duration) {
            this.reserve = Decorator.notNegative(duration, "reserve of an order swap");
            return this;
        }

        Builder alarm(Alarm other) {
            this.alarm = other;
            return this;
        }

        /**
         * Builds the model that asks twice.
         *
         * @return the model, to be closed by the caller
         */
        public OrderSwapModel build() {
            return new OrderSwapModel(this);
        }
    }
}
