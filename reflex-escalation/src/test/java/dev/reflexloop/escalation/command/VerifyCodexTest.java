package dev.reflexloop.escalation.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexKey;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the command says, and by which code. */
class VerifyCodexTest {
    @TempDir
    Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Path ledger;
    private String anchor = "";

    @BeforeEach
    void write() {
        ledger = folder.resolve("codex.jsonl");
        try (Codex codex = Codex.open(ledger, CodexKey.loadOrCreate(folder.resolve("key.pem")))) {
            codex.append(new Change(Change.Kind.POLICY, "novelty", "0.3", "0.5", "somebody", "too many questions"));
            anchor = codex.append(new Change(Change.Kind.GUARD, "rounds", "5", "4", "somebody", "it circled"))
                    .hash();
        }
    }

    private int run(String... arguments) {
        out.reset();
        err.reset();
        return VerifyCodex.run(
                arguments,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }

    private String complained() {
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void ledger_thatIsSound_isSummedUp() {
        assertThat(run(ledger.toString())).isZero();
        assertThat(printed()).contains("sound entries: 2\n", "last: " + anchor).doesNotContain("unfinished");
        assertThat(run("--anchor", anchor, ledger.toString())).isZero();
        assertThat(complained()).isEmpty();
    }

    @Test
    void ledger_asMarkdown_isPrinted() {
        assertThat(run(ledger.toString(), "--markdown")).isZero();
        assertThat(printed()).startsWith("# Codex\n").contains("## 2. guard: ` rounds `");
    }

    @Test
    void ledger_thatWasChanged_isNotSound() throws IOException {
        Files.writeString(ledger, Files.readString(ledger).replace("circled", "squared"));
        assertThat(run(ledger.toString())).isEqualTo(1);
        assertThat(complained()).contains("Line 3 of " + ledger + " is not sound (changed)");
        assertThat(printed()).contains("sound entries: 1\n");
    }

    @Test
    void ledger_whoseEndWasCutOff_isNotSoundAgainstItsAnchor() throws IOException {
        String text = Files.readString(ledger);
        Files.writeString(ledger, text.substring(0, text.lastIndexOf("{\"type\":\"entry\"")));
        assertThat(run(ledger.toString())).isZero();
        assertThat(run("--anchor", anchor, ledger.toString())).isEqualTo(1);
        assertThat(complained()).contains("(truncated)");
    }

    @Test
    void ledger_withATornLine_isSoundAndSaysSo() throws IOException {
        Files.writeString(ledger, "{\"type\"", StandardOpenOption.APPEND);
        assertThat(run(ledger.toString())).isZero();
        assertThat(printed()).contains("unfinished last line: 7 bytes");
    }

    @Test
    void arguments_thatAreWrong_areSaid() {
        assertThat(run()).isEqualTo(2);
        assertThat(complained()).contains("No ledger is given");
        assertThat(run("a", "b")).isEqualTo(2);
        assertThat(run("--anchor")).isEqualTo(2);
        assertThat(run("--anchor", "xyz", "a")).isEqualTo(2);
        assertThat(run("--loud", "a")).isEqualTo(2);
        assertThat(complained()).contains("There is no option --loud");
        assertThat(run("--help")).isZero();
        assertThat(printed()).contains("--markdown");
    }

    @Test
    void file_thatIsMissing_isSaid() {
        assertThat(run(folder.resolve("missing").toString())).isEqualTo(3);
        assertThat(complained()).contains("there is no such file");
    }
}
