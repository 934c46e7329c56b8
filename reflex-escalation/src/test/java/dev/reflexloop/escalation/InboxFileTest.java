package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InboxFileTest {
    @TempDir
    Path folder;

    private Path written() {
        Path file = folder.resolve("inbox.jsonl");
        try (EscalationInbox inbox = EscalationInbox.builder(file).build()) {
            inbox.guides(guidance -> {});
            inbox.submit(Escalations.of("a-1-e", "hero", "First.", Escalations.AT));
            inbox.submit(Escalations.of("a-2-e", "hero", "Second.", Escalations.AT.plusSeconds(1)));
            inbox.answer("a-1-e", StrategistReply.option(9), "somebody");
            inbox.answer("a-1-e", StrategistReply.option(2), "somebody");
        }
        return file;
    }

    @Test
    void inbox_readFromOutside_isWhatTheInboxHeld() {
        InboxFile seen = InboxFile.read(written());

        assertThat(seen.entries()).extracting(InboxEntry::id).containsExactly("a-1-e", "a-2-e");
        assertThat(seen.entries().get(0).state()).isEqualTo(InboxEntry.State.ANSWERED);
        assertThat(seen.pending()).extracting(InboxEntry::id).containsExactly("a-2-e");
        assertThat(seen.refusals()).singleElement().satisfies(refusal -> {
            assertThat(refusal.escalation()).contains("a-1-e");
            assertThat(refusal.verdict().kind()).isEqualTo(AnswerVerdict.Kind.NOT_OFFERED);
            assertThat(refusal.by()).isEqualTo("somebody");
        });
    }

    @Test
    void inbox_withALineThatIsBeingWritten_isReadWithoutIt() throws IOException {
        Path file = written();
        String text = Files.readString(file);
        Files.writeString(file, text + "{\"type\":\"expired\",\"entry\":\"a-2-e\"");

        assertThat(InboxFile.read(file).pending()).hasSize(1);
        assertThat(file).content().startsWith(text).isNotEqualTo(text);
    }

    @Test
    void file_thatIsNoInbox_isRefusedWithItsName() throws IOException {
        Path file = Files.writeString(folder.resolve("other.jsonl"), "something\n");

        assertThatThrownBy(() -> InboxFile.read(file))
                .isInstanceOf(EscalationException.class)
                .hasMessageContaining("other.jsonl")
                .hasMessageContaining("is no inbox");
        assertThatThrownBy(() -> InboxFile.read(folder.resolve("none.jsonl")))
                .isInstanceOf(EscalationException.class)
                .hasMessageContaining("none.jsonl");
    }
}
