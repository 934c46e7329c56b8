package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink.Receipt;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EscalationInboxTest {
    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock();
    private final List<Guidance> guided = new ArrayList<>();
    private final List<EscalationInbox> opened = new ArrayList<>();

    private Path file() {
        return folder.resolve("sub/escalation-inbox.jsonl");
    }

    private EscalationInbox open() {
        return open(EscalationInbox.builder(file()));
    }

    private EscalationInbox open(EscalationInbox.Builder builder) {
        EscalationInbox inbox = builder.clock(clock).unwatched().build();
        inbox.guides(guided::add);
        opened.add(inbox);
        return inbox;
    }

    @AfterEach
    void closeAll() {
        opened.forEach(EscalationInbox::close);
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(file());
    }

    @Test
    void escalation_submitted_waitsAndIsInTheFile() throws IOException {
        EscalationInbox inbox = open();
        assertThat(inbox.submit(Escalations.guard("a-e"))).isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.pending()).singleElement().satisfies(entry -> {
            assertThat(entry.id()).isEqualTo("a-e");
            assertThat(entry.entity()).isEqualTo("hero");
            assertThat(entry.tick()).isEqualTo(7);
            assertThat(entry.goal()).isEqualTo(Goal.of("reach Balmora"));
            assertThat(entry.situation().options()).hasSize(2);
            assertThat(entry.times()).isEqualTo(1);
            assertThat(entry.state()).isEqualTo(InboxEntry.State.PENDING);
        });
        assertThat(lines()).hasSize(2);
        assertThat(lines().get(0)).startsWith("{\"type\":\"header\",\"format\":\"reflex-inbox\",\"version\":1,");
        assertThat(lines().get(1)).startsWith("{\"type\":\"submitted\",\"id\":\"a-e\"");
    }

    @Test
    void answer_byNumber_becomesGuidanceOnce() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        AnswerVerdict verdict = inbox.answer("a-e", StrategistReply.option(2), "test");
        assertThat(verdict.isTaken()).isTrue();
        assertThat(guided).singleElement().satisfies(guidance -> {
            assertThat(guidance.escalation()).contains("a-e");
            assertThat(guidance.action()).contains("fight");
            assertThat(guidance.target()).contains("guard");
            assertThat(guidance.lease()).isEqualTo(Duration.ofSeconds(30));
        });
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "other").kind())
                .isEqualTo(AnswerVerdict.Kind.ALREADY_ANSWERED);
        assertThat(guided).hasSize(1);
        assertThat(inbox.pending()).isEmpty();
        assertThat(inbox.stats().answered()).isEqualTo(1);
        assertThat(inbox.stats().refused()).containsEntry(AnswerVerdict.Kind.ALREADY_ANSWERED, 1L);
    }

    @Test
    void answer_withAGoalOnly_setsTheGoal() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        assertThat(inbox.answer("a-e", StrategistReply.goal("leave the town"), "test")
                        .isTaken())
                .isTrue();
        assertThat(guided.get(0).goal()).contains(Goal.of("leave the town"));
        assertThat(guided.get(0).action()).isEmpty();
    }

    @Test
    void answer_thatCannotBeTaken_isRefusedWithAReasonAndTheEscalationWaits() throws IOException {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        assertThat(inbox.answer("b-e", StrategistReply.option(1), "test").kind())
                .isEqualTo(AnswerVerdict.Kind.UNKNOWN);
        assertThat(inbox.answer("a-e", StrategistReply.option(3), "test").kind())
                .isEqualTo(AnswerVerdict.Kind.NOT_OFFERED);
        assertThat(inbox.answer("a-e", StrategistReply.option("dance"), "test").reason())
                .isEqualTo("'dance' is no option; 1 to 2 are offered");
        assertThat(inbox.answer("a-e", StrategistReply.parse("{\"summary\": \"hm\"}"), "test")
                        .kind())
                .isEqualTo(AnswerVerdict.Kind.EMPTY);
        assertThat(inbox.answer("a-e", StrategistReply.unreadable(), "test").kind())
                .isEqualTo(AnswerVerdict.Kind.UNREADABLE);
        assertThat(guided).isEmpty();
        assertThat(inbox.pending()).hasSize(1);
        assertThat(lines().stream().filter(line -> line.startsWith("{\"type\":\"refused\"")))
                .hasSize(5);
    }

    @Test
    void answer_whileNobodyTakesGuidance_leavesTheEscalationWaiting() {
        EscalationInbox inbox =
                EscalationInbox.builder(file()).clock(clock).unwatched().build();
        opened.add(inbox);
        inbox.submit(Escalations.guard("a-e"));
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "test").kind())
                .isEqualTo(AnswerVerdict.Kind.NOBODY_LISTENS);
        inbox.guides("hero", guided::add);
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "test").isTaken())
                .isTrue();
        assertThat(guided).hasSize(1);
    }

    @Test
    void guidance_ofABotWithATakerOfItsOwn_goesThere() {
        EscalationInbox inbox = open();
        List<Guidance> own = new ArrayList<>();
        inbox.guides("rogue", own::add);
        inbox.submit(Escalations.of("r-e", "rogue", "A locked door.", Escalations.AT));
        inbox.submit(Escalations.guard("a-e"));
        inbox.answer("r-e", StrategistReply.option(1), "test");
        inbox.answer("a-e", StrategistReply.option(1), "test");
        assertThat(own).extracting(Guidance::escalation).containsExactly(Optional.of("r-e"));
        assertThat(guided).extracting(Guidance::escalation).containsExactly(Optional.of("a-e"));
    }

    @Test
    void takerOfGuidance_thatThrows_costsNothingElse() {
        EscalationInbox inbox = open();
        inbox.guides(guidance -> {
            throw new IllegalStateException("the loop is broken");
        });
        inbox.submit(Escalations.guard("a-e"));
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "test").isTaken())
                .isTrue();
        assertThat(inbox.stats().listenerFailures()).isEqualTo(1);
    }

    @Test
    void situation_thatComesAgainWhileItWaits_isFoldedAndTheNewestIsAnswered() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.of("a-e", "hero", "A guard stops you.", Escalations.AT));
        inbox.submit(Escalations.of("b-e", "hero", "A guard stops you.", Escalations.AT.plusSeconds(5)));
        inbox.submit(Escalations.of("c-e", "other", "A guard stops you.", Escalations.AT));
        assertThat(inbox.pending()).extracting(InboxEntry::times).containsExactly(2, 1);
        assertThat(inbox.find("b-e").orElseThrow().id()).isEqualTo("a-e");
        assertThat(inbox.stats().folded()).isEqualTo(1);
        inbox.answer("a-e", StrategistReply.option(1), "test");
        assertThat(guided.get(0).escalation()).contains("b-e");
        assertThat(inbox.answer("b-e", StrategistReply.option(1), "test").kind())
                .isEqualTo(AnswerVerdict.Kind.ALREADY_ANSWERED);
        assertThat(inbox.submit(Escalations.of("d-e", "hero", "A guard stops you.", Escalations.AT)))
                .as("the same words after the answer are a new escalation")
                .isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.pending()).extracting(InboxEntry::id).containsExactly("c-e", "d-e");
    }

    @Test
    void escalation_withAKnownId_isRejectedUnlessItIsOfAnotherRun() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("run-1-e"));
        assertThat(inbox.submit(Escalations.guard("run-1-e"))).isEqualTo(Receipt.REJECTED);
        Escalation ofAnotherRun = Escalations.of("run-1-e", "hero", "A door.", Escalations.AT.plusSeconds(60));
        assertThat(inbox.submit(ofAnotherRun)).isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.pending())
                .singleElement()
                .satisfies(entry -> assertThat(entry.situation().words()).isEqualTo("A door."));
    }

    @Test
    void escalation_withTheIdOfAFold_isRejectedUnlessItIsOfAnotherRun() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.of("run-1-e", "hero", "A guard stops you.", Escalations.AT));
        Escalation fold = Escalations.of("run-2-e", "hero", "A guard stops you.", Escalations.AT.plusSeconds(5));
        inbox.submit(fold);
        inbox.close();
        EscalationInbox again = open();
        assertThat(again.submit(fold)).isEqualTo(Receipt.REJECTED);
        Escalation ofAnotherRun = Escalations.of("run-2-e", "hero", "A door.", Escalations.AT.plusSeconds(60));
        assertThat(again.submit(ofAnotherRun)).isEqualTo(Receipt.ACCEPTED);
        assertThat(again.pending())
                .singleElement()
                .satisfies(entry -> assertThat(entry.situation().words()).isEqualTo("A door."));
        again.close();
        assertThat(open().find("run-2-e").orElseThrow().situation().words()).isEqualTo("A door.");
    }

    @Test
    void fold_withTheIdOfAnAnsweredOneOfAnotherRun_isTheOneThatIsAnswered() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.of("run-1-e", "hero", "A door.", Escalations.AT));
        inbox.answer("run-1-e", StrategistReply.option(1), "test");
        inbox.submit(Escalations.of("run-2-e", "hero", "A guard stops you.", Escalations.AT));
        inbox.submit(Escalations.of("run-1-e", "hero", "A guard stops you.", Escalations.AT.plusSeconds(60)));
        inbox.answer("run-2-e", StrategistReply.option(1), "test");
        assertThat(guided).extracting(Guidance::escalation).last().isEqualTo(Optional.of("run-1-e"));
        assertThat(inbox.find("run-1-e").orElseThrow().id()).isEqualTo("run-2-e");
    }

    @Test
    void escalation_thatWaitsTooLong_expires() {
        EscalationInbox inbox = open(EscalationInbox.builder(file()).expireAfter(Duration.ofMinutes(1)));
        inbox.submit(Escalations.guard("a-e"));
        clock.advance(Duration.ofSeconds(59));
        assertThat(inbox.pending()).hasSize(1);
        clock.advance(Duration.ofSeconds(1));
        inbox.look();
        assertThat(inbox.pending()).isEmpty();
        assertThat(inbox.entries()).extracting(InboxEntry::state).containsExactly(InboxEntry.State.EXPIRED);
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "late").kind())
                .isEqualTo(AnswerVerdict.Kind.EXPIRED);
        assertThat(inbox.stats().expired()).isEqualTo(1);
    }

    @Test
    void escalation_beyondTheCapacity_isRejected() {
        EscalationInbox inbox = open(EscalationInbox.builder(file()).capacity(2));
        assertThat(inbox.submit(Escalations.guard("a-e"))).isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.submit(Escalations.guard("c-e"))).isEqualTo(Receipt.REJECTED);
        inbox.answer("a-e", StrategistReply.option(1), "test");
        assertThat(inbox.submit(Escalations.guard("c-e"))).isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.stats().rejected()).isEqualTo(1);
    }

    @Test
    void inbox_openedAgain_knowsWhatHappened() {
        EscalationInbox inbox = open(EscalationInbox.builder(file()).expireAfter(Duration.ofMinutes(1)));
        inbox.submit(Escalations.guard("a-e"));
        inbox.submit(Escalations.guard("b-e"));
        inbox.submit(Escalations.of("b2-e", "hero", "A guard stops you, b-e.", Escalations.AT));
        inbox.answer("a-e", StrategistReply.option("Resist arrest"), "test");
        inbox.ended(guided.get(0), Guidance.Fate.APPLIED);
        clock.advance(Duration.ofSeconds(40));
        inbox.look();
        List<InboxEntry> before = inbox.entries();
        inbox.close();

        EscalationInbox again = open(EscalationInbox.builder(file()).expireAfter(Duration.ofMinutes(1)));
        assertThat(again.entries()).isEqualTo(before);
        assertThat(again.find("a-e").orElseThrow().response().orElseThrow().fate())
                .contains(Guidance.Fate.APPLIED);
        assertThat(again.find("b2-e").orElseThrow().times()).isEqualTo(2);
        clock.advance(Duration.ofSeconds(20));
        assertThat(again.pending()).as("the rest of its minute is over").isEmpty();
    }

    @Test
    void inbox_withATornEnd_isCutAndContinued() throws IOException {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        inbox.close();
        Files.writeString(file(), "{\"type\":\"submitted\",\"id\":\"to", StandardOpenOption.APPEND);
        EscalationInbox again = open();
        again.submit(Escalations.guard("b-e"));
        assertThat(again.pending()).extracting(InboxEntry::id).containsExactly("a-e", "b-e");
        again.close();
        assertThat(open().pending()).hasSize(2);
        assertThat(lines()).noneMatch(line -> line.contains("\"to"));
    }

    @Test
    void inbox_withStrangeLines_keepsTheOthers() throws IOException {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        inbox.close();
        Files.writeString(file(), """
                nonsense
                {"type":"later","at":"2026-01-01T00:00:00Z"}
                {"type":"submitted","id":"x","at":"yesterday"}
                {"type":"answered","entry":"nobody","guidance":"g","option":99,"by":"x","at":"2026-01-01T00:00:00Z"}
                [[[[[[[[[[[[[[]]]]]]]]]]]]]]
                """, StandardOpenOption.APPEND);
        assertThat(open().pending()).extracting(InboxEntry::id).containsExactly("a-e");
    }

    @Test
    void file_thatIsNoInbox_isRefusedAndLeftAsItIs() throws IOException {
        Files.createDirectories(file().getParent());
        Files.writeString(file(), "dear diary");
        assertThatThrownBy(this::open)
                .isInstanceOf(EscalationException.class)
                .hasMessageContaining("it exists and is no inbox");
        assertThat(file()).hasContent("dear diary");
        Files.writeString(file(), InboxJson.ANY_HEADER + "2}\n");
        assertThatThrownBy(this::open).hasMessageContaining("newer version");
    }

    @Test
    void file_thatIsASymbolicLink_isRefusedAndNotFollowed() throws IOException {
        Files.createDirectories(file().getParent());
        Path victim = Files.createFile(folder.resolve("victim"));
        Files.createSymbolicLink(file(), victim);
        assertThatThrownBy(this::open)
                .isInstanceOf(EscalationException.class)
                .hasMessageContainingAll(file().toString(), "it is a symbolic link", "choose a file, no link");
        assertThat(victim).isEmptyFile();
    }

    @Test
    void file_ofAnOpenInbox_isRefusedToASecondOne() {
        open();
        assertThatThrownBy(this::open)
                .isInstanceOf(EscalationException.class)
                .hasMessageContaining("another inbox of this process writes it");
    }

    @Test
    void file_thatGrows_isWrittenAnewWithWhatCounts() throws IOException {
        EscalationInbox inbox = open(EscalationInbox.builder(file()).compactAt(4_096));
        inbox.submit(Escalations.guard("a-e"));
        for (int i = 0; i < 200; i++) {
            inbox.answer("a-e", StrategistReply.option(9), "test");
        }
        assertThat(Files.size(file())).isLessThan(8_192);
        assertThat(file().resolveSibling("escalation-inbox.jsonl.old")).exists();
        assertThat(inbox.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.ACCEPTED);
        inbox.close();
        assertThat(open().pending()).extracting(InboxEntry::id).containsExactly("a-e", "b-e");
    }

    @Test
    void file_thatWasDeletedWithItsFolder_isWrittenAnew() throws IOException {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        Files.delete(file());
        Files.delete(file().getParent());
        assertThat(inbox.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.ACCEPTED);
        inbox.close();
        assertThat(open().pending()).extracting(InboxEntry::id).containsExactly("a-e", "b-e");
    }

    /** Writes half of what it is given and then fails, as a disk without space does. */
    private static RandomAccessFile disk(Path path, AtomicBoolean full) throws IOException {
        return new RandomAccessFile(path.toFile(), "rw") {
            @Override
            public void write(byte[] bytes) throws IOException {
                if (full.get()) {
                    super.write(bytes, 0, bytes.length / 2);
                    throw new IOException("No space left on device");
                }
                super.write(bytes);
            }
        };
    }

    @Test
    void disk_thatIsFull_costsWhatWasNotAcknowledgedAndNothingElse() {
        AtomicBoolean full = new AtomicBoolean();
        EscalationInbox inbox = open(EscalationInbox.builder(file()).opening(path -> disk(path, full)));
        inbox.submit(Escalations.guard("a-e"));
        full.set(true);
        assertThat(inbox.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.REJECTED);
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "test").isTaken())
                .as("an answer is worth more than its record")
                .isTrue();
        assertThat(inbox.submit(Escalations.guard("c-e"))).isEqualTo(Receipt.REJECTED);
        full.set(false);
        clock.advance(Duration.ofSeconds(1));
        assertThat(inbox.submit(Escalations.guard("d-e"))).isEqualTo(Receipt.ACCEPTED);
        assertThat(inbox.stats().fileFailures()).isGreaterThanOrEqualTo(2);
        inbox.close();
        EscalationInbox again = open();
        assertThat(again.pending()).extracting(InboxEntry::id).containsExactly("d-e");
        assertThat(again.find("a-e").orElseThrow().state()).isEqualTo(InboxEntry.State.ANSWERED);
    }

    @Test
    void disk_withoutRoomForASecondFile_isUsedToItsEnd() throws IOException {
        AtomicBoolean full = new AtomicBoolean();
        AtomicBoolean never = new AtomicBoolean();
        EscalationInbox inbox = open(EscalationInbox.builder(file())
                .compactAt(4_096)
                .opening(path -> disk(path, path.equals(file()) ? never : full)));
        full.set(true);
        for (int i = 0; i < 40; i++) {
            assertThat(inbox.submit(Escalations.guard(i + "-e"))).isEqualTo(Receipt.ACCEPTED);
        }
        assertThat(inbox.stats().fileFailures()).isPositive();
        assertThat(inbox.stats().rejected()).isZero();
        try (Stream<Path> files = Files.list(file().getParent())) {
            assertThat(files).as("half a file takes the room that is lacking").containsExactly(file());
        }
        full.set(false);
        for (int i = 0; i < 40; i++) {
            inbox.answer(i + "-e", StrategistReply.option(9), "test");
        }
        assertThat(file().resolveSibling("escalation-inbox.jsonl.old")).exists();
        inbox.close();
        assertThat(open().pending()).hasSize(40);
    }

    @Test
    void submitter_thatIsInterrupted_breaksTheInboxForNobody() {
        EscalationInbox inbox = open();
        Thread.currentThread().interrupt();
        assertThat(inbox.submit(Escalations.guard("a-e"))).isEqualTo(Receipt.ACCEPTED);
        assertThat(Thread.interrupted()).isTrue();
        assertThat(inbox.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.ACCEPTED);
    }

    @Test
    void fate_ofGuidance_isRecordedOnce() throws IOException {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        inbox.answer("a-e", StrategistReply.option(1), "test");
        inbox.ended(guided.get(0), Guidance.Fate.OUTDATED);
        inbox.ended(guided.get(0), Guidance.Fate.APPLIED);
        inbox.ended(Guidance.action("somebody else's", "wait", Duration.ofSeconds(1)), Guidance.Fate.APPLIED);
        inbox.look();
        assertThat(inbox.stats().fates()).containsExactly(Map.entry(Guidance.Fate.OUTDATED, 1L));
        assertThat(lines().stream().filter(line -> line.contains("\"ended\""))).hasSize(1);
    }

    @Test
    void signals_ofAnswers_reachTheGuardOfTheLoop() {
        LoopGuard guard = LoopGuard.builder(AlertSink.disabled()).build();
        ActionSchema schema = ActionSchema.builder("town")
                .action("talk", "")
                .action("wait", "")
                .idle("wait")
                .build();
        EscalationInbox inbox = open();
        inbox.guards(guard);
        try (ReflexLoop loop = ReflexLoop.builder(schema, ScriptedModel.answering("talk"))
                .clock(clock)
                .goal(Goal.of("reach Balmora"))
                .guard(guard)
                .build()) {
            inbox.guides(loop::guide);
            inbox.submit(Escalations.guard("a-e"));
            inbox.submit(Escalations.guard("b-e"));
            inbox.answer("a-e", StrategistReply.unreadable(), "test");
            assertThat(guard.mission().ending()).isEmpty();
            inbox.answer("a-e", StrategistReply.parse("{\"answer\": 1, \"exit_code\": 3}"), "test");
            assertThat(guard.mission().ending()).contains(Mission.Ending.FORCED);
            loop.goal(Goal.of("leave"));
            inbox.answer("b-e", StrategistReply.parse("{\"answer\": 1, \"exit_code\": 3}"), "test");
            assertThat(guard.mission().ending())
                    .as("what is said about a mission that is over changes nothing")
                    .isEmpty();
        }
    }

    @Test
    void situation_withEndlessWords_isCut() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.of("a-e", "hero", "\ud83d\ude00".repeat(500_000), Instant.EPOCH));
        assertThat(inbox.pending().get(0).situation().words()).hasSize(4_000);
    }

    @Test
    void inbox_afterClose_refusesEverything() {
        EscalationInbox inbox = open();
        inbox.submit(Escalations.guard("a-e"));
        inbox.close();
        inbox.close();
        assertThat(inbox.submit(Escalations.guard("b-e"))).isEqualTo(Receipt.REJECTED);
        assertThat(inbox.answer("a-e", StrategistReply.option(1), "test").kind())
                .isEqualTo(AnswerVerdict.Kind.CLOSED);
    }
}
