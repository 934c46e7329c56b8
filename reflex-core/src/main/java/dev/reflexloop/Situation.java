package dev.reflexloop;

import java.util.List;
import java.util.Optional;

/**
 * A state of affairs that the reflex should not judge alone. Immutable.
 *
 * @param kind what sort of situation it is
 * @param words what is going on, in words that somebody who does not see the game understands; without the options
 * @param options what could be done, in the order in which they are numbered from 1
 * @param waiting what the bot does until there is an answer
 */
public record Situation(Kind kind, String words, List<Option> options, Waiting waiting) {
    /** Why a situation is handed over. */
    public enum Kind {
        /** A dialogue offers choices. */
        DIALOGUE,
        /** A quest asks for a decision. */
        QUEST,
        /** Every option costs somebody something. */
        DILEMMA,
        /** The game shows something that nobody has described. */
        UNKNOWN,
        /** The model chose to abstain. */
        ABSTAINED,
        /** The model's answer is too uncertain by a measure. */
        DOUBT,
        /** Facts or values that were never seen before. */
        NOVELTY,
        /** The model answered a side question whether the strategist is needed with yes. */
        ASKED
    }

    /** What the bot does while the strategist is asked, as long as it is legal. */
    public enum Waiting {
        /** The idle action. */
        IDLE,
        /** The last action that came from a model, with its target. */
        LAST_GOOD,
        /** What the fallback says. */
        FALLBACK,
        /** What the model prefers in spite of the doubt; where it was not asked, the fallback. */
        MODEL
    }

    /**
     * One way to go on.
     *
     * @param text what the game or the schema calls it
     * @param action the name of the action that carries it out
     * @param target the id of that action's target, where it has one
     */
    public record Option(String text, String action, Optional<String> target) {
        /** Checks that the action is named. */
        public Option {
            Check.present(text, "text of an option", "give an empty text when there is none");
            Check.name(action, "action of option '" + text + "'");
            Check.present(target, "target of option '" + text + "'", "use Optional.empty()");
        }
    }

    /** Checks and copies. */
    public Situation {
        Check.present(kind, "kind of a situation", "give one");
        Check.present(words, "words of a situation", "say what is going on");
        Check.present(waiting, "waiting in a situation", "say what the bot does meanwhile");
        options = List.copyOf(options);
    }
}
