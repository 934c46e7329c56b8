package dev.reflexloop.llm;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Question;
import java.util.Optional;

/**
 * Turns a question into a prompt, and says by which label each action and target is scored. Implementations are thread-safe and
 * never throw because of what a perception contains.
 *
 * <p>What is constant comes first and what is volatile last, so that a model pays only for the tokens that changed since the last
 * tick. Text that comes from the game never forms a special token, a fused token or a label.
 */
public interface PromptRenderer {

    /**
     * The prompt after which the next token is an action's label.
     *
     * @param question what is asked
     * @return the prompt without the beginning-of-text token, which the model adds
     */
    String render(Question question);

    /**
     * The label of an action.
     *
     * @param schema the schema of the question
     * @param action one of its actions
     * @return the text whose single token stands for the action, or empty when this renderer has no label for it
     */
    Optional<String> label(ActionSchema schema, Action action);

    /**
     * What is appended to the prompt once an action is chosen, so that the next token is a target's label.
     *
     * @param question what is asked
     * @param chosen an action for which the question has targets
     * @return the continuation; it begins with the action's label
     */
    String renderTargets(Question question, Action chosen);

    /**
     * The label of a target.
     *
     * @param index the target's place in the list that the question offers for the action, from 0
     * @return the text whose single token stands for the target, or empty when there are more targets than labels
     */
    Optional<String> targetLabel(int index);

    /**
     * What tells this renderer from another one, for the record of what decides.
     *
     * @return a text, always the same for the same settings; the class's name by default
     */
    default String settings() {
        return getClass().getName();
    }

    /**
     * Text of the game that can form neither a line of a prompt nor a special token of any usual vocabulary: line breaks and control
     * characters become spaces, {@code <} and {@code [} become characters that look like them, halves of surrogate pairs are replaced.
     *
     * @param text any text
     * @param most the most characters to keep, 1 or more
     * @return the text, cut and made harmless
     */
    static String harmless(String text, int most) {
        return HarmlessText.of(text, most);
    }
}
