package dev.reflexloop;

import org.jspecify.annotations.Nullable;

/**
 * The model cannot be reached or was closed: start it again, or go on with the fallback. Carries no stack trace of its own, because
 * it may be met in every tick.
 */
public final class ModelUnavailableException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * A model that cannot answer.
     *
     * @param modelId the model
     * @param reason why, and what to do
     * @param cause what was behind it, or null
     */
    public ModelUnavailableException(String modelId, String reason, @Nullable Throwable cause) {
        super(modelId, "Model '" + modelId + "' is unavailable: " + reason, cause, false);
    }
}
