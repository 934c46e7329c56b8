package dev.reflexloop;

/** Texts of the game in a length that can be shown. */
final class ShownText {
    private ShownText() {}

    /** The beginning of a text; no character is cut in two. */
    static String clipped(String text, int longest) {
        if (text.length() <= longest) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(longest - 1)) ? longest - 1 : longest);
    }
}
