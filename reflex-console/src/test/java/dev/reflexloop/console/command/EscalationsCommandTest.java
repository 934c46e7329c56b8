package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.testkit.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EscalationsCommandTest {
    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(Reflexloop::run);

    @Test
    void folder_withoutAnInbox_hasNothingThatWaits() {
        assertThat(terminal.run("escalations", folder.toString())).isZero();
        assertThat(terminal.out()).isEqualTo(String.format("Nothing waits for an answer.%n"));
    }

    @Test
    void file_thatIsNoInbox_failsWithItsName() throws IOException {
        Path file = Files.writeString(folder.resolve("some-inbox.jsonl"), "no inbox\n");

        assertThat(terminal.run("escalations", "list", file.toString())).isEqualTo(1);
        assertThat(terminal.err()).contains(file.toString()).contains("is no inbox");
    }

    @Test
    void id_thatNobodyKnows_isNotTaken() {
        assertThat(terminal.run("escalations", "answer", "nobody-1-e", folder.toString(), "--option", "1"))
                .isEqualTo(1);
        assertThat(terminal.err()).contains("nobody-1-e");
    }

    @Test
    void answer_withNeitherOptionNorGoal_isWrongArguments() {
        assertThat(terminal.run("escalations", "answer", "a-1-e", folder.toString()))
                .isEqualTo(2);
        assertThat(terminal.err()).contains("--option").contains("--goal");
    }

    @Test
    void words_ofAGameInAnInbox_moveNoCursor() throws IOException {
        Files.writeString(
                folder.resolve("x-inbox.jsonl"),
                "{\"type\":\"header\",\"format\":\"reflex-inbox\",\"version\":1,\"library\":\"x\",\"at\":\"2026-11-21T00:00:00Z\"}\n"
                        + "{\"type\":\"submitted\",\"id\":\"a-1-e\",\"decision\":\"a-1\",\"entity\":\"a\\u001b[2J\",\"tick\":1,"
                        + "\"kind\":\"dialogue\",\"words\":\"\\u202ehello\\n\",\"options\":[{\"text\":\"\\u001b]0;x\\u0007\","
                        + "\"action\":\"talk\",\"target\":null}],\"waiting\":\"idle\",\"goal\":\"\","
                        + "\"escalatedAt\":\"2026-11-21T00:00:00Z\",\"at\":\"2026-11-21T00:00:00Z\"}\n{\"torn");

        assertThat(terminal.run("escalations", folder.toString())).isZero();
        assertThat(terminal.out()).contains("a-1-e").contains("hello");
        assertThat(terminal.out().lines())
                .allSatisfy(line -> assertThat(line).doesNotContainPattern("[\\p{Cntrl}\u202e]"));
    }
}
