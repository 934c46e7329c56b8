package dev.reflexloop.training;

import dev.reflexloop.ReflexException;
import org.jspecify.annotations.Nullable;

/** A training that did not lead to a model; {@link #reason()} says what the caller can do about it. */
public final class TrainingException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /** Why there is no model. */
    public enum Reason {
        /** The logs hold nothing to learn from, or contradict each other: give other logs. */
        UNUSABLE_DATA,
        /** libtorch is not there for this platform: add its natives, or train on another machine. */
        NO_NATIVES,
        /** The heap or the machine's memory was too small: give more, or train a smaller model on less. */
        OUT_OF_MEMORY,
        /** A file or folder cannot be written, or another training writes it: choose another output. */
        CANNOT_WRITE,
        /** The child process could not be started or died: read its last lines. Starting again resumes. */
        CHILD_DIED,
        /** The caller's thread was interrupted. Starting again resumes. */
        INTERRUPTED
    }

    private final Reason reason;

    /**
     * A failed training.
     *
     * @param reason what the caller can do
     * @param subject what it is about: a log, the output, the platform
     * @param message the reason and the remedy
     * @param cause what was behind it, or null
     */
    public TrainingException(Reason reason, String subject, String message, @Nullable Throwable cause) {
        super(subject, message, cause);
        this.reason = reason;
    }

    /**
     * What the caller can do about it.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }
}
