package dev.reflexloop.codex;

import java.util.Locale;

/** A ledger as a Markdown document. Every text from the ledger stands in a code span that it cannot leave. Stateless. */
final class CodexMarkdown {
    private static final int LONGEST = 2_000;

    private CodexMarkdown() {}

    static String of(CodexReport report) {
        StringBuilder page = new StringBuilder("# Codex\n\n");
        page.append(
                report.sound()
                        ? "Sound: every entry is as it was signed, and in its place."
                        : "**Not sound**: line " + report.line() + " (" + report.fault() + "): " + code(report.reason())
                                + ". What follows stands before that line.");
        page.append("\n\n");
        if (report.tornBytes() > 0) {
            page.append("The last line was never finished; its ")
                    .append(report.tornBytes())
                    .append(" bytes are left out.\n\n");
        }
        for (CodexEntry entry : report.entries()) {
            entry(page, entry);
        }
        page.append("---\n\n");
        page.append("- entries: ").append(report.entries().size()).append('\n');
        item(page, "header", report.firstHash());
        item(page, "last", report.lastHash());
        item(page, "key", report.publicKey());
        return page.toString();
    }

    private static void entry(StringBuilder page, CodexEntry entry) {
        Change change = entry.change();
        String kind = change.kind().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        page.append("## ").append(entry.sequence()).append(". ").append(kind).append(": ");
        page.append(code(change.subject())).append("\n\n");
        item(page, "at", entry.at().toString());
        item(page, "by", change.who());
        item(page, "why", change.why());
        item(page, "before", change.before());
        item(page, "after", change.after());
        item(page, "hash", entry.hash());
        page.append('\n');
    }

    private static void item(StringBuilder page, String name, String text) {
        page.append("- ").append(name).append(": ").append(code(text)).append('\n');
    }

    /** A code span on one line, fenced by more backticks in a row than the text has. */
    private static String code(String text) {
        if (text.isEmpty()) {
            return "(nothing)";
        }
        StringBuilder line = new StringBuilder();
        int run = 0;
        int longest = 0;
        int shown = 0;
        for (int at = 0; at < text.length() && shown < LONGEST; shown++) {
            int character = text.codePointAt(at);
            at += Character.charCount(character);
            run = character == '`' ? run + 1 : 0;
            longest = Math.max(longest, run);
            line.appendCodePoint(isShown(character) ? character : character == '\n' ? '\u21b5' : '\ufffd');
        }
        String fence = "`".repeat(longest + 1);
        String cut = text.codePointCount(0, text.length()) > shown ? " (cut, " + text.length() + " characters)" : "";
        return fence + " " + line + " " + fence + cut;
    }

    private static boolean isShown(int character) {
        return switch (Character.getType(character)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
