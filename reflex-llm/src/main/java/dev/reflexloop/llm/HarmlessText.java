package dev.reflexloop.llm;

/** Makes text of the game harmless for any prompt. */
final class HarmlessText {
    private HarmlessText() {}

    static String of(String text, int most) {
        int length = Math.min(text.length(), most);
        StringBuilder clean = new StringBuilder(length);
        for (int i = 0; i < length; i++) {
            char character = text.charAt(i);
            if (Character.isHighSurrogate(character)
                    && i + 1 < length
                    && Character.isLowSurrogate(text.charAt(i + 1))) {
                clean.append(character).append(text.charAt(++i));
            } else {
                clean.append(of(character));
            }
        }
        return clean.toString();
    }

    private static char of(char character) {
        if (character == '<') {
            return '\u2039'; // every usual family writes its special tokens with one of these two
        }
        if (character == '[') {
            return '\u27e6';
        }
        if (Character.isISOControl(character) || character == '\u2028' || character == '\u2029') {
            return ' ';
        }
        return Character.isSurrogate(character) ? '\ufffd' : character;
    }
}
