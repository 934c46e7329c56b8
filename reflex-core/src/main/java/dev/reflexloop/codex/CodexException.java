package dev.reflexloop.codex;

import dev.reflexloop.ReflexException;
import org.jspecify.annotations.Nullable;

/** A ledger or key that cannot be read, written or trusted. The message says why, and what to do. */
public final class CodexException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * A ledger or key that cannot be used.
     *
     * @param path the file
     * @param message the reason and the remedy
     * @param cause what was behind it, or null
     */
    public CodexException(String path, String message, @Nullable Throwable cause) {
        super(path, "Codex '" + path + "': " + message, cause);
    }
}
