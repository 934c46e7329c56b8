package dev.reflexloop;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A state of affairs that the reflex should not judge alone. Immutable.
 *
 * <p>What a policy recognises in one tick is the same situation as in the tick before if it has the same kind, the same words, and the same
 * options as far as they have targets. So words say nothing that changes from tick to tick. Options without a target are the bot's own
 * actions, which come and go with their legality; they make no difference.
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

        /**
         * The legal actions, but for the one by which a model abstains.
         *
         * @param question what would be asked
         * @return an option for each
         */
        public static List<Option> legalActions(Question question) {
            Optional<Action> abstain = question.schema().abstain();
            List<Option> options = new ArrayList<>(question.legal().size());
            for (Action action : question.legal()) {
                if (abstain.isEmpty() || !abstain.get().equals(action)) {
                    options.add(new Option(action.name(), action.name(), Optional.empty()));
                }
            }
            return options;
        }

        /**
         * What the schema offers as targets of one action, for instance the answers in a dialogue; also while the action cools down, so that
         * it remains the same situation.
         *
         * @param action the action's name
         * @return the options of a question: text is the target's description, or its id where it has none
         */
        public static Function<Question, List<Option>> targetsOf(String action) {
            Check.name(action, "action of a situation's options");
            return question -> {
                List<Option> options = new ArrayList<>();
                for (Target target : offered(question, action)) {
                    String text = target.description().isEmpty() ? target.id() : target.description();
                    options.add(new Option(text, action, Optional.of(target.id())));
                }
                return options;
            };
        }

        /**
         * The perception's choices, carried out by one action, whose target is the one that the schema offers under the choice's text as id or
         * description.
         *
         * @param action the action's name
         * @return the options of a question, in the order of the choices; those without such a target have none
         */
        public static Function<Question, List<Option>> choicesOf(String action) {
            Check.name(action, "action of a situation's options");
            return question -> {
                List<Target> targets = offered(question, action);
                List<Option> options = new ArrayList<>();
                for (String choice : question.perception().choices()) {
                    Optional<String> target = targets.stream()
                            .filter(each -> each.id().equals(choice)
                                    || each.description().equals(choice))
                            .map(Target::id)
                            .findFirst();
                    options.add(new Option(choice, action, target));
                }
                return options;
            };
        }

        private static List<Target> offered(Question question, String action) {
            List<Target> legal = question.targets().get(action);
            if (legal != null) {
                return legal;
            }
            for (Action each : question.schema().actions()) {
                if (each.name().equals(action)) {
                    return question.schema().targets(each, question.perception());
                }
            }
            return List.of();
        }
    }

    /** Checks and copies. */
    public Situation {
        Check.present(kind, "kind of a situation", "give one");
        Check.present(words, "words of a situation", "say what is going on");
        Check.present(waiting, "waiting in a situation", "say what the bot does meanwhile");
        options = List.copyOf(options);
    }

    boolean isSame(Situation other) {
        return kind == other.kind && words.equals(other.words) && aimed(options).equals(aimed(other.options));
    }

    private static List<Option> aimed(List<Option> options) {
        return options.stream().filter(each -> each.target().isPresent()).toList();
    }
}
