package dev.reflexloop;

/**
 * What an action can be aimed at in one tick, for instance one of the enemies in sight. Immutable.
 *
 * @param id its identity in the game; unique among the targets offered for one action
 * @param description what a model should know about it; may be empty
 */
public record Target(String id, String description) {
    /** Checks that both are there. */
    public Target {
        Check.name(id, "id of a target");
        Check.present(description, "description of target '" + id + "'", "give an empty text when there is none");
    }

    /**
     * A target without description.
     *
     * @param id its identity in the game
     * @return the target
     */
    public static Target of(String id) {
        return new Target(id, "");
    }
}
