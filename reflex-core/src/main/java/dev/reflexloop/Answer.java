package dev.reflexloop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a model says: a distribution over the legal actions, and what it cost. Immutable.
 *
 * <p>An answer is hostile until the loop has judged it: its numbers may be NaN, negative, too many or none, and building one never
 * throws because of them.
 *
 * @param model the id of the model that answered
 * @param adapter the adapter in use, if any
 * @param probabilities by action name, the probability among the legal actions; they sum to one when the answer is sound
 * @param legalMass the share of the model's whole next-token distribution that lay on the legal labels, 0 to 1, where it is known
 * @param targets by action name, then target id, the probability among the targets offered for the action
 * @param sideAnswers by side question's id, then option, the probability of the option
 * @param prompt the prompt as the model saw it, where there was one
 * @param timings what it cost
 */
public record Answer(
        String model,
        Optional<String> adapter,
        Map<String, Double> probabilities,
        OptionalDouble legalMass,
        Map<String, Map<String, Double>> targets,
        Map<String, Map<String, Double>> sideAnswers,
        Optional<String> prompt,
        Timings timings) {

    /** Copies; judges nothing. */
    public Answer {
        Check.name(model, "model of an answer");
        Check.present(adapter, "adapter of an answer of '" + model + "'", "use Optional.empty()");
        Check.present(probabilities, "probabilities of an answer of '" + model + "'", "give an empty map");
        Check.present(legalMass, "legal mass of an answer of '" + model + "'", "use OptionalDouble.empty()");
        Check.present(targets, "targets of an answer of '" + model + "'", "give an empty map");
        Check.present(sideAnswers, "side answers of an answer of '" + model + "'", "give an empty map");
        Check.present(prompt, "prompt of an answer of '" + model + "'", "use Optional.empty()");
        Check.present(timings, "timings of an answer of '" + model + "'", "use Timings.unknown()");
        probabilities = ordered(probabilities);
        targets = nested(targets);
        sideAnswers = nested(sideAnswers);
    }

    private static <V> Map<String, V> ordered(Map<String, V> map) {
        return map.isEmpty() ? Map.of() : Collections.unmodifiableMap(new LinkedHashMap<>(map));
    }

    private static Map<String, Map<String, Double>> nested(Map<String, Map<String, Double>> map) {
        if (map.isEmpty()) {
            return Map.of();
        }
        Map<String, Map<String, Double>> copy = new LinkedHashMap<>();
        map.forEach((key, value) -> copy.put(key, ordered(value)));
        return Collections.unmodifiableMap(copy);
    }

    /**
     * An answer that is a distribution and nothing else.
     *
     * @param model the model's id
     * @param probabilities by action name
     * @return the answer
     */
    public static Answer of(String model, Map<String, Double> probabilities) {
        return new Answer(
                model,
                Optional.empty(),
                probabilities,
                OptionalDouble.empty(),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Timings.unknown());
    }

    /**
     * An answer that is certain of one action.
     *
     * @param model the model's id
     * @param action the action's name
     * @return the answer
     */
    public static Answer certain(String model, String action) {
        return of(model, Map.of(action, 1.0));
    }

    /**
     * Whether a loop would take this answer: it is a distribution over the question's legal actions and favours one of them.
     *
     * @param question the question that it answers
     * @return false if a loop would serve its fallback instead
     */
    public boolean isSoundFor(Question question) {
        return AnswerJudge.best(this, question.legal()) >= 0;
    }

    /**
     * The distance between the two most probable actions: 0 is a tie, 1 is certainty.
     *
     * @return the margin; 0 without probabilities
     */
    public double margin() {
        return Doubt.of(probabilities.values()).margin();
    }

    /**
     * The entropy of the distribution divided by that of a uniform one over as many actions: 0 is certainty, 1 is no idea.
     *
     * @return the normalised entropy; 0 with fewer than two actions
     */
    public double normalizedEntropy() {
        return Doubt.of(probabilities.values()).entropy();
    }
}
