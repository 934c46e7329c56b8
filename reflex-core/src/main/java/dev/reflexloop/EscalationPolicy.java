package dev.reflexloop;

import java.util.Optional;

/**
 * When the reflex asks the slower mind. Called on the tick's thread, for one tick at a time of each loop; quick, and without blocking.
 * What it throws is counted, and the tick goes on as if it had said nothing.
 */
@FunctionalInterface
public interface EscalationPolicy {

    /**
     * Looks at a question before a model is asked. A situation that is recognised is handed over, and no model is asked.
     *
     * @param question what would be asked: perception, goal, legal actions with their targets
     * @return the situation that needs the slower mind; empty if the model should answer
     */
    Optional<Situation> recognize(Question question);

    /**
     * Looks at an answer before it is served.
     *
     * @param question what was asked
     * @param answer a sound answer
     * @return the situation that needs the slower mind; empty, as by default, if the answer is good enough
     */
    default Optional<Situation> doubt(Question question, Answer answer) {
        return Optional.empty();
    }

    /**
     * Recognises and doubts nothing; what a model abstains from is handed over all the same.
     *
     * @return the policy of a loop that was given none
     */
    static EscalationPolicy disabled() {
        return question -> Optional.empty();
    }
}
