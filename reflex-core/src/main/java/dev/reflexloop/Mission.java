package dev.reflexloop;

import java.util.Optional;

/**
 * A goal that a bot is after, from the moment at which it was set until that ended in one way or another. Immutable: a snapshot.
 *
 * @param id identifies it; the id of the one alert that is raised when it ends
 * @param goal what the bot is after; a mission without a goal, before the first one is set, ends silently when a goal replaces it
 * @param rounds how many replies of the strategist have closed a round of it
 * @param ending how it ended; empty while it runs
 */
public record Mission(String id, Goal goal, int rounds, Optional<Ending> ending) {
    /** How a mission ended. */
    public enum Ending {
        /** The strategist said that the goal is reached. */
        COMPLETE(Alert.Level.INFO, "it is complete"),
        /** The strategist wants no further actions. */
        SUMMARY(Alert.Level.INFO, "no further actions are wanted"),
        /** The strategist stopped it. */
        FORCED(Alert.Level.CRITICAL, "the strategist stopped it"),
        /** Two of the strategist's replies in a row could not be read. */
        UNREADABLE(Alert.Level.WARNING, "two replies of the strategist in a row could not be read"),
        /** Too many rounds went by without progress. */
        ROUNDS(Alert.Level.WARNING, "too many rounds went by without progress"),
        /** The same set of actions was taken in a second round, and the first had not led anywhere. */
        DUPLICATE(Alert.Level.CRITICAL, "the same actions were taken again although they led nowhere"),
        /** The bot went to and fro between actions that changed nothing in the game. */
        OSCILLATION(Alert.Level.WARNING, "the bot went to and fro without effect"),
        /** The bot did something over and over that changed nothing in the game. */
        STUCK(Alert.Level.WARNING, "the bot was stuck"),
        /** Another goal took its place. */
        REPLACED(Alert.Level.INFO, "another goal took its place"),
        /** The loop was closed. */
        CLOSED(Alert.Level.INFO, "the loop was closed");

        private final Alert.Level level;
        private final String words;

        Ending(Alert.Level level, String words) {
            this.level = level;
            this.words = words;
        }

        /**
         * How loudly it is told.
         *
         * @return INFO for what was asked for, WARNING for what did not get on, CRITICAL for what was killed
         */
        public Alert.Level level() {
            return level;
        }

        String words() {
            return words;
        }
    }

    /** Checks the id and that the rest is there. */
    public Mission {
        Check.name(id, "id of a mission");
        Check.present(goal, "goal of mission '" + id + "'", "use Goal.none()");
        Check.present(ending, "ending of mission '" + id + "'", "use Optional.empty()");
    }
}
