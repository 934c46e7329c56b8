package dev.reflexloop.llm.calibration;

import dev.reflexloop.ReflexException;
import org.jspecify.annotations.Nullable;

/** The logs cannot be learned from: the message says what they lack. */
public final class CalibrationException extends ReflexException {
    private static final long serialVersionUID = 1L;

    CalibrationException(String subject, String message, @Nullable Throwable cause) {
        super(subject, message, cause);
    }
}
