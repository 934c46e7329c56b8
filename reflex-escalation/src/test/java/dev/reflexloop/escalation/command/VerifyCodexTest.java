package dev.reflexloop.escalation.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.codex.Change;
import dev.reflexloop.codex.Codex;
import dev.reflexloop.codex.CodexKey;
import dev.reflexloop.testkit.Terminal;
import java.io.IOException;
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

    private final Terminal terminal = new Terminal(new VerifyCodex()::run);
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

    @Test
    void ledger_thatIsSound_isSummedUp() {
        assertThat(terminal.run(ledger.toString())).isZero();
        assertThat(terminal.out())
                .contains("sound entries: 2\n", "last: " + anchor)
                .doesNotContain("unfinished");
        assertThat(terminal.run("--anchor", anchor, ledger.toString())).isZero();
        assertThat(terminal.err()).isEmpty();
    }

    @Test
    void ledger_asMarkdown_isPrinted() {
        assertThat(terminal.run(ledger.toString(), "--markdown")).isZero();
        assertThat(terminal.out()).startsWith("# Codex\n").contains("## 2. guard: ` rounds `");
    }

    @Test
    void ledger_thatWasChanged_isNotSound() throws IOException {
        Files.writeString(ledger, Files.readString(ledger).replace("circled", "squared"));
        assertThat(terminal.run(ledger.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("Line 3 of " + ledger + " is not sound (changed)");
        assertThat(terminal.out()).contains("sound entries: 1\n");
    }

    @Test
    void ledger_whoseEndWasCutOff_isNotSoundAgainstItsAnchor() throws IOException {
        String text = Files.readString(ledger);
        Files.writeString(ledger, text.substring(0, text.lastIndexOf("{\"type\":\"entry\"")));
        assertThat(terminal.run(ledger.toString())).isZero();
        assertThat(terminal.run("--anchor", anchor, ledger.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains("(truncated)");
    }

    @Test
    void ledger_withATornLine_isSoundAndSaysSo() throws IOException {
        Files.writeString(ledger, "{\"type\"", StandardOpenOption.APPEND);
        assertThat(terminal.run(ledger.toString())).isZero();
        assertThat(terminal.out()).contains("unfinished last line: 7 bytes");
    }

    @Test
    void arguments_thatAreWrong_areSaid() {
        assertThat(terminal.run()).isEqualTo(2);
        assertThat(terminal.err()).contains("No ledger is given");
        assertThat(terminal.run("a", "b")).isEqualTo(2);
        assertThat(terminal.run("--anchor")).isEqualTo(2);
        assertThat(terminal.run("--anchor", "xyz", "a")).isEqualTo(2);
        assertThat(terminal.run("--loud", "a")).isEqualTo(2);
        assertThat(terminal.err()).contains("There is no option --loud");
        assertThat(terminal.run("--help")).isZero();
        assertThat(terminal.out()).contains("--markdown");
    }

    @Test
    void file_thatIsMissing_isSaid() {
        assertThat(terminal.run(folder.resolve("missing").toString())).isEqualTo(3);
        assertThat(terminal.err()).contains("there is no such file");
    }
}
