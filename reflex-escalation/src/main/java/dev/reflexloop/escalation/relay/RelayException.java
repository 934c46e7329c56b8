package dev.reflexloop.escalation.relay;

import dev.reflexloop.ReflexException;
import org.jspecify.annotations.Nullable;

/** A relay that cannot be set up: a secret is missing, or its spool cannot be used. The message says what to mend. */
public final class RelayException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * Something that is missing or unusable.
     *
     * @param subject the environment variable, the file or the folder
     * @param message the thing, the reason and the remedy, without any secret
     * @param cause what was behind it, or null
     */
    public RelayException(String subject, String message, @Nullable Throwable cause) {
        super(subject, message, cause);
    }
}
