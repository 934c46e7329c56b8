package dev.reflexloop;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * How sure an answer is of its favourite, by the measures that thresholds are set on. Immutable. Numbers of a hostile answer that are
 * missing, negative or not finite count as zero.
 *
 * @param margin the distance between the two most probable actions: 0 is a tie, 1 is certainty
 * @param entropy the entropy over the actions, divided by that of a uniform distribution over as many (ln n): 0 is certainty, 1 is no idea;
 *     0 with fewer than two actions
 * @param probability the probability of the favourite, 0 to 1; how often it is right, if the model is calibrated
 * @param legalMass the share of the model's whole next-token distribution that lay on the legal labels, 0 to 1, where it is known
 */
public record Doubt(double margin, double entropy, double probability, OptionalDouble legalMass) {

    /**
     * Measures an answer over the actions that were legal.
     *
     * @param answer the answer
     * @param legal the legal actions; what the answer says of others does not count, and one that it leaves out has no probability
     * @return the measures
     */
    public static Doubt of(Answer answer, List<Action> legal) {
        double[] probabilities = new double[legal.size()];
        for (int i = 0; i < probabilities.length; i++) {
            Double value = answer.probabilities().get(legal.get(i).name());
            probabilities[i] = value == null ? 0 : value;
        }
        return of(probabilities, answer.legalMass());
    }

    /**
     * Measures what stands in a trajectory log.
     *
     * @param step a step that a model answered
     * @return the measures
     */
    public static Doubt of(TrajectoryRecord.Decided step) {
        Map<String, Double> said = step.probabilities();
        double[] probabilities = step.legal().stream()
                .mapToDouble(name -> said.getOrDefault(name, 0.0))
                .toArray();
        return of(probabilities, step.legalMass());
    }

    static Doubt of(Collection<Double> probabilities) {
        double[] values = new double[probabilities.size()];
        int i = 0;
        for (Double value : probabilities) {
            values[i++] = value == null ? 0 : value;
        }
        return of(values, OptionalDouble.empty());
    }

    private static Doubt of(double[] probabilities, OptionalDouble legalMass) {
        double first = 0;
        double second = 0;
        double entropy = 0;
        for (double probability : probabilities) {
            if (!(probability > 0) || probability == Double.POSITIVE_INFINITY) {
                continue;
            }
            entropy -= probability * Math.log(probability);
            if (probability > first) {
                second = first;
                first = probability;
            } else if (probability > second) {
                second = probability;
            }
        }
        double uniform = Math.log(probabilities.length);
        return new Doubt(first - second, uniform > 0 ? entropy / uniform : 0, first, legalMass);
    }
}
