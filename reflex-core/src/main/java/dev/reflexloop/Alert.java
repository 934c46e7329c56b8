package dev.reflexloop;

import java.time.Instant;

/**
 * Something that a person should hear of. Immutable.
 *
 * @param id identifies it; the same alert raised again has the same one, so that whoever passes it on can fold the two
 * @param level how bad it is
 * @param mission what it is about: a goal, a bot, a monitored service
 * @param text what happened, in a sentence or two; may hold words of the game, and so anything
 * @param at the wall-clock time
 */
public record Alert(String id, Level level, String mission, String text, Instant at) {
    /** How bad it is. */
    public enum Level {
        /** Good to know. */
        INFO,
        /** Somebody should look. */
        WARNING,
        /** Somebody should look now. */
        CRITICAL
    }

    /** Checks the id and that the rest is there. */
    public Alert {
        Check.name(id, "id of an alert");
        Check.present(level, "level of alert '" + id + "'", "give one");
        Check.present(mission, "mission of alert '" + id + "'", "give an empty text when there is none");
        Check.present(text, "text of alert '" + id + "'", "say what happened");
        Check.present(at, "time of alert '" + id + "'", "give the wall-clock time");
    }
}
