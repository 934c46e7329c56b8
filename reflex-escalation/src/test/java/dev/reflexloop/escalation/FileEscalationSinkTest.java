package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Guidance;
import dev.reflexloop.Situation;
import dev.reflexloop.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a sink, with time moved by hand; the processes around it are in {@code FileEscalationSinkIT}. */
class FileEscalationSinkTest {
    private static final String GUARD_A =
            "{\"situation\": \"A guard stops you, a-e. Options: 1) Pay the fine, 2) Resist arrest\", \"timestamp\": 1774580000}";
    private static final String GUARD_B = GUARD_A.replace("a-e", "b-e");

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(Instant.now());
    private final List<Guidance> guided = new ArrayList<>();
    private EscalationInbox inbox;
    private FileEscalationSink sink;

    @BeforeEach
    void open() {
        inbox = EscalationInbox.builder(home().resolve("escalation-inbox.jsonl"))
                .clock(clock)
                .unwatched()
                .build();
        inbox.guides(guided::add);
        sink = FileEscalationSink.builder(shown()).inbox(inbox).build();
        inbox.look();
    }

    @AfterEach
    void close() {
        sink.close();
        inbox.close();
    }

    private Path home() {
        return folder.resolve("home");
    }

    private Path shown() {
        return home().resolve("escalation.txt");
    }

    private Path answerFile() {
        return home().resolve("escalation-answer.json");
    }

    private void submit(String id) {
        sink.submit(Escalations.guard(id));
        inbox.look();
    }

    private void later(long seconds) {
        clock.advance(Duration.ofSeconds(seconds));
        inbox.look();
    }

    private void answer(String text) throws IOException {
        Files.writeString(answerFile(), text);
        inbox.look();
    }

    private long refused(AnswerVerdict.Kind kind) {
        return inbox.stats().refused().getOrDefault(kind, 0L);
    }

    @Test
    void escalation_submitted_standsInTheFileAsPythonWouldWriteIt() {
        submit("a-e");
        assertThat(shown()).hasContent(GUARD_A);
    }

    @Test
    void text_ofAnyKind_isEscapedAsPythonDoes() {
        sink.submit(Escalations.of(
                "a-e",
                "hero",
                "\u00c9lan \"so\" \\ \n\t\u0001\u007f \ud83d\ude00 \ud800",
                Escalations.AT,
                List.of(new Situation.Option("", "wait", Optional.empty()))));
        inbox.look();
        assertThat(shown())
                .hasContent("{\"situation\": \"\\u00c9lan \\\"so\\\" \\\\ \\n\\t\\u0001\\u007f \\ud83d\\ude00 \\ufffd"
                        + " Options: 1) wait\", \"timestamp\": 1774580000}");
    }

    @Test
    void escalation_thatComesWhileOneIsUnread_waitsForItsTurn() throws IOException {
        submit("a-e");
        submit("b-e");
        assertThat(shown()).hasContent(GUARD_A);
        answer("{\"answer\": 2}");
        assertThat(guided).singleElement().satisfies(guidance -> {
            assertThat(guidance.escalation()).contains("a-e");
            assertThat(guidance.action()).contains("fight");
        });
        assertThat(shown()).as("nothing is shown during the pause").doesNotExist();
        assertThat(answerFile()).doesNotExist();
        later(1);
        assertThat(shown()).hasContent(GUARD_B);
        answer("1\n");
        later(1);
        assertThat(guided).hasSize(2);
        assertThat(guided.get(1).action()).contains("talk");
        assertThat(shown()).doesNotExist();
    }

    @Test
    void newestEscalation_thatWasNeverShown_isNext() throws IOException {
        submit("a-e");
        submit("b-e");
        submit("c-e");
        answer("{\"answer\": 2}");
        later(1);
        assertThat(shown()).hasContent(GUARD_A.replace("a-e", "c-e"));
    }

    @Test
    void file_takenAway_countsAsReadAndCanStillBeAnswered() throws IOException {
        submit("a-e");
        sink.submit(Escalations.of("b-e", "hero", "A door.", Escalations.AT.plusSeconds(9)));
        Files.delete(shown());
        inbox.look();
        assertThat(shown()).content().contains("A door.");
        answer("{\"answer\": 2}");
        assertThat(guided).as("nobody knows which of the two is meant").isEmpty();
        assertThat(refused(AnswerVerdict.Kind.UNKNOWN)).isEqualTo(1);
        answer("{\"answer\": 2, \"timestamp\": 1774580000}");
        assertThat(guided.get(0).escalation()).contains("a-e");
        assertThat(shown()).as("what is shown goes on waiting").content().contains("A door.");
    }

