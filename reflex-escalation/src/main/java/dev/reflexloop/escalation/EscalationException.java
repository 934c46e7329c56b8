package dev.reflexloop.escalation;

import dev.reflexloop.ReflexException;
import org.jspecify.annotations.Nullable;

/** An inbox or a file of escalations that cannot be opened: choose another path, or mend the file. */
public final class EscalationException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * A file that cannot be used.
     *
     * @param path the file
     * @param message the reason, and what to do
     * @param cause what was behind it, or null
     */
    public EscalationException(String path, String message, @Nullable Throwable cause) {
        super(path, "Escalation file '" + path + "': " + message, cause);
    }
}
