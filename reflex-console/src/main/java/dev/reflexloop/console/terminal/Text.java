package dev.reflexloop.console.terminal;

import org.jline.utils.WCWidth;

/** Texts in columns. A column is as wide as a Latin letter; some scripts take two of them, and what {@link Ink} adds takes none. */
public final class Text {
    private static final char ESCAPE = '\u001b';
    private static final String CUT = "…";

    private Text() {}

    /**
     * A text from a game, a model or a file, without what would move the cursor, change colours or turn the direction of writing.
     *
     * @param given anything
     * @return the same in one line; each such character is a space
     */
    public static String plain(String given) {
        StringBuilder text = new StringBuilder(given.length());
        given.codePoints().forEach(point -> {
            int type = Character.getType(point);
            boolean harmful = type == Character.CONTROL
                    || type == Character.FORMAT
                    || type == Character.SURROGATE
                    || type == Character.LINE_SEPARATOR
                    || type == Character.PARAGRAPH_SEPARATOR
                    || type == Character.PRIVATE_USE
                    || type == Character.UNASSIGNED;
            text.appendCodePoint(harmful ? ' ' : point);
        });
        return text.toString();
    }

    /**
     * How many columns a text takes.
     *
     * @param text the text, coloured or not
     * @return columns
     */
    public static int width(String text) {
        int width = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            if (point == ESCAPE) {
                i = text.indexOf('m', i) + 1;
            } else {
                width += Math.max(0, WCWidth.wcwidth(point));
                i += Character.charCount(point);
            }
        }
        return width;
    }

    /**
     * Cuts a text that is too wide, and says so by its last character.
     *
     * @param text the text, without colours
     * @param columns the room, 1 or more
     * @return a text that fits
     */
    public static String cut(String text, int columns) {
        if (width(text) <= columns) {
            return text;
        }
        StringBuilder kept = new StringBuilder();
        int width = 0;
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            width += Math.max(0, WCWidth.wcwidth(point));
            if (width > columns - 1) {
                break;
            }
            kept.appendCodePoint(point);
            i += Character.charCount(point);
        }
        return kept + CUT;
    }

    /**
     * Fills a text up with spaces on its right.
     *
     * @param text the text, coloured or not
     * @param columns how wide it is to be; a wider one stays as it is
     * @return the text with the spaces
     */
    public static String left(String text, int columns) {
        return text + " ".repeat(Math.max(0, columns - width(text)));
    }

    /**
     * Fills a text up with spaces on its left, for numbers.
     *
     * @param text the text, coloured or not
     * @param columns how wide it is to be; a wider one stays as it is
     * @return the text with the spaces
     */
    public static String right(String text, int columns) {
        return " ".repeat(Math.max(0, columns - width(text))) + text;
    }

    /**
     * Cuts and fills up, so that it is exactly as wide as its column.
     *
     * @param text the text, without colours
     * @param columns the column's width, 1 or more
     * @return the text
     */
    public static String fit(String text, int columns) {
        return left(cut(text, columns), columns);
    }
}
