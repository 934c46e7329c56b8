package dev.reflexloop.examples.robocode;

import dev.reflexloop.Decision;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/** Chooses a tactic for a situation. One thread at a time. */
@FunctionalInterface
interface Policy {
    /**
     * What was chosen.
     *
     * @param tactic the tactic
     * @param latencyNanos how long it took; at full speed the tactic lands the turns later that this costs at 30 turns a second
     * @param decision the loop's decision, where a loop decided
     */
    record Choice(Tactic tactic, long latencyNanos, Optional<Decision> decision) {
        static Choice of(Tactic tactic) {
            return new Choice(tactic, 0, Optional.empty());
        }
    }

    Choice choose(Situation situation);

    /**
     * What was chosen is in force now.
     *
     * @param deed the choice
     * @param turn the turn in which it landed
     */
    default void landed(Deed deed, long turn) {}

    /**
     * A round is over.
     *
     * @param deeds the tactics that were in force, in order
     * @param result how it ended for us, -1 (first to die) to 1 (won)
     */
    default void roundEnded(List<Deed> deeds, double result) {}

    /** Always the same tactic. */
    static Policy fixed(Tactic tactic) {
        Choice choice = Choice.of(tactic);
        return situation -> choice;
    }

    /** Any tactic, each as often. */
    static Policy random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return situation -> Choice.of(Tactic.at(random.nextInt(Tactic.count())));
    }

    /** The hand-written rule. */
    static Policy rule() {
        return situation -> Choice.of(Rule.choose(situation));
    }
}
