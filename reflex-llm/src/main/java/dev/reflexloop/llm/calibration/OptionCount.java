package dev.reflexloop.llm.calibration;

/** How many options a choice has, in the four groups that have a temperature of their own; llama.cpp's decision models use the same. */
public enum OptionCount {
    /** Two options. */
    TWO("2"),
    /** Three to five. */
    THREE_TO_FIVE("3_5"),
    /** Six to ten. */
    SIX_TO_TEN("6_10"),
    /** Eleven and more. */
    ELEVEN_OR_MORE("11");

    private final String key;

    OptionCount(String key) {
        this.key = key;
    }

    /**
     * The group's name in files.
     *
     * @return {@code 2}, {@code 3_5}, {@code 6_10} or {@code 11}
     */
    public String key() {
        return key;
    }

    /**
     * The group of a number of options.
     *
     * @param options two or more
     * @return the group
     */
    public static OptionCount of(int options) {
        if (options <= 2) {
            return TWO;
        }
        return options <= 5 ? THREE_TO_FIVE : options <= 10 ? SIX_TO_TEN : ELEVEN_OR_MORE;
    }
}
