package dev.reflexloop;

import org.jspecify.annotations.Nullable;

/** A trajectory log that cannot be opened or read: choose another path, free the disk, or mend the file. */
public final class TrajectoryException extends ReflexException {
    private static final long serialVersionUID = 1L;

    /**
     * A log that cannot be used.
     *
     * @param path the file
     * @param message the reason, and what to do
     * @param cause what was behind it, or null
     */
    public TrajectoryException(String path, String message, @Nullable Throwable cause) {
        super(path, "Trajectory log '" + path + "': " + message, cause);
    }
}
