package dev.reflexloop;

import org.jspecify.annotations.Nullable;

/** A model, or its file, that can never work as it is: choose another one. Thrown while it is loaded, never in a tick. */
public final class UnusableModelException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * A model that cannot be used.
     *
     * @param model the model's id or path
     * @param message the reason, and what to use instead
     * @param cause what was behind it, or null
     */
    public UnusableModelException(String model, String message, @Nullable Throwable cause) {
        super(model, "Cannot use model '" + model + "': " + message, cause);
    }
}
