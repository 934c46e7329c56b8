package dev.reflexloop;

import java.util.List;
import java.util.Optional;

/**
 * The last veto over an action before it is served. Called on the thread that serves the decision, so it must take microseconds. What it
 * throws counts as no veto; a replacement that is not legal becomes the idle action. Interventions are counted.
 */
@FunctionalInterface
public interface Shield {
    /**
     * Judges an action.
     *
     * @param perception what the bot sees
     * @param chosen the action about to be served
     * @param legal what is legal
     * @return what to serve instead, or empty to let it pass
     */
    Optional<Action> veto(Perception perception, Action chosen, List<Action> legal);

    /**
     * Lets everything pass.
     *
     * @return the shield that never vetoes
     */
    static Shield disabled() {
        return (perception, chosen, legal) -> Optional.empty();
    }
}
