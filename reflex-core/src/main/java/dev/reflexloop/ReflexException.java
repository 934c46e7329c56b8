package dev.reflexloop;

import org.jspecify.annotations.Nullable;

/**
 * Root of everything that this library throws on purpose. Subclasses say what the caller can do; each carries its subject (a model's
 * id, a path, a deadline), and its message says what to do next. Never thrown by {@link ReflexLoop#decide(Perception)}.
 */
public class ReflexException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String subject;

    /**
     * An error with a stack trace.
     *
     * @param subject what it is about
     * @param message the thing, the reason and the remedy
     * @param cause what was behind it, or null
     */
    public ReflexException(String subject, String message, @Nullable Throwable cause) {
        this(subject, message, cause, true);
    }

    /**
     * An error for the hot path or elsewhere.
     *
     * @param subject what it is about
     * @param message the thing, the reason and the remedy
     * @param cause what was behind it, or null
     * @param withStackTrace false where it is expected often and nobody needs to know where from
     */
    protected ReflexException(String subject, String message, @Nullable Throwable cause, boolean withStackTrace) {
        super(message, cause, withStackTrace, withStackTrace);
        this.subject = subject;
    }

    /**
     * What the error is about: a model's id, a path, a parameter.
     *
     * @return the subject
     */
    public final String subject() {
        return subject;
    }
}
