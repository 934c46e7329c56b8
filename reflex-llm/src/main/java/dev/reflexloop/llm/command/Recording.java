package dev.reflexloop.llm.command;

import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexEntry;
import dev.reflexloop.codex.CodexKey;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Where a command records what it changed: the codex that it was told, or nowhere. One thread at a time. */
final class Recording implements AutoCloseable {
    /** Its part of a command's help. */
    static final String HELP = """
              --codex FILE  record the change in this codex; it is begun where there is none. Needs --key
              --key FILE    the key that signs it; made where there is neither codex nor key
            """;

    private final String who;
    private final @Nullable Codex codex;

    /** What was asked for on the command line. */
    record Wanted(Optional<Path> codex, Optional<Path> key) {
        /**
         * Fails where the codex cannot be written, before long work begins. It is not kept open, because who starts meanwhile would be
         * refused it.
         */
        void check(Command command) {
            open(command).close();
        }

        /** Opens the codex before anything is changed, so that nothing is changed that cannot be recorded. */
        Recording open(Command command) {
            String who = command.getClass().getSimpleName() + ", run by " + System.getProperty("user.name", "somebody");
            if (codex.isEmpty() || key.isEmpty()) {
                return new Recording(who, null);
            }
            Path file = codex.get();
            CodexKey signs = Files.exists(file) ? CodexKey.load(key.get()) : CodexKey.loadOrCreate(key.get());
            return new Recording(who, Codex.open(file, signs));
        }
    }

    private Recording(String who, @Nullable Codex codex) {
        this.who = who;
        this.codex = codex;
    }

    static Wanted of(Arguments arguments) {
        Wanted wanted = new Wanted(arguments.file("--codex"), arguments.file("--key"));
        if (wanted.codex().isPresent() != wanted.key().isPresent()) {
            throw new IllegalArgumentException("--codex and --key go together; give both, or none.");
        }
        return wanted;
    }

    /** Writes the change, unless it is none. The texts are only made where there is a codex: digests of models take time. */
    void changed(Change.Kind kind, String subject, Supplier<String> after, Supplier<String> why, PrintStream out) {
        if (codex == null) {
            return;
        }
        Optional<CodexEntry> entry = codex.appendIfChanged(kind, subject, after.get(), who, why.get());
        out.println(entry.map(each -> "Recorded in the codex as entry " + each.sequence() + ".")
                .orElse("Nothing to record in the codex: '" + subject + "' is what it was."));
    }

    @Override
    public void close() {
        if (codex != null) {
            codex.close();
        }
    }
}
