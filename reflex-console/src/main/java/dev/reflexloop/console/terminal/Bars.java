package dev.reflexloop.console.terminal;

/** Bars made of block characters, an eighth of a column being the smallest step. */
public final class Bars {
    private static final String FULL = "█";
    private static final String PARTS = " ▏▎▍▌▋▊▉";
    private static final int STEPS = 8;

    private Bars() {}

    /**
     * A bar.
     *
     * @param share how much of it is full, 0 to 1; what is beyond counts as the end, and no number as 0
     * @param columns how wide it is when it is full
     * @return the bar, with spaces up to its width
     */
    public static String bar(double share, int columns) {
        double bounded = share >= 0 ? Math.min(1, share) : 0;
        long eighths = Math.round(bounded * columns * STEPS);
        int full = (int) (eighths / STEPS);
        int part = (int) (eighths % STEPS);
        String bar = FULL.repeat(full) + (part > 0 ? PARTS.charAt(part) : "");
        return bar + " ".repeat(columns - bar.length());
    }
}
