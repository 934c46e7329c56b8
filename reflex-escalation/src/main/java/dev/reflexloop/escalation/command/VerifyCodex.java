package dev.reflexloop.escalation.command;

import dev.reflexloop.ReflexException;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexReport;
import dev.reflexloop.llm.command.Arguments;
import dev.reflexloop.llm.command.Command;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Verifies a codex from the command line; a thin wrapper of {@link Codex#verify}. {@code --help} lists the options.
 *
 * <p>Exit codes: 0 the ledger is sound, 1 it is not, 2 the arguments are wrong, 3 the file cannot be read.
 */
public final class VerifyCodex extends Command {
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

    /** The command. */
    public VerifyCodex() {
        super(HELP);
    }

    /**
     * Verifies, and ends the JVM with an exit code.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        new VerifyCodex().runAndExit(arguments);
    }

    @Override
    protected Work prepare(Arguments arguments) {
        List<Path> ledgers = arguments.files("ledger");
        if (ledgers.size() > 1) {
            throw new IllegalArgumentException("Name one ledger only.");
        }
        Path ledger = ledgers.get(0);
        Optional<String> anchor = arguments.text("--anchor");
        if (anchor.isPresent() && !anchor.get().matches(HASH)) {
            throw new IllegalArgumentException("--anchor needs a hash of 64 hexadecimal digits after it.");
        }
        boolean markdown = arguments.has("--markdown");
        return (out, err) -> {
            CodexReport report = anchor.map(hash -> Codex.verify(ledger, hash)).orElseGet(() -> Codex.verify(ledger));
            out.print(markdown ? report.toMarkdown() : summary(report));
            return report.sound() ? DONE : complain(ledger, report, err);
        };
    }

    private static int complain(Path ledger, CodexReport report, PrintStream err) {
        err.println("Line " + report.line() + " of " + ledger + " is not sound ("
                + report.fault().name().toLowerCase(Locale.ROOT) + "): " + printable(report.reason()));
        return FAILED;
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

    @Override
    protected int statusOf(ReflexException unreadable) {
        return UNREADABLE;
    }
}
