package dev.reflexloop.console.terminal;

import picocli.CommandLine;

/** Colours of a terminal, or none where the output is no terminal or {@code NO_COLOR} is set. Immutable. */
public final class Ink {
    private static final Ink PLAIN = new Ink(false);
    private static final Ink COLOURED = new Ink(true);
    private static final String RESET = "\u001b[0m";

    private final boolean coloured;

    private Ink(boolean coloured) {
        this.coloured = coloured;
    }

    /**
     * The colours that fit where a command prints.
     *
     * @param line the command
     * @return ink; plain unless its colour scheme has colours
     */
    public static Ink of(CommandLine line) {
        return of(line.getColorScheme().ansi().enabled());
    }

    /**
     * Colours or none.
     *
     * @param coloured whether to colour
     * @return the ink
     */
    public static Ink of(boolean coloured) {
        return coloured ? COLOURED : PLAIN;
    }

    /**
     * Whether there are colours.
     *
     * @return false for plain text
     */
    public boolean isColoured() {
        return coloured;
    }

    /**
     * What matters.
     *
     * @param text the text
     * @return the same in bold
     */
    public String strong(String text) {
        return paint("1", text);
    }

    /**
     * What is there for whoever looks for it.
     *
     * @param text the text
     * @return the same, pale
     */
    public String faint(String text) {
        return paint("2", text);
    }

    /**
     * What is well.
     *
     * @param text the text
     * @return the same in green
     */
    public String good(String text) {
        return paint("32", text);
    }

    /**
     * What should be looked at.
     *
     * @param text the text
     * @return the same in yellow
     */
    public String warning(String text) {
        return paint("33", text);
    }

    /**
     * What is wrong.
     *
     * @param text the text
     * @return the same in red
     */
    public String bad(String text) {
        return paint("31", text);
    }

    /**
     * What stands out: a title, a bar.
     *
     * @param text the text
     * @return the same in cyan
     */
    public String accent(String text) {
        return paint("36", text);
    }

    private String paint(String code, String text) {
        return coloured && !text.isEmpty() ? "\u001b[" + code + 'm' + text + RESET : text;
    }
}
