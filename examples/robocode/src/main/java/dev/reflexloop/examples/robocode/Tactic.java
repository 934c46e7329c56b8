package dev.reflexloop.examples.robocode;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import java.util.Arrays;
import java.util.Locale;

/** What the robot does until the next decision; the motor layer carries it out turn by turn. */
enum Tactic {
    /** Weaves towards the nearest robot and fires hard from close up. */
    CHARGE("weave towards the nearest robot and fire hard from close up"),
    /** Orbits the nearest robot at middle distance. */
    STRAFE("orbit the nearest robot at middle distance and fire"),
    /** Goes where the robots in sight are least dangerous. */
    RETREAT("go where the others are least dangerous, fire when it is cheap"),
    /** Drives into the nearest robot. */
    RAM("drive into the nearest robot, firing at full power"),
    /** Evades and saves energy. */
    HOLD_FIRE("evade at long distance without firing"),
    /** Closes in on the weakest robot to finish it. */
    HUNT("close in on the weakest robot and finish it"),
    /** Runs along the walls at full speed. */
    CIRCLE_WALL("run along the walls at full speed and fire at the nearest robot"),
    /** Orbits at long distance and shoots at the strongest robot. */
    SNIPE("orbit at long distance and fire at the strongest robot"),
    /** Stands still until a shot is seen, then steps aside. */
    DODGE("stand still until a shot is seen, then step aside, and fire");

    private static final Tactic[] ALL = values();
    private final String description;

    Tactic(String description) {
        this.description = description;
    }

    /** The name that the model sees. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The tactic behind an action of {@link #schema()}. */
    static Tactic of(Action action) {
        return action.as(Tactic.class);
    }

    /** How many there are. */
    static int count() {
        return ALL.length;
    }

    /** The tactic with an ordinal. */
    static Tactic at(int ordinal) {
        return ALL[ordinal];
    }

    /** All tactics as the closed set of actions; strafing is the idle one. */
    static ActionSchema schema() {
        ActionSchema.Builder builder = ActionSchema.builder("robocode");
        Arrays.stream(ALL).forEach(each -> builder.action(each.label(), each.description));
        return builder.idle(STRAFE.label()).build();
    }
}
