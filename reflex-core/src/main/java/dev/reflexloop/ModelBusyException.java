package dev.reflexloop;

/** The model works at its limit and did not take the question: ask again in a later tick. Carries no stack trace; it is an expected value. */
public final class ModelBusyException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * A busy model.
     *
     * @param modelId the model
     * @param reason what it is busy with and what would help
     */
    public ModelBusyException(String modelId, String reason) {
        super(modelId, "Model '" + modelId + "' is busy: " + reason, null, false);
    }
}
