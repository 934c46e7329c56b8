package dev.reflexloop;

/**
 * What the strategist wants now. Immutable.
 *
 * @param text the goal in a few words; empty means that there is none
 */
public record Goal(String text) {
    private static final Goal NONE = new Goal("");

    /** Checks that the text is there. */
    public Goal {
        Check.present(text, "text of a goal", "use Goal.none() when there is none");
    }

    /**
     * A goal.
     *
     * @param text the goal in a few words
     * @return the goal
     */
    public static Goal of(String text) {
        return new Goal(text);
    }

    /**
     * No goal.
     *
     * @return the goal whose text is empty
     */
    public static Goal none() {
        return NONE;
    }
}
