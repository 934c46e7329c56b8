package dev.reflexloop.escalation.command;

import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexException;
import dev.reflexloop.codex.CodexReport;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Verifies a codex from the command line; a thin wrapper of {@link Codex#verify}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 the ledger is sound, 1 it is not, 2 the arguments are wrong, 3 the file cannot be read.
 */
public final class VerifyCodex {
    private static final int SOUND = 0;
    private static final int NOT_SOUND = 1;
    private static final int WRONG_ARGUMENTS = 2;
    private static final int UNREADABLE = 3;
    private static final String HASH = "[0-9a-f]{64}";

    private static final String HELP = """
            Verifies a codex: that every change is as it was signed, and in its place.

              VerifyCodex [options] LEDGER

              LEDGER         the file (.jsonl)
              --anchor HASH  a hash that was noted elsewhere, of the header or of any entry; it must be in the ledger, or
                             its end was cut off, or all of it replaced
              --markdown     print the ledger as a Markdown document
            """;

    private record Arguments(Path ledger, Optional<String> anchor, boolean markdown) {}

    private VerifyCodex() {}

    /**
     * Verifies, and ends the JVM with an exit code.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        PrintStream err = new PrintStream(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(arguments, out, err));
    }

    /** The command without the end of the JVM. */
    static int run(String[] arguments, PrintStream out, PrintStream err) {
        if (List.of(arguments).contains("--help")) {
            out.print(HELP);
            return SOUND;
        }
        Arguments wanted;
        try {
            wanted = parse(arguments);
        } catch (IllegalArgumentException wrong) {
            err.println(wrong.getMessage());
            err.println("--help lists the options.");
            return WRONG_ARGUMENTS;
        }
        CodexReport report;
        try {
            report = wanted.anchor()
                    .map(anchor -> Codex.verify(wanted.ledger(), anchor))
                    .orElseGet(() -> Codex.verify(wanted.ledger()));
        } catch (CodexException unreadable) {
            err.println(unreadable.getMessage());
            return UNREADABLE;
        }
        out.print(wanted.markdown() ? report.toMarkdown() : summary(report));
        if (!report.sound()) {
            err.println("Line " + report.line() + " of " + wanted.ledger() + " is not sound ("
                    + report.fault().name().toLowerCase(Locale.ROOT) + "): " + printable(report.reason()));
            return NOT_SOUND;
        }
        return SOUND;
    }

    private static String summary(CodexReport report) {
        String torn = report.tornBytes() == 0
                ? ""
                : "unfinished last line: " + report.tornBytes() + " bytes, not acknowledged to anybody\n";
        return "sound entries: " + report.entries().size() + "\n" + torn + "header: " + report.firstHash() + "\nlast: "
                + report.lastHash() + "\nkey: " + report.publicKey() + "\n";
    }

    /** What a forged line says must not steer the terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", " ");
    }

    private static Arguments parse(String[] arguments) {
        Deque<String> rest = new ArrayDeque<>(List.of(arguments));
        Optional<Path> ledger = Optional.empty();
        Optional<String> anchor = Optional.empty();
        boolean markdown = false;
        while (!rest.isEmpty()) {
            String argument = rest.pop();
            if (argument.equals("--markdown")) {
                markdown = true;
            } else if (argument.equals("--anchor")) {
                anchor = Optional.ofNullable(rest.poll()).filter(hash -> hash.matches(HASH));
                if (anchor.isEmpty()) {
                    throw new IllegalArgumentException("--anchor needs a hash of 64 hexadecimal digits after it.");
                }
            } else if (argument.startsWith("--")) {
                throw new IllegalArgumentException("There is no option " + argument + ".");
            } else if (ledger.isPresent()) {
                throw new IllegalArgumentException("Name one ledger only.");
            } else {
                ledger = Optional.of(path(argument));
            }
        }
        Path named = ledger.orElseThrow(() -> new IllegalArgumentException("No ledger is given; name its file."));
        return new Arguments(named, anchor, markdown);
    }

    private static Path path(String argument) {
        try {
            return Path.of(argument);
        } catch (InvalidPathException noPath) {
            throw new IllegalArgumentException("'" + argument + "' is no path.", noPath);
        }
    }
}
