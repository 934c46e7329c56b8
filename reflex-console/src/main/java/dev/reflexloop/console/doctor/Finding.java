package dev.reflexloop.console.doctor;

/**
 * One thing that was looked at. Immutable.
 *
 * @param level how it is
 * @param what what was looked at
 * @param found what was found, in a line without control characters
 * @param remedy how to mend it; empty where there is nothing to mend
 */
public record Finding(Level level, String what, String found, String remedy) {
    /** How something is. */
    public enum Level {
        /** As it should be. */
        OK,
        /** Something does without, or works worse than it could. */
        WARN,
        /** Something that is needed does not work. */
        FAIL
    }

    static Finding ok(String what, String found) {
        return new Finding(Level.OK, what, found, "");
    }

    static Finding warn(String what, String found, String remedy) {
        return new Finding(Level.WARN, what, found, remedy);
    }

    static Finding fail(String what, String found, String remedy) {
        return new Finding(Level.FAIL, what, found, remedy);
    }
}
