package dev.reflexloop;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a model is asked: which of the legal actions, and at which target. Immutable.
 *
 * @param perception what the bot sees
 * @param goal what the strategist wants
 * @param schema the schema that the actions belong to; its whole action list is the prompt's constant part
 * @param legal the legal actions, in the schema's order; at least one
 * @param targets by action name, what the action can be aimed at; only actions that need a target appear
 * @param sideQuestions further questions that ride along; models that cannot answer them leave them out
 */
public record Question(
        Perception perception,
        Goal goal,
        ActionSchema schema,
        List<Action> legal,
        Map<String, List<Target>> targets,
        List<SideQuestion> sideQuestions) {

    /** Checks and copies. */
    public Question {
        Check.present(perception, "perception of a question", "ask about something");
        Check.present(goal, "goal of a question", "use Goal.none()");
        Check.present(schema, "schema of a question", "name the schema of the actions");
        legal = List.copyOf(legal);
        if (legal.isEmpty()) {
            throw new IllegalArgumentException(
                    "a question has no legal action; the schema's idle action is always one");
        }
        if (!targets.isEmpty()) {
            Map<String, List<Target>> copy = new LinkedHashMap<>();
            targets.forEach((action, offered) -> copy.put(action, List.copyOf(offered)));
            targets = Collections.unmodifiableMap(copy);
        } else {
            targets = Map.of();
        }
        sideQuestions = List.copyOf(sideQuestions);
    }

    /**
     * A question without targets and side questions.
     *
     * @param perception what the bot sees
     * @param goal what the strategist wants
     * @param schema the schema
     * @param legal the legal actions
     */
    public Question(Perception perception, Goal goal, ActionSchema schema, List<Action> legal) {
        this(perception, goal, schema, legal, Map.of(), List.of());
    }

    /**
     * A question about everything that the schema calls legal now, for trying a model outside a loop.
     *
     * @param schema the schema
     * @param perception what the bot sees
     * @return the question, with the targets that the schema offers
     */
    public static Question about(ActionSchema schema, Perception perception) {
        return LegalMask.question(schema, perception, Goal.none());
    }

    /**
     * Whether an action is among the legal ones.
     *
     * @param action the action's name
     * @return true if it is
     */
    public boolean isLegal(String action) {
        for (Action each : legal) {
            if (each.name().equals(action)) {
                return true;
            }
        }
        return false;
    }
}
