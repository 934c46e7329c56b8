package dev.reflexloop.console.terminal;

/** Bars of block characters, to an eighth of a column. */
public final class Bar {
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉█";
    private static final int PARTS = 8;
    private static final double LEAST = 0.0005;

    private Bar() {}

    /**
     * A bar.
     *
     * @param share 0 to 1; what is outside is taken for the nearer end, what is no number for 0
     * @param columns how wide the whole is
     * @return a text of that width; from 0.05 percent on there is something to be seen
     */
    public static String of(double share, int columns) {
        double bounded = Double.isNaN(share) ? 0 : Math.max(0, Math.min(1, share));
        int parts = (int) Math.round(bounded * columns * PARTS);
        parts = bounded >= LEAST ? Math.max(1, parts) : 0;
        int rest = parts % PARTS;
        String bar = "█".repeat(parts / PARTS) + (rest == 0 ? "" : EIGHTHS.charAt(rest));
        return Text.left(bar, columns);
    }
}
