package dev.reflexloop;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * When the reflex asks the slower mind. Start from {@link #builder()}; implement it where the game itself knows.
 *
 * <p>Called on the tick's thread, for one tick at a time of each loop, as long as the loop has a sink; quick, without blocking, and
 * thread-safe where loops share it. What it throws is counted, and the tick goes on as if it had said nothing. Options whose action the
 * schema does not have are left out and counted; whether an option is legal is looked at when guidance for it lands.
 */
@FunctionalInterface
public interface EscalationPolicy {

    /**
     * Looks at a question before a model is asked, in every tick with a sound perception. A situation that is recognised is handed over once
     * for as long as it is {@linkplain Situation the same}, and no model is asked while the bot waits for guidance.
     *
     * @param question what would be asked: perception, goal, legal actions with their targets
     * @return the situation that needs the slower mind; empty if the model should answer
     */
    Optional<Situation> recognize(Question question);

    /**
     * Looks at an answer before it is served. One such situation is pending at a time.
     *
     * @param question what was asked
     * @param answer a sound answer
     * @return the situation that needs the slower mind; empty, as by default, if the answer is good enough
     */
    default Optional<Situation> doubt(Question question, Answer answer) {
        return Optional.empty();
    }

    /**
     * What the model is to be asked beside every decision, for {@link #doubt} to look at. A loop adds it to its own side questions.
     *
     * @return the questions, always the same; none by default
     */
    default List<SideQuestion> sideQuestions() {
        return List.of();
    }

    /**
     * When this policy asks, in words, for the record of what decides. Called while a loop with a {@linkplain ReflexLoop.Builder#codex codex}
     * is built.
     *
     * @return a short text, always the same for the same settings; the name of the class by default
     */
    default String settings() {
        return Settings.nameOf(this);
    }

    /**
     * Recognises and doubts nothing; what a model abstains from is handed over all the same.
     *
     * @return the policy of a loop that was given none
     */
    static EscalationPolicy disabled() {
        return question -> Optional.empty();
    }

    /**
     * Starts a policy of rules and thresholds.
     *
     * @return a builder, one thread at a time
     */
    static Builder builder() {
        return new Builder();
    }

    /**
     * Collects the rules and thresholds of a policy. One thread at a time. What it builds has no state but the memory of {@linkplain
     * #noveltyAfter novelty}, and may be shared by any number of loops.
     *
     * <p>While the strategist is asked, the bot idles in a {@link Situation.Kind#DIALOGUE}, {@link Situation.Kind#QUEST} or {@link
     * Situation.Kind#DILEMMA}, where a wrong step cannot be taken back; follows the fallback in an {@link Situation.Kind#UNKNOWN}
     * situation; keeps the last good action at a {@link Situation.Kind#NOVELTY}; and does what the model prefers in {@link
     * Situation.Kind#DOUBT} and when {@link Situation.Kind#ASKED}. {@link #waiting} sets it otherwise.
     */
    final class Builder {
        /** One kind of situation that is recognised. */
        record Rule(
                Situation.Kind kind,
                Predicate<Perception> when,
                Function<Perception, String> words,
                Function<Question, List<Situation.Option>> options) {}

        /** A side question whose yes escalates. */
        record Asked(SideQuestion question, double atLeast) {}

        private static final Set<Situation.Kind> RECOGNIZED = EnumSet.of(
                Situation.Kind.DIALOGUE, Situation.Kind.QUEST, Situation.Kind.DILEMMA, Situation.Kind.UNKNOWN);

        final List<Rule> rules = new ArrayList<>();
        final List<Asked> asked = new ArrayList<>();
        final Map<Situation.Kind, Situation.Waiting> waiting = new EnumMap<>(Map.of(
                Situation.Kind.DIALOGUE, Situation.Waiting.IDLE,
                Situation.Kind.QUEST, Situation.Waiting.IDLE,
                Situation.Kind.DILEMMA, Situation.Waiting.IDLE,
                Situation.Kind.UNKNOWN, Situation.Waiting.FALLBACK,
                Situation.Kind.NOVELTY, Situation.Waiting.LAST_GOOD,
                Situation.Kind.DOUBT, Situation.Waiting.MODEL,
                Situation.Kind.ASKED, Situation.Waiting.MODEL));
        double marginBelow;
        double entropyAbove = Double.POSITIVE_INFINITY;
        double legalMassBelow;
        double probabilityBelow;
        int noveltyAfter = -1;
        boolean noveltyOverAll;
        double numbersBeyond = 0.5;

        private Builder() {}

        /**
         * Recognises a situation by a rule, with the legal actions as options. The first rule that holds counts.
         *
         * @param kind dialogue, quest, dilemma or unknown
         * @param holds the rule; quick, and thread-safe where loops share the policy
         * @param words what is going on
         * @return this builder
         */
        public Builder when(Situation.Kind kind, Predicate<Perception> holds, String words) {
            Check.present(words, "words of a situation", "say what is going on");
            return when(kind, holds, perception -> words, Situation.Option::legalActions);
        }

        /**
         * Recognises a situation by a rule. The first rule that holds counts.
         *
         * @param kind dialogue, quest, dilemma or unknown
         * @param holds the rule; quick, and thread-safe where loops share the policy
         * @param words what is going on; the same from tick to tick, as long as it is the {@linkplain Situation same situation}
         * @param options what could be done, for instance {@link Situation.Option#targetsOf(String)}, {@link
         *     Situation.Option#choicesOf(String)} or {@link Situation.Option#legalActions(Question)}
         * @return this builder
         */
        public Builder when(
                Situation.Kind kind,
                Predicate<Perception> holds,
                Function<Perception, String> words,
                Function<Question, List<Situation.Option>> options) {
            if (!RECOGNIZED.contains(Check.present(kind, "kind of a situation", "give one"))) {
                throw new IllegalArgumentException("a rule for " + kind
                        + " is given, which is found in the model's answer; use one of " + RECOGNIZED);
            }
            Check.present(holds, "rule for " + kind, "give a predicate");
            Check.present(words, "words for " + kind, "say what is going on");
            Check.present(options, "options for " + kind, "use Situation.Option::legalActions");
            rules.add(new Rule(kind, holds, words, options));
            return this;
        }

        /**
         * Sets what the bot does while the strategist is asked.
         *
         * @param kind in which kind of situation; not {@link Situation.Kind#ABSTAINED}, which is the loop's own
         * @param how what the bot does
         * @return this builder
         */
        public Builder waiting(Situation.Kind kind, Situation.Waiting how) {
            if (kind == Situation.Kind.ABSTAINED) {
                throw new IllegalArgumentException(
                        "waiting is set for ABSTAINED, where a loop keeps the last good action; set it for another kind");
            }
            Check.present(how, "waiting for " + kind, "say what the bot does meanwhile");
            waiting.put(Check.present(kind, "kind of a situation", "give one"), how);
            return this;
        }

        /**
         * Doubts an answer whose {@link Doubt#margin()} is below a threshold. Default: 0, which is never.
         *
         * @param threshold 0 to 1
         * @return this builder
         */
        public Builder marginBelow(double threshold) {
            this.marginBelow = Check.share(threshold, "margin");
            return this;
        }

        /**
         * Doubts an answer whose {@link Doubt#entropy()} is above a threshold. Default: never.
         *
         * @param threshold 0 to 1
         * @return this builder
         */
        public Builder entropyAbove(double threshold) {
            this.entropyAbove = Check.share(threshold, "entropy");
            return this;
        }

        /**
         * Doubts an answer whose {@link Doubt#legalMass()} is known and below a threshold. Default: 0, which is never.
         *
         * @param threshold 0 to 1
         * @return this builder
         */
        public Builder legalMassBelow(double threshold) {
            this.legalMassBelow = Check.share(threshold, "legal mass");
            return this;
        }

        /**
         * Doubts an answer whose favourite's {@link Doubt#probability()} is below a threshold. Default: 0, which is never.
         *
         * @param threshold 0 to 1
         * @return this builder
         */
        public Builder probabilityBelow(double threshold) {
            this.probabilityBelow = Check.share(threshold, "probability");
            return this;
        }

        /**
         * Asks the model itself beside every decision, where it can answer side questions, and hands over when it says yes.
         *
         * @param question a question with an option "yes", see {@link SideQuestion#yesNo(String, String)}
         * @param atLeast the probability of yes from which on it is handed over, 0 to 1
         * @return this builder
         */
        public Builder askModel(SideQuestion question, double atLeast) {
            Check.present(question, "side question of a policy", "leave it out");
            if (!question.options().contains(RulePolicy.YES)) {
                throw new IllegalArgumentException("side question '" + question.id() + "' has no option '"
                        + RulePolicy.YES + "'; use SideQuestion.yesNo");
            }
            asked.add(new Asked(question, Check.share(atLeast, "probability of yes")));
            return this;
        }

        /**
         * Hands over what was never seen before: a fact of a new name, a new text in a fact, a number far out of the range seen so far. Learned
         * from every answered tick, for each entity of its own. Default: off.
         *
         * <p>The memory is bounded: 4,096 entities, of which those that were not seen longest are forgotten; 256 names and 1,024 texts for
         * each, and what is beyond is not looked at. A fact with more than 64 texts is free text, and its texts are not looked at any more.
         *
         * @param ticks how many ticks of an entity only teach, 0 or more
         * @return this builder
         */
        public Builder noveltyAfter(int ticks) {
            this.noveltyAfter = Check.atLeast(0, ticks, "ticks that only teach");
            return this;
        }

        /**
         * Takes for known what any entity has seen. Default: each entity learns by itself.
         *
         * @return this builder
         */
        public Builder noveltyOverAll() {
            this.noveltyOverAll = true;
            return this;
        }

        /**
         * Sets how far out of the range seen so far a number is new. Default: 0.5, half of the range's width beyond either end.
         *
         * @param factor of the range's width, 0 or more
         * @return this builder
         */
        public Builder numbersBeyond(double factor) {
            if (!(factor >= 0)) {
                throw new IllegalArgumentException("factor for new numbers is " + factor + "; give 0 or more");
            }
            this.numbersBeyond = factor;
            return this;
        }

        /**
         * Builds the policy.
         *
         * @return a policy, thread-safe as far as its rules are
         */
        public EscalationPolicy build() {
            return new RulePolicy(this);
        }
    }
}
