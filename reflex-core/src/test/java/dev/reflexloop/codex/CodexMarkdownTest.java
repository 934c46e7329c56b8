package dev.reflexloop.codex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The ledger for people. */
class CodexMarkdownTest {
    /** A clock that stands still. */
    private static final ReflexClock NEW_YEAR = new ReflexClock() {
        @Override
        public long nanos() {
            return 0;
        }

        @Override
        public Instant instant() {
            return Instant.parse("2026-01-01T00:00:00Z");
        }

        @Override
        public void await(CompletableFuture<?> future, long untilNanos) {
            throw new UnsupportedOperationException("a ledger does not wait");
        }
    };

    @TempDir
    Path folder;

    private CodexReport reportOf(Change... changes) {
        Path file = folder.resolve("codex.jsonl");
        try (Codex codex = Codex.open(file, CodexKey.loadOrCreate(folder.resolve("key.pem")), NEW_YEAR)) {
            for (Change change : changes) {
                codex.append(change);
            }
        }
        return Codex.verify(file);
    }

    @Test
    void ledger_ofOneChange_readsLikeThis() {
        CodexReport report = reportOf(new Change(
                Change.Kind.ADAPTER_ROLLED_BACK, "duel", "sha256:aa", "sha256:bb", "the gate", "reward fell by 0.1"));

        assertThat(report.toMarkdown())
                .isEqualTo("""
                        # Codex

                        Sound: every entry is as it was signed, and in its place.

                        ## 1. adapter rolled back: ` duel `

                        - at: ` 2026-01-01T00:00:00Z `
                        - by: ` the gate `
                        - why: ` reward fell by 0.1 `
                        - before: ` sha256:aa `
                        - after: ` sha256:bb `
                        - hash: ` %s `

                        ---

                        - entries: 1
                        - header: ` %s `
                        - last: ` %s `
                        - key: ` %s `
                        """.formatted(report.lastHash(), report.firstHash(), report.lastHash(), report.publicKey()));
    }

    @Test
    void text_thatIsMarkdownOrHtml_staysInItsCodeSpan() {
        String hostile = "x`\n\n# Sound\n```\n<script>alert(1)</script> [a](http://evil) \u202e\u0000\r\n- by: `you";
        String page = reportOf(new Change(Change.Kind.OTHER, hostile, "``", "`", hostile, "\u2028"))
                .toMarkdown();

        assertThat(page.lines().filter(line -> line.contains("<script>")))
                .hasSize(2)
                .allMatch(line -> line.contains(": ```` x`") && line.endsWith("`you ````"));
        assertThat(page.lines().filter(line -> line.startsWith("#"))).hasSize(2);
        assertThat(page).doesNotContain("\u202e", "\u0000", "\r", "\u2028").contains("- before: ``` `` ```\n");
    }

    @Test
    void text_ofManyPages_isCut() {
        String page = reportOf(new Change(Change.Kind.OTHER, "s", "x".repeat(16_000), "", "", ""))
                .toMarkdown();
        assertThat(page)
                .hasSizeLessThan(4_000)
                .contains("xxx ` (cut, 16000 characters)")
                .contains("- after: (nothing)\n");
    }

    @Test
    void ledger_thatIsNotSound_saysSoFirst() throws IOException {
        reportOf(
                new Change(Change.Kind.MODEL, "first", "", "", "", ""),
                new Change(Change.Kind.MODEL, "second", "", "", "", ""));
        Path file = folder.resolve("codex.jsonl");
        Files.writeString(file, Files.readString(file).replace("second", "2nd"));

        String page = Codex.verify(file).toMarkdown();
        assertThat(page)
                .startsWith("# Codex\n\n**Not sound**: line 3 (CHANGED)")
                .contains("first")
                .doesNotContain("2nd");
    }
}
