package dev.reflexloop;

/**
 * What the strategist wants now. Immutable.
 *
 * @param text the goal in a few words; empty means that there is none
 * @param draft whether the strategist is still writing it; see {@link #draft(String)}
 */
public record Goal(String text, boolean draft) {
    private static final Goal NONE = new Goal("", false);

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
        return new Goal(text, false);
    }

    /**
     * A goal as far as it is written. The model is shown it like any other, but it begins no {@link Mission}: the one that runs goes on until
     * the goal is whole.
     *
     * @param text what is written so far
     * @return the goal
     */
    public static Goal draft(String text) {
        return new Goal(text, true);
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
