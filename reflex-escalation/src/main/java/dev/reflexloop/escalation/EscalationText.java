package dev.reflexloop.escalation;

import dev.reflexloop.Situation;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The text of an escalation, and the JSON in which a file holds it. */
final class EscalationText {
    private static final int FIRST_PRINTABLE = ' ';
    private static final int LAST_PRINTABLE = '~';

    private EscalationText() {}

    /** The situation with its options: {@code words Options: 1) first, 2) second}. */
    static String of(Situation situation) {
        StringBuilder text = new StringBuilder(situation.words().strip());
        List<Situation.Option> options = situation.options();
        for (int i = 0; i < options.size(); i++) {
            text.append(i > 0 ? ", " : text.isEmpty() ? "Options: " : " Options: ")
                    .append(i + 1)
                    .append(") ")
                    .append(label(options.get(i)));
        }
        return text.toString();
    }

    /** What an option is called: its own words, or its action and target where it has none. */
    static String label(Situation.Option option) {
        return option.text().isBlank()
                ? option.action() + option.target().map(target -> " " + target).orElse("")
                : option.text().strip();
    }

    /** The bytes that Python's {@code json.dumps({"situation": ..., "timestamp": ...})} gives, without a line break at the end. */
    static byte[] json(InboxEntry entry) {
        StringBuilder json = new StringBuilder(256).append("{\"situation\": ");
        quote(json, of(entry.situation()));
        json.append(", \"timestamp\": ").append(entry.at().getEpochSecond()).append('}');
        return json.toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char each = text.charAt(i);
            boolean isPair = Character.isHighSurrogate(each)
                    && i + 1 < text.length()
                    && Character.isLowSurrogate(text.charAt(i + 1));
            if (isPair) {
                escape(json, each);
                escape(json, text.charAt(++i));
            } else {
                quote(json, Character.isSurrogate(each) ? '\ufffd' : each);
            }
        }
        json.append('"');
    }

    private static void quote(StringBuilder json, char each) {
        switch (each) {
            case '"', '\\' -> json.append('\\').append(each);
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            case '\f' -> json.append("\\f");
            case '\b' -> json.append("\\b");
            default -> {
                if (each >= FIRST_PRINTABLE && each <= LAST_PRINTABLE) {
                    json.append(each);
                } else {
                    escape(json, each);
                }
            }
        }
    }

    private static void escape(StringBuilder json, char each) {
        String hex = Integer.toHexString(each);
        json.append("\\u").append("0".repeat(4 - hex.length())).append(hex);
    }
}
