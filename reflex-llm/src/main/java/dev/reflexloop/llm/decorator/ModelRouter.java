package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Urgency;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * One model for each kind of question, by scenario ({@link #byScenario(ReflexModel)}, {@link #byFact(String, ReflexModel)}), by tier
 * ({@link #byTier(ReflexModel, ReflexModel, Duration)}) or by a function of your own. Thread-safe.
 *
 * <p>A route names a model; where it names none that is known, fails or says null, the default model is asked and the question
 * {@linkplain #unrouted() counted}. Hints to prepare go to every model, because a new goal concerns them all. Answers bear the id of the
 * model that gave them. Assumes that the route returns at once, then {@link #ask} does.
 */
public final class ModelRouter implements ReflexModel {
    /** The scenario of urgent questions. */
    public static final String COMBAT = "combat";

    /** The scenario of questions with choices that the game offers. */
    public static final String DIALOGUE = "dialogue";

    /** The scenario of all other questions. */
    public static final String EXPLORATION = "exploration";

    private static final String FAST = "fast";
    private static final String BIG = "big";

    /** Names the model for a question. Called on the thread that asks; returns at once. */
    @FunctionalInterface
    public interface Route {
        /**
         * Names a model.
         *
         * @param question what is asked
         * @param deadline until when
         * @return the name under which the model was given to the router; any other means the default model
         */
        String name(Question question, Deadline deadline);
    }

    private final String id;
    private final String by;
    private final Route route;
    private final ReflexModel defaultModel;
    private final Map<String, ReflexModel> models;
    private final List<ReflexModel> distinct;
    private final LongAdder unrouted = new LongAdder();

    private ModelRouter(Builder builder) {
        this.by = builder.by;
        this.route = builder.route;
        Map<ReflexModel, ReflexModel> guarded = new IdentityHashMap<>();
        this.distinct = new ArrayList<>();
        this.defaultModel = guarded(builder.defaultModel, guarded);
        Map<String, ReflexModel> byName = new LinkedHashMap<>();
        builder.models.forEach((name, model) -> byName.put(name, guarded(model, guarded)));
        this.models = Collections.unmodifiableMap(byName);
        this.id = builder.id == null ? Decorator.id("router", Decorator.ids(distinct)) : builder.id;
    }

    private ReflexModel guarded(ReflexModel model, Map<ReflexModel, ReflexModel> guarded) {
        ReflexModel known = guarded.get(model);
        if (known != null) {
            return known;
        }
        ReflexModel made = Decorator.guard(model);
        guarded.put(model, made);
        distinct.add(made);
        return made;
    }

    /**
     * Starts a router with a route of your own.
     *
     * @param route names the model for a question
     * @param defaultModel asked where the route names none that is known
     * @return a builder, one thread at a time
     */
    public static Builder builder(Route route, ReflexModel defaultModel) {
        return new Builder("a route of its own", route, defaultModel);
    }

    /**
     * Starts a router by scenario: {@link #COMBAT} for urgent questions, else {@link #DIALOGUE} where the game offers choices, else
     * {@link #EXPLORATION}.
     *
     * @param defaultModel asked for scenarios that no model is given for
     * @return a builder, one thread at a time; add models under the names of scenarios
     */
    public static Builder byScenario(ReflexModel defaultModel) {
        return new Builder("scenario", (question, deadline) -> scenario(question), defaultModel);
    }

    private static String scenario(Question question) {
        if (question.perception().urgency() == Urgency.URGENT) {
            return COMBAT;
        }
        return question.perception().choices().isEmpty() ? EXPLORATION : DIALOGUE;
    }

    /**
     * Starts a router by a text that the game perceives.
     *
     * @param fact the fact's name; where it is absent or no text, the default model is asked
     * @param defaultModel asked for values that no model is given for
     * @return a builder, one thread at a time; add models under the values of the fact
     */
    public static Builder byFact(String fact, ReflexModel defaultModel) {
        return new Builder(
                "fact " + fact, (question, deadline) -> question.perception().text(fact, ""), defaultModel);
    }

    /**
     * A router by tier: ticks to a fast model, and whoever has time to a big one. Give each a server process of its own: on one server a
     * long prompt holds up the ticks for seconds.
     *
     * @param fast for questions with less time
     * @param big for questions with at least that time
     * @param from the least time that the big model is asked with
     * @return the router
     */
    public static ModelRouter byTier(ReflexModel fast, ReflexModel big, Duration from) {
        long nanos = from.toNanos();
        return new Builder(
                        "tier from " + from,
                        (question, deadline) -> deadline.remainingNanos() >= nanos ? BIG : FAST,
                        fast)
                .model(FAST, fast)
                .model(BIG, big)
                .build();
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return choose(question, deadline).ask(question, deadline);
    }

    private ReflexModel choose(Question question, Deadline deadline) {
        ReflexModel model = null;
        try {
            String name = route.name(question, deadline);
            model = name == null ? null : models.get(name);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            // counted below: a route that fails must not cost the decision
        }
        if (model == null) {
            unrouted.increment();
            return defaultModel;
        }
        return model;
    }

    /**
     * How many questions went to the default model because no model was known for them.
     *
     * @return the number of questions
     */
    public long unrouted() {
        return unrouted.sum();
    }

    @Override
    public void prepare(Question expected) {
        distinct.forEach(model -> model.prepare(expected));
    }

    /** What is routed by, which model has which name, and the settings of each model. */
    @Override
    public String settings() {
        StringJoiner routes = new StringJoiner(", ", "by " + by + ": ", "; ");
        models.forEach((name, model) -> routes.add(name + "=" + model.id()));
        routes.add("else " + defaultModel.id());
        return routes + Decorator.settings(distinct);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Closes each model once. Idempotent and bounded where they are. */
    @Override
    public void close() {
        Decorator.closeAll(distinct);
    }

    /** Settings of a router. One thread at a time. */
    public static final class Builder {
        private final String by;
        private final Route route;
        private final ReflexModel defaultModel;
        private final Map<String, ReflexModel> models = new LinkedHashMap<>();
        private @Nullable String id;

        private Builder(String by, Route route, ReflexModel defaultModel) {
            this.by = by;
            this.route = Objects.requireNonNull(route, "route of a router");
            this.defaultModel = Objects.requireNonNull(defaultModel, "default model of a router");
        }

        /**
         * Adds a model. The same one may be added under several names.
         *
         * @param name what the route calls it
         * @param model the model; it is closed with the router
         * @return this builder
         */
        public Builder model(String name, ReflexModel model) {
            if (models.putIfAbsent(name, Objects.requireNonNull(model, "model '" + name + "' of a router")) != null) {
                throw new IllegalArgumentException("model '" + name + "' of a router is given twice; give it once");
            }
            return this;
        }

        /**
         * Sets the router's id. Default: {@code router(...)} with the ids of the models.
         *
         * @param name a short name
         * @return this builder
         */
        public Builder id(String name) {
            this.id = name;
            return this;
        }

        /**
         * Builds the router.
         *
         * @return the router, to be closed by the caller
         */
        public ModelRouter build() {
            return new ModelRouter(this);
        }
    }
}