    @Test
    void file_ofAnExpiredEscalation_isTakenAway() {
        submit("a-e");
        later(600);
        assertThat(shown()).doesNotExist();
        assertThat(inbox.entries()).extracting(InboxEntry::state).containsExactly(InboxEntry.State.EXPIRED);
    }

    @Test
    void answer_withAnId_findsItsEscalation() throws IOException {
        submit("a-e");
        submit("b-e");
        answer("{\"id\": \"b-e\", \"answer\": \"Pay the fine\", \"goal\": \"stay out of prison\"}");
        assertThat(guided).singleElement().satisfies(guidance -> {
            assertThat(guidance.escalation()).contains("b-e");
            assertThat(guidance.goal().orElseThrow().text()).isEqualTo("stay out of prison");
        });
        assertThat(shown()).hasContent(GUARD_A);
    }

    @Test
    void secondAnswer_toTheSameEscalation_isRefused() throws IOException {
        submit("a-e");
        submit("b-e");
        answer("{\"answer\": 2}");
        answer("{\"answer\": 1}");
        assertThat(refused(AnswerVerdict.Kind.ALREADY_ANSWERED)).isEqualTo(1);
        later(1);
        assertThat(shown()).hasContent(GUARD_B);
        answer("{\"answer\": 1, \"timestamp\": 1774580001}");
        assertThat(refused(AnswerVerdict.Kind.UNKNOWN)).isEqualTo(1);
        assertThat(guided).hasSize(1);
    }

    @Test
    void answer_olderThanTheEscalation_isRefused() throws IOException {
        Files.writeString(answerFile(), "{\"answer\": 2");
        inbox.look();
        later(60);
        sink.submit(Escalations.guard("a-e"));
        Files.writeString(answerFile(), "{\"answer\": 2}");
        Files.setLastModifiedTime(answerFile(), FileTime.from(clock.instant().minusSeconds(30)));
        inbox.look();
        assertThat(guided).isEmpty();
    }

    @Test
    void answer_ofAnotherBot_isRefused() throws IOException {
        submit("a-e");
        answer("{\"id\": \"somebody-1-e\", \"answer\": 2}");
        answer("{\"timestamp\": 5, \"answer\": 2}");
        assertThat(refused(AnswerVerdict.Kind.UNKNOWN)).isEqualTo(2);
        assertThat(shown()).hasContent(GUARD_A);
    }

    @Test
    void answer_writtenInPieces_isTakenWhenItIsComplete() throws IOException {
        submit("a-e");
        String text = "{\"id\": \"a-e\", \"answer\": 2, \"exit_code\": 1}";
        for (int length = 0; length < text.length(); length++) {
            answer(text.substring(0, length));
            assertThat(guided).as("after %s characters", length).isEmpty();
        }
        answer(text);
        assertThat(guided).hasSize(1);
    }

    @Test
    void line_withoutItsEnd_isWaitedForLonger() throws IOException {
        submit("a-e");
        answer("1");
        later(1);
        assertThat(guided).isEmpty();
        answer("2\n");
        assertThat(guided).isEmpty();
        later(1);
        assertThat(guided.get(0).action()).contains("fight");
    }

    @Test
    void brokenJson_leftAlone_isRefusedAfterAWhile() throws IOException {
        submit("a-e");
        answer("{\"answer\": 2");
        later(4);
        assertThat(answerFile()).exists();
        later(1);
        assertThat(answerFile()).doesNotExist();
        assertThat(refused(AnswerVerdict.Kind.UNREADABLE)).isEqualTo(1);
        answer("{\"answer\": 2}");
        assertThat(guided).hasSize(1);
    }

    /** A strategist that was killed between opening the file and writing; the next one waited for it to go away, for ever. */
    @Test
    void emptyAnswer_leftAlone_isTakenAwayAfterAWhile() throws IOException {
        submit("a-e");
        answer("");
        later(4);
        assertThat(answerFile()).exists();
        later(1);
        assertThat(answerFile()).doesNotExist();
        assertThat(refused(AnswerVerdict.Kind.UNREADABLE)).isEqualTo(1);
        answer("{\"answer\": 2}");
        assertThat(guided).hasSize(1);
    }

    @Test
    void answer_ofAMegabyte_isRefusedUnread() throws IOException {
        submit("a-e");
        answer("{\"answer\": \"" + "x".repeat(1 << 20) + "\"}");
        assertThat(refused(AnswerVerdict.Kind.TOO_LONG)).isEqualTo(1);
        assertThat(answerFile()).doesNotExist();
    }

