package dev.reflexloop.escalation;

/** Bounds texts that others wrote. */
final class Texts {
    private Texts() {}

    /** At most so many characters from the beginning, and never half of a surrogate pair. */
    static String cut(String text, int most) {
        if (text.length() <= most) {
            return text;
        }
        boolean splits =
                Character.isHighSurrogate(text.charAt(most - 1)) && Character.isLowSurrogate(text.charAt(most));
        return text.substring(0, splits ? most - 1 : most);
    }
}
