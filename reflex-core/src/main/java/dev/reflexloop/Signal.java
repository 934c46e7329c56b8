package dev.reflexloop;

/** What a strategist's reply says about the mission beside its actions: the {@code exit_code} of its JSON. */
public enum Signal {
    /** The goal is reached; the mission ends well. */
    COMPLETE(0),
    /** The mission goes on with another round. */
    CONTINUE(1),
    /** No further actions are wanted: the mission ends with a summary of what was done. */
    SUMMARY_ONLY(2),
    /** The bot stops at once. */
    FORCED_STOP(3),
    /** The reply could not be read. The strategist is asked once more; the second one in a row ends the mission. */
    PARSE_FAILURE(-1);

    private final int exitCode;

    Signal(int exitCode) {
        this.exitCode = exitCode;
    }

    /**
     * The number that stands for it in a reply.
     *
     * @return -1 to 3
     */
    public int exitCode() {
        return exitCode;
    }

    /**
     * Reads the number of a reply.
     *
     * @param exitCode any number
     * @return what it stands for; {@link #PARSE_FAILURE} for a number that stands for nothing
     */
    public static Signal of(int exitCode) {
        for (Signal each : values()) {
            if (each.exitCode == exitCode) {
                return each;
            }
        }
        return PARSE_FAILURE;
    }
}
