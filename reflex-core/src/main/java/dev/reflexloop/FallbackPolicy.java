package dev.reflexloop;

import java.util.List;
import java.util.Optional;

/**
 * The answer that exists before the model is asked. Called at the beginning of every tick on the thread that ticks the loop, so it must
 * take microseconds. What it throws, or an action that is not legal, is replaced by the idle action and counted.
 */
@FunctionalInterface
public interface FallbackPolicy {
    /**
     * Chooses an action without a model.
     *
     * @param perception what the bot sees
     * @param legal what is legal, never empty
     * @param last the last decision that the model made, if any
     * @return one of the legal actions
     */
    Action choose(Perception perception, List<Action> legal, Optional<Decision> last);

    /**
     * Always the schema's idle action.
     *
     * @param schema the schema
     * @return the policy
     */
    static FallbackPolicy idle(ActionSchema schema) {
        Action idle = schema.idle();
        return (perception, legal, last) -> idle;
    }

    /**
     * The action of the last decision that the model made, as long as it is legal; the idle action otherwise.
     *
     * @param schema the schema
     * @return the policy
     */
    static FallbackPolicy lastGood(ActionSchema schema) {
        Action idle = schema.idle();
        return (perception, legal, last) ->
                last.map(Decision::action).filter(legal::contains).orElse(idle);
    }

    /**
     * One fixed action as long as it is legal; the idle action otherwise.
     *
     * @param schema the schema
     * @param action the name of one of its actions
     * @return the policy
     * @throws IllegalArgumentException if the schema has no such action
     */
    static FallbackPolicy fixed(ActionSchema schema, String action) {
        Action idle = schema.idle();
        Action fixed = schema.actions().stream()
                .filter(each -> each.name().equals(action))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("fallback action '" + action
                        + "' is none of the actions of schema '" + schema.name() + "'; name one of them"));
        return (perception, legal, last) -> legal.contains(fixed) ? fixed : idle;
    }
}
