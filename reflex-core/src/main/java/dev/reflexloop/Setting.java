package dev.reflexloop;

/**
 * One part of what decides in a loop, in words. Immutable.
 *
 * @param kind what sort of thing it is
 * @param subject which one; begins with the name of the loop's schema, by which the same bot is known from start to start
 * @param value what it is set to; always the same text for the same settings
 */
public record Setting(Kind kind, String subject, String value) {

    /** What sort of thing is set. */
    public enum Kind {
        /** The actions there are. */
        SCHEMA,
        /** The model that is asked. */
        MODEL,
        /** When a situation is handed over, how often, and how long guidance is waited for. */
        POLICY,
        /** When the loop is stopped. */
        GUARD,
        /** Anything else that decides. */
        OTHER
    }

    /** Checks that everything is there. */
    public Setting {
        Check.present(kind, "kind of a setting", "give one");
        Check.name(subject, "subject of a setting");
        Check.present(value, "value of setting '" + subject + "'", "give an empty text when there is none");
    }
}
