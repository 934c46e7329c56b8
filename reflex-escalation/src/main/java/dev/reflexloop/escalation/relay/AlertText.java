package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;

/** What an alert looks like to a person: one line, however hostile its words are. Stateless. */
final class AlertText {
    private static final String CUT = "\u2026";
    private static final char REPLACEMENT = '\ufffd';

    private AlertText() {}

    /** What is shown of a character, and nothing else of it. */
    @FunctionalInterface
    interface Escape {
        String of(int codePoint);
    }

    /** {@code [LEVEL] mission: text}, at most so many UTF-16 units after escaping. */
    static String of(Alert alert, int most, Escape escape) {
        String subject = alert.mission().isBlank() ? "" : alert.mission() + ": ";
        return line("[" + alert.level() + "] " + subject + alert.text(), most, escape);
    }

    static String line(String text, int most) {
        return line(text, most, Character::toString);
    }

    static String line(String text, int most, Escape escape) {
        StringBuilder line = new StringBuilder(Math.min(text.length() + 16, most));
        int whole = 0; // the length at which a cut still leaves room for its sign
        for (int at = 0; at < text.length(); ) {
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            String shown = escape.of(clean(character));
            if (line.length() + shown.length() > most) {
                line.setLength(whole);
                return line.append(CUT).toString();
            }
            line.append(shown);
            if (line.length() + CUT.length() <= most) {
                whole = line.length();
            }
        }
        return line.toString();
    }

    /** No line breaks and other controls, nothing that turns the direction of what follows, no half of a pair. */
    private static int clean(int character) {
        if (Character.getType(character) == Character.SURROGATE) {
            return REPLACEMENT;
        }
        boolean turns = (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
        boolean breaks = Character.isISOControl(character) || character == 0x2028 || character == 0x2029;
        return turns || breaks ? ' ' : character;
    }
}
