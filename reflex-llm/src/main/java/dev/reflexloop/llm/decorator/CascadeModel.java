package dev.reflexloop.llm.decorator;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A cheap model first, and a larger one where the answer is doubtful and time is left for it. Thread-safe.
 *
 * <p>An answer is doubtful when its margin is below 0.2, its normalised entropy above 0.9, or its legal mass, where it is known, below
 * 0.5. The larger model is asked when what is left of the question's time is more than it probably takes, by what was seen of it, and a
 * reserve of 3 ms. The cheap answer is kept meanwhile, and given when the other has not come by the beginning of the reserve. A cheap model
 * that fails counts as doubtful. Answers bear the id of the model that gave them.
 */
public final class CascadeModel implements ReflexModel {
    private final String id;
    private final List<ReflexModel> both;
    private final SecondOpinion opinion;
    private final String doubt;

    private CascadeModel(Builder builder) {
        ReflexModel cheap = Decorator.guard(builder.cheap);
        ReflexModel large = Decorator.guard(builder.large);
        this.both = List.of(cheap, large);
        this.id = Decorator.id("cascade", Decorator.ids(both));
        this.doubt = "margin=" + builder.margin + ", entropy=" + builder.entropy + ", legalMass=" + builder.legalMass;
        this.opinion = new SecondOpinion(
                cheap,
                large::ask,
                true,
                builder::isDoubtful,
                (first, second) -> second,
                builder.reserve.toNanos(),
                builder.alarm == null ? Alarm.onAThread(id) : builder.alarm);
    }

    /**
     * A cascade with default settings.
     *
     * @param cheap asked first; closed with the cascade
     * @param large asked in doubt; closed with the cascade
     * @return the cascade
     */
    public static CascadeModel of(ReflexModel cheap, ReflexModel large) {
        return builder(cheap, large).build();
    }

    /**
     * Starts the settings.
     *
     * @param cheap asked first; closed with the cascade
     * @param large asked in doubt; closed with the cascade
     * @return a builder, one thread at a time
     */
    public static Builder builder(ReflexModel cheap, ReflexModel large) {
        return new Builder(cheap, large);
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return opinion.ask(question, deadline);
    }

    /**
     * How often the larger model was asked, and what came of it.
     *
     * @return the counts so far
     */
    public SecondOpinionCounts counts() {
        return opinion.counts();
    }

    @Override
    public void prepare(Question expected) {
        both.forEach(model -> model.prepare(expected));
    }

    /** When an answer is doubtful, and those of both models. */
    @Override
    public String settings() {
        return doubt + ", " + Decorator.settings(both);
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Closes both models. Idempotent and bounded where they are. */
    @Override
    public void close() {
        opinion.close();
        Decorator.closeAll(both);
    }

    /** Settings of a cascade. One thread at a time. */
    public static final class Builder {
        private final ReflexModel cheap;
        private final ReflexModel large;
        private double margin = 0.2;
        private double entropy = 0.9;
        private double legalMass = 0.5;
        private Duration reserve = Duration.ofMillis(3);
        private @Nullable Alarm alarm;

        private Builder(ReflexModel cheap, ReflexModel large) {
            this.cheap = cheap;
            this.large = large;
        }

        /**
         * Sets the margin below which an answer is doubtful. Default: 0.2.
         *
         * @param below 0 (never) to 1
         * @return this builder
         */
        public Builder margin(double below) {
            this.margin = share(below, "margin");
            return this;
        }

        /**
         * Sets the normalised entropy above which an answer is doubtful. Default: 0.9.
         *
         * @param above 0 to 1 (never)
         * @return this builder
         */
        public Builder entropy(double above) {
            this.entropy = share(above, "entropy");
            return this;
        }

        /**
         * Sets the legal mass below which an answer is doubtful, where it is known. Default: 0.5.
         *
         * @param below 0 (never) to 1
         * @return this builder
         */
        public Builder legalMass(double below) {
            this.legalMass = share(below, "legal mass");
            return this;
        }

        /**
         * Sets how long before the deadline the cheap answer is given at the latest. Default: 3 ms.
         *
         * @param duration zero or more
         * @return this builder
         */
        public Builder reserve(Duration duration) {
            this.reserve = Decorator.notNegative(duration, "reserve of a cascade");
            return this;
        }

        Builder alarm(Alarm other) {
            this.alarm = other;
            return this;
        }

        private static double share(double value, String what) {
            if (!(value >= 0 && value <= 1)) {
                throw new IllegalArgumentException(what + " of a cascade is " + value + "; give 0 to 1");
            }
            return value;
        }

        private boolean isDoubtful(Answer answer) {
            return answer.margin() < margin
                    || answer.normalizedEntropy() > entropy
                    || (answer.legalMass().isPresent() && answer.legalMass().getAsDouble() < legalMass);
        }

        /**
         * Builds the cascade.
         *
         * @return the cascade, to be closed by the caller
         */
        public CascadeModel build() {
            return new CascadeModel(this);
        }
    }
}
