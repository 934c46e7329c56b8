package dev.reflexloop;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads an answer that may be hostile. */
final class AnswerJudge {
    /** Rounding in a server's answer, not a licence: probabilities may add up to this much more than one. */
    private static final double TOLERANCE = 0.02;

    private AnswerJudge() {}

    /**
     * The most probable legal action, the first in the schema's order among equals; -1 if the answer is no distribution over the legal
     * actions, or favours another.
     */
    static int best(Answer answer, List<Action> legal) {
        Map<String, Double> probabilities = answer.probabilities();
        int best = -1;
        double highest = 0;
        double sum = 0;
        int known = 0;
        for (int i = 0; i < legal.size(); i++) {
            Double probability = probabilities.get(legal.get(i).name());
            if (probability == null) {
                continue;
            }
            if (!isProbability(probability)) {
                return -1;
            }
            known++;
            sum += probability;
            if (probability > highest) {
                highest = probability;
                best = i;
            }
        }
        if (sum > 1 + TOLERANCE || (known < probabilities.size() && favoursAnother(probabilities, legal, highest))) {
            return -1;
        }
        return best;
    }

    private static boolean favoursAnother(Map<String, Double> probabilities, List<Action> legal, double highest) {
        for (Map.Entry<String, Double> entry : probabilities.entrySet()) {
            Double value = entry.getValue();
            if (value == null || !isProbability(value)) {
                return true;
            }
            if (value > highest
                    && legal.stream().noneMatch(action -> action.name().equals(entry.getKey()))) {
                return true;
            }
        }
        return false;
    }

    /** The most probable of the targets offered for an action; the first one where the answer says nothing sound. */
    static Optional<Target> target(Answer answer, Action action, List<Target> offered) {
        if (offered.isEmpty()) {
            return Optional.empty();
        }
        Map<String, Double> probabilities = answer.targets().getOrDefault(action.name(), Map.of());
        Target best = offered.get(0);
        double highest = 0;
        for (Target target : offered) {
            Double probability = probabilities.get(target.id());
            if (probability != null && isProbability(probability) && probability > highest) {
                highest = probability;
                best = target;
            }
        }
        return Optional.of(best);
    }

    private static boolean isProbability(double value) {
        return value >= 0 && value <= 1 + TOLERANCE;
    }
}
