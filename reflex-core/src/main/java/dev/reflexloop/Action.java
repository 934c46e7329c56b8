package dev.reflexloop;

import java.time.Duration;
import java.util.Locale;

/**
 * One tactical action. Immutable.
 *
 * @param name its name, unique in its schema; letters, digits, '_', '-' and '.' only, at most 64 of them, because it becomes a label
 * @param description what it does, for models that read; may be empty
 * @param cooldown how long after it was served it is illegal; zero by default
 */
public record Action(String name, String description, Duration cooldown) {

    /** Checks the name and the cooldown. */
    public Action {
        Check.name(name, "name of an action");
        if (name.length() > 64 || !name.chars().allMatch(Action::isNameCharacter)) {
            throw new IllegalArgumentException("name of an action is '" + name
                    + "'; use at most 64 letters, digits, '_', '-' and '.', because it becomes a label of the model");
        }
        Check.present(description, "description of action '" + name + "'", "give an empty text when there is none");
        Check.notNegative(cooldown, "cooldown of action '" + name + "'");
    }

    private static boolean isNameCharacter(int character) {
        return Character.isLetterOrDigit(character) || character == '_' || character == '-' || character == '.';
    }

    /**
     * An action without description or cooldown.
     *
     * @param name its name
     * @return the action
     */
    public static Action of(String name) {
        return new Action(name, "", Duration.ZERO);
    }

    /**
     * An action with a description.
     *
     * @param name its name
     * @param description what it does
     * @return the action
     */
    public static Action of(String name, String description) {
        return new Action(name, description, Duration.ZERO);
    }

    /**
     * The same action with a cooldown.
     *
     * @param duration how long after it was served it is illegal; zero or more
     * @return a new action
     */
    public Action withCooldown(Duration duration) {
        return new Action(name, description, duration);
    }

    /**
     * The constant of an enum that this action was made from by {@link ActionSchema#of(Class, Enum)}.
     *
     * @param type the enum
     * @param <E> the enum
     * @return the constant
     * @throws IllegalArgumentException if the enum has no such constant
     */
    public <E extends Enum<E>> E as(Class<E> type) {
        for (E constant : type.getEnumConstants()) {
            if (constant.name().toLowerCase(Locale.ROOT).equals(name)) {
                return constant;
            }
        }
        throw new IllegalArgumentException("action '" + name + "' is no constant of " + type.getName()
                + "; ask for the enum that its schema was made from");
    }
}
