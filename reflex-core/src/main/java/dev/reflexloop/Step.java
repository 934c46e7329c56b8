package dev.reflexloop;

import java.util.Optional;

/**
 * The record of a decision in a trajectory log: the decision itself, and who decided beside it. Immutable.
 *
 * @param session the run of the loop that it belongs to
 * @param decision what was decided, and what from
 * @param teacher the action that a teacher would have taken in this situation, for learning by imitation, where one was asked
 */
public record Step(String session, Decision decision, Optional<String> teacher) {
    /** Checks that everything is there. */
    public Step {
        Check.name(session, "session of a step");
        Check.present(decision, "decision of a step", "give the decision");
        Check.present(teacher, "teacher of a step", "use Optional.empty()");
    }
}
