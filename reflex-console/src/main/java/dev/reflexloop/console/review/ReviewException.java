package dev.reflexloop.console.review;

import dev.reflexloop.ReflexException;
import org.jspecify.annotations.Nullable;

/** A label that could not be kept: free the disk, or mend the permissions, and give it again. */
public final class ReviewException extends ReflexException {
    private static final long serialVersionUID = 1L;

    ReviewException(String subject, String message, @Nullable Throwable cause) {
        super(subject, message, cause);
    }
}
