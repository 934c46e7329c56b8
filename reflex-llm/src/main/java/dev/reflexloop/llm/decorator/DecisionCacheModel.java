package dev.reflexloop.llm.decorator;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Fact;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import dev.reflexloop.Urgency;
import dev.reflexloop.llm.PromptRenderer;
import dev.reflexloop.llm.Relay;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Remembers what the model said to the same question, for all loops that share it. Thread-safe. Needs the library Caffeine.
 *
 * <p>Two questions are the same when they agree in the legal actions, the targets, the side questions, the goal, the urgency, the model's
 * id, the adapter, and what is seen: the facts and choices without entity, tick and time, or, with
 * {@link Builder#renderedBy(PromptRenderer)}, the prompt, so that numbers in the same band are the same. A new goal or adapter therefore
 * misses by itself; {@link #invalidateAll()} is for changes that show in none of these. Only sound answers are remembered.
 *
 * <p>An answer from here has this model's id as its {@link Answer#model()} and no timings, everything else is the model's. A loop's own
 * {@code cacheFor} comes before this one, is exact, and belongs to one loop.
 */
public final class DecisionCacheModel extends Decorator {
    private record Key(
            long generation,
            String model,
            String adapter,
            String schema,
            List<Action> legal,
            Map<String, List<Target>> targets,
            List<SideQuestion> sideQuestions,
            String goal,
            boolean urgent,
            Object seen) {}

    private record Facts(Map<String, Fact> facts, List<String> choices) {}

    private final Cache<Key, Answer> cache;
    private final @Nullable PromptRenderer renderer;
    private final Supplier<String> adapter;
    private final AtomicLong generation = new AtomicLong();
    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();

    private final Duration age;

    private DecisionCacheModel(Builder builder) {
        super("cached", guard(builder.model));
        this.age = builder.age;
        this.renderer = builder.renderer;
        this.adapter = builder.adapter;
        ReflexClock clock = builder.clock;
        this.cache = Caffeine.newBuilder()
                .maximumSize(builder.entries)
                .expireAfterWrite(builder.age)
                .ticker(clock::nanos)
                .executor(Runnable::run) // its upkeep is short, and by default it would run on the common pool
                .build();
    }

    /**
     * Puts a cache with default settings before a model.
     *
     * @param model the model; it is closed with the result
     * @return the model with its cache
     */
    public static DecisionCacheModel of(ReflexModel model) {
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

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        Key key;
        try {
            key = key(question);
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError failure) {
            misses.increment(); // a renderer or adapter of a user's that fails costs the cache, not the decision
            return inner().ask(question, deadline);
        }
        Answer known = cache.getIfPresent(key);
        if (known != null) {
            hits.increment();
            return CompletableFuture.completedFuture(known);
        }
        misses.increment();
        return Relay.of(inner().ask(question, deadline), answer -> {
            if (answer.isSoundFor(question)) {
                cache.put(key, remembered(answer));
            }
            return answer;
        });
    }

    /** How long an answer is remembered, by which facts or prompt, and the settings of the model inside. */
    @Override
    public String settings() {
        return settings("cached for " + age + " by " + (renderer == null ? "facts" : "prompt"));
    }

    private Key key(Question question) {
        Perception perception = question.perception();
        return new Key(
                generation.get(),
                inner().id(),
                adapter.get(),
                question.schema().name(),
                question.legal(),
                question.targets(),
                question.sideQuestions(),
                question.goal().text(),
                perception.urgency() == Urgency.URGENT,
                renderer == null ? new Facts(perception.facts(), perception.choices()) : renderer.render(question));
    }

    private Answer remembered(Answer answer) {
        return new Answer(
                id(),
                answer.adapter(),
                answer.probabilities(),
                answer.legalMass(),
                answer.targets(),
                answer.sideAnswers(),
                answer.prompt(),
                Timings.unknown());
    }

    /** Forgets everything; what is in flight now is not remembered either. */
    public void invalidateAll() {
        generation.incrementAndGet();
        cache.invalidateAll();
    }

    /**
     * How many questions were answered from the cache.
     *
     * @return the number of questions
     */
    public long hits() {
        return hits.sum();
    }

    /**
     * How many questions went to the model.
     *
     * @return the number of questions
     */
    public long misses() {
        return misses.sum();
    }

    /** Settings of a cache. One thread at a time. */
    public static final class Builder {
        private final ReflexModel model;
        private long entries = 4_096;
        private Duration age = Duration.ofMinutes(1);
        private @Nullable PromptRenderer renderer;
        private Supplier<String> adapter = () -> "";
        private ReflexClock clock = ReflexClock.system();

        private Builder(ReflexModel model) {
            this.model = Objects.requireNonNull(model, "model inside a decision cache");
        }

        /**
         * Bounds how many answers are remembered. Default: 4,096.
         *
         * @param count 1 or more
         * @return this builder
         */
        public Builder entries(long count) {
            if (count < 1) {
                throw new IllegalArgumentException("entries of a decision cache are " + count + "; give at least 1");
            }
            this.entries = count;
            return this;
        }

        /**
         * Bounds how long an answer is remembered. Default: 1 minute.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder age(Duration duration) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(
                        "age of a decision cache is " + duration + "; give a duration above zero");
            }
            this.age = duration;
            return this;
        }

        /**
         * Takes the prompt for what is seen, so that what the model cannot tell apart is the same. Default: the facts and choices.
         *
         * @param prompts the renderer that the model uses
         * @return this builder
         */
        public Builder renderedBy(PromptRenderer prompts) {
            this.renderer = prompts;
            return this;
        }

        /**
         * Says which adapter is in use now. Default: always the same.
         *
         * @param current called for every question; returns at once
         * @return this builder
         */
        public Builder adapter(Supplier<String> current) {
            this.adapter = current;
            return this;
        }

        /**
         * Sets the clock that the age is measured on. Default: the system's.
         *
         * @param time the clock
         * @return this builder
         */
        public Builder clock(ReflexClock time) {
            this.clock = time;
            return this;
        }

        /**
         * Builds the model with its cache.
         *
         * @return the model, to be closed by the caller
         */
        public DecisionCacheModel build() {
            return new DecisionCacheModel(this);
        }
    }
}
