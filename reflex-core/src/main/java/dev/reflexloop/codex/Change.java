package dev.reflexloop.codex;

import java.util.Objects;

/**
 * A change of what decides. Immutable.
 *
 * @param kind what sort of thing was changed
 * @param subject which one: a schema's or model's name, a setting
 * @param before what it was: a short text, or a hash of something long, see {@link Codex#hashOf}; empty when there was none
 * @param after what it is now, likewise
 * @param who who or what changed it
 * @param why the reason
 */
public record Change(Kind kind, String subject, String before, String after, String who, String why) {
    static final int LONGEST = 16_384;

    /** What sort of thing was changed. Later versions may add some; those unknown here are read as {@link #OTHER}. */
    public enum Kind {
        /** The actions there are. */
        SCHEMA,
        /** When a situation is handed over: thresholds, kinds, budget. */
        POLICY,
        /** The model that is asked, or how. A loop that is built with another adapter than before records that here, where its model knows it. */
        MODEL,
        /** An adapter was put in charge while it runs. Written by whoever puts it there; nothing in this library does yet. */
        ADAPTER_PROMOTED,
        /** An adapter was taken back while it runs. Likewise. */
        ADAPTER_ROLLED_BACK,
        /** When a loop is stopped. */
        GUARD,
        /** The key that signs the entries that follow; written by {@link Codex#rotate} only. */
        KEY_ROTATED,
        /** Anything else that decides. */
        OTHER
    }

    /** Checks that everything is there and short: 16,384 characters at most. */
    public Change {
        Objects.requireNonNull(kind, "kind of a change");
        if (subject.isBlank()) {
            throw new IllegalArgumentException("subject of a change is blank; say what was changed");
        }
        bounded("subject", subject);
        bounded("before", before);
        bounded("after", after);
        bounded("who", who);
        bounded("why", why);
    }

    private static void bounded(String field, String text) {
        if (text.length() > LONGEST) {
            throw new IllegalArgumentException("'" + field + "' of a change has " + text.length()
                    + " characters; give at most " + LONGEST + ", or a hash of the whole from Codex.hashOf");
        }
    }
}