    @Test
    void answerFile_thatIsALink_isRefusedAndNotFollowed() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret"), "{\"answer\": 2}");
        submit("a-e");
        Files.createSymbolicLink(answerFile(), secret);
        inbox.look();
        assertThat(guided).isEmpty();
        assertThat(refused(AnswerVerdict.Kind.UNREADABLE)).isEqualTo(1);
        assertThat(secret).hasContent("{\"answer\": 2}");
        assertThat(answerFile()).doesNotExist();
    }

    @Test
    void answerFile_thatIsAFolder_isRefusedOnce() throws IOException {
        submit("a-e");
        Files.createDirectory(answerFile());
        inbox.look();
        inbox.look();
        assertThat(refused(AnswerVerdict.Kind.UNREADABLE)).isEqualTo(1);
        Files.delete(answerFile());
        answer("{\"answer\": 2}");
        assertThat(guided).hasSize(1);
    }

    @Test
    void link_inPlaceOfTheFile_isReplacedAndNotFollowed() throws IOException {
        Path victim = Files.writeString(folder.resolve("victim"), "precious");
        Files.createSymbolicLink(shown(), victim);
        submit("a-e");
        assertThat(Files.isSymbolicLink(shown())).isFalse();
        assertThat(shown()).hasContent(GUARD_A);
        assertThat(victim).hasContent("precious");
    }

    @Test
    void file_ofSomebodyElse_isLeftAloneUntilItIsOld() throws IOException {
        Files.writeString(shown(), "read me");
        submit("a-e");
        assertThat(shown()).hasContent("read me");
        later(599);
        assertThat(shown()).hasContent("read me");
        later(2);
        assertThat(shown()).as("the escalation expired meanwhile").hasContent("read me");
        submit("b-e");
        assertThat(shown()).hasContent(GUARD_B);
    }

    @Test
    void folder_inPlaceOfTheFile_isTriedAgain() throws IOException {
        submit("a-e");
        Files.delete(shown());
        Path inTheWay = Files.createDirectories(shown().resolve("in-the-way"));
        Files.setLastModifiedTime(shown(), FileTime.from(Instant.EPOCH));
        inbox.look();
        submit("b-e");
        inbox.look();
        assertThat(inbox.stats().fileFailures()).isPositive();
        Files.delete(inTheWay);
        Files.delete(shown());
        inbox.look();
        assertThat(shown()).hasContent(GUARD_B);
    }

    @Test
    void folder_thatVanishes_isMadeAgainWithWhatWaits() throws IOException {
        submit("a-e");
        try (var files = Files.list(home())) {
            for (Path each : files.toList()) {
                Files.delete(each);
            }
        }
        Files.delete(home());
        inbox.look();
        inbox.look();
        assertThat(shown()).hasContent(GUARD_A);
        answer("{\"answer\": 2}");
        assertThat(guided).hasSize(1);
        close();
        open();
        assertThat(inbox.find("a-e").orElseThrow().state()).isEqualTo(InboxEntry.State.ANSWERED);
    }

    @Test
    void escalation_shownBeforeARestart_isNotShownAgain() throws IOException {
        submit("a-e");
        submit("b-e");
        close();
        open();
        assertThat(shown()).hasContent(GUARD_A);
        close();
        Files.delete(shown());
        open();
        assertThat(shown()).hasContent(GUARD_B);
        answer("{\"id\": \"a-e\", \"answer\": 2}");
        assertThat(guided).hasSize(1);
    }

    @Test
    void moveIntoPlace_missedByAKill_isMadeUpFor() throws IOException {
        submit("a-e");
        close();
        Files.move(shown(), home().resolve(".escalation.txt.next"));
        open();
        assertThat(shown()).hasContent(GUARD_A);
        assertThat(home().resolve(".escalation.txt.next")).doesNotExist();
    }

    @Test
    void answer_takenBeforeAKill_isJudgedAfterwards() throws IOException {
        submit("a-e");
        close();
        Files.writeString(home().resolve(".escalation-answer.json.taken"), "{\"answer\": 2}");
        open();
        assertThat(guided).hasSize(1);
    }

    @Test
    void randomAnswers_ofAnyKind_breakNothing() throws IOException {
        Random random = new Random(20_261_121);
        submit("a-e");
        String sound = "{\"id\": \"a-e\", \"answer\": 2, \"goal\": \"x\", \"exit_code\": 1}";
        for (int i = 0; i < 300; i++) {
            byte[] bytes = i % 2 == 0 ? new byte[random.nextInt(200)] : sound.getBytes(StandardCharsets.UTF_8);
            if (i % 2 == 0) {
                random.nextBytes(bytes);
            } else {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
                bytes[random.nextInt(8)] = (byte) random.nextInt();
            }
            Files.write(answerFile(), bytes);
            inbox.look();
            later(5);
            assertThat(inbox.stats().listenerFailures()).isZero();
            assertThat(inbox.stats().fileFailures()).isZero();
            if (inbox.pending().isEmpty()) {
                submit("a-e" + i);
            }
        }
    }
}
