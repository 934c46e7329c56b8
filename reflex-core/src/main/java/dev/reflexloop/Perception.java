package dev.reflexloop;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What one bot sees at one tick. Immutable.
 *
 * <p>Facts keep the order in which they were given. Sizes are not judged here but by the loop (see
 * {@link ReflexLoop.Builder#limits(Limits)}), so that an oversized perception costs a fallback and never an exception in the game.
 *
 * @param entity the bot this is about; prefix caches and trajectory logs are kept per entity
 * @param tick the game's own tick counter; any long, normally growing
 * @param at the wall-clock time of the perception, for records only
 * @param facts what is perceived, by name, in order; may be empty
 * @param choices options that the game offers now, for instance a dialogue's answers; may be empty
 * @param urgency how soon it has to be acted on
 */
public record Perception(
        String entity, long tick, Instant at, Map<String, Fact> facts, List<String> choices, Urgency urgency) {

    /** Checks and copies; an unknown fact is left out, never null. */
    public Perception {
        Check.name(entity, "entity of a perception");
        String owner = "perception of '" + entity + "' at tick " + tick;
        Check.present(at, "at of " + owner, "give the time of the perception");
        facts = Fact.copyOf(facts, owner);
        Check.present(choices, "choices of " + owner, "give an empty list when none are offered");
        for (String choice : choices) {
            Check.present(choice, "a choice of " + owner, "leave it out");
        }
        choices = List.copyOf(choices);
        Check.present(urgency, "urgency of " + owner, "give NORMAL");
    }

    /**
     * Starts a perception.
     *
     * @param entity the bot this is about
     * @param tick the game's tick
     * @return a builder, one thread at a time
     */
    public static Builder builder(String entity, long tick) {
        return new Builder(entity, tick);
    }

    /**
     * A fact by its name.
     *
     * @param name the fact's name
     * @return the fact, or empty when it was not perceived
     */
    public Optional<Fact> fact(String name) {
        return Optional.ofNullable(facts.get(name));
    }

    /**
     * A number by its name, for rules and fallbacks.
     *
     * @param name the fact's name
     * @param otherwise what to return when the fact is absent or no number
     * @return the number
     */
    public double number(String name, double otherwise) {
        return facts.get(name) instanceof Fact.Quantity quantity ? quantity.value() : otherwise;
    }

    /**
     * A yes or no by its name, for rules and fallbacks.
     *
     * @param name the fact's name
     * @return true only if the fact is there and true
     */
    public boolean flag(String name) {
        return facts.get(name) instanceof Fact.Flag flag && flag.value();
    }

    /**
     * A text by its name, for rules and fallbacks.
     *
     * @param name the fact's name
     * @param otherwise what to return when the fact is absent or no text
     * @return the text
     */
    public String text(String name, String otherwise) {
        return facts.get(name) instanceof Fact.Text text ? text.value() : otherwise;
    }

    /** Collects the facts of one perception. One thread at a time. */
    public static final class Builder {
        private final String entity;
        private final long tick;
        private final Map<String, Fact> facts = new LinkedHashMap<>();
        private List<String> choices = List.of();
        private Urgency urgency = Urgency.NORMAL;
        private @Nullable Instant at;

        private Builder(String entity, long tick) {
            this.entity = entity;
            this.tick = tick;
        }

        /**
         * Adds a text.
         *
         * @param name the fact's name, unique in this perception
         * @param value the text
         * @return this builder
         */
        public Builder fact(String name, String value) {
            return fact(name, Check.present(value, "fact '" + name + "'", "leave it out when it is unknown"), Fact::of);
        }

        /**
         * Adds a number.
         *
         * @param name the fact's name, unique in this perception
         * @param value a finite number
         * @return this builder
         */
        public Builder fact(String name, double value) {
            Check.finite(value, "fact '" + name + "'");
            return fact(name, value, Fact::of);
        }

        /**
         * Adds a yes or no.
         *
         * @param name the fact's name, unique in this perception
         * @param value the truth of it
         * @return this builder
         */
        public Builder fact(String name, boolean value) {
            return fact(name, value, Fact::of);
        }

        /**
         * Adds a list of records.
         *
         * @param name the fact's name, unique in this perception
         * @param records the records, most important first
         * @return this builder
         */
        public Builder fact(String name, List<Map<String, Fact>> records) {
            return fact(name, records, Fact::of);
        }

        private <T> Builder fact(String name, T value, Function<T, Fact> toFact) {
            Check.name(name, "name of a fact of '" + entity + "'");
            if (facts.putIfAbsent(name, toFact.apply(value)) != null) {
                throw new IllegalArgumentException(
                        "fact '" + name + "' of '" + entity + "' is given twice; give it once");
            }
            return this;
        }

        /**
         * Sets the options that the game offers now. Default: none.
         *
         * @param options the options, in the game's order
         * @return this builder
         */
        public Builder choices(List<String> options) {
            this.choices = options;
            return this;
        }

        /**
         * Marks the perception as urgent. Default: {@link Urgency#NORMAL}.
         *
         * @return this builder
         */
        public Builder urgent() {
            this.urgency = Urgency.URGENT;
            return this;
        }

        /**
         * Sets the wall-clock time. Default: the system's time at {@link #build()}.
         *
         * @param time the time
         * @return this builder
         */
        public Builder at(Instant time) {
            this.at = time;
            return this;
        }

        /**
         * Builds the perception.
         *
         * @return an immutable perception
         */
        public Perception build() {
            return new Perception(entity, tick, at == null ? Instant.now() : at, facts, choices, urgency);
        }
    }
}
