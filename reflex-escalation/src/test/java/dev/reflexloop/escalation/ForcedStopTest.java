package dev.reflexloop.escalation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.RecordingAlerts;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** "Stop the bot at once" is heard whenever and however it comes, and nothing that comes with it is carried out. */
@Timeout(60)
class ForcedStopTest {
    private static final String STOP = "{\"exit_code\": 3}";
    private static final StrategistReply STOPS = StrategistReply.parse(STOP);

    @TempDir
    Path folder;

    private final ManualClock clock = new ManualClock(Instant.now());
    private final RecordingAlerts alerts = new RecordingAlerts();
    private final LoopGuard guard = LoopGuard.builder(alerts).build();
    private final List<Guidance> guided = new ArrayList<>();
    private ReflexLoop loop;
    private EscalationInbox inbox;
    private long ticks;

    @BeforeEach
    void open() {
        loop = loop("s", guard);
        openInbox();
    }

    private ReflexLoop loop(String session, LoopGuard its) {
        ActionSchema schema = ActionSchema.builder("town")
                .action("wait", "")
                .action("talk", "")
                .action("fight", "")
                .idle("wait")
                .build();
        return ReflexLoop.builder(schema, ScriptedModel.answering("fight"))
                .clock(clock)
                .goal(Goal.of("reach Balmora"))
                .session(session)
                .guard(its)
                .build();
    }

    private void openInbox() {
        inbox = EscalationInbox.builder(folder.resolve("inbox.jsonl"))
                .clock(clock)
                .expireAfter(Duration.ofMinutes(1))
                .unwatched()
                .build();
        inbox.guards(guard);
        inbox.guides(guidance -> {
            guided.add(guidance);
            guidance.goal().ifPresent(loop::goal);
        });
    }

    @AfterEach
    void close() {
        loop.close();
        inbox.close();
    }

    private Decision tick() {
        return loop.decide(Perception.builder("hero", ++ticks).build());
    }

    private void assertStopped(String mission) throws InterruptedException {
        assertThat(guard.mission().id()).isEqualTo(mission);
        assertThat(guard.mission().ending()).contains(Mission.Ending.FORCED);
        Decision held = tick();
        assertThat(held.action().name()).isEqualTo("wait");
        assertThat(held.because()).contains(Cause.GUARD);
        loop.close();
        int missions = Integer.parseInt(mission.substring("s-m".length()));
        assertThat(alerts.await(missions, Duration.ofSeconds(30))).isTrue();
        assertThat(alerts.alerts().stream().filter(alert -> alert.id().equals(mission)))
                .extracting(Alert::level)
                .containsExactly(Alert.Level.CRITICAL);
    }

    @Test
    void stop_forAnEscalationThatWasAnswered_isHeardAndItsOptionIsNot() throws Exception {
        inbox.submit(Escalations.guard("a-e"));
        inbox.answer("a-e", StrategistReply.option(1), "chat");
        AnswerVerdict verdict = inbox.answer(
                "a-e", StrategistReply.parse("{\"answer\": 2, \"goal\": \"flee\", \"exit_code\": 3}"), "a person");
        assertThat(verdict.kind()).isEqualTo(AnswerVerdict.Kind.ALREADY_ANSWERED);
        assertThat(guided).hasSize(1);
        assertStopped("s-m1");
    }

    @Test
    void stop_forAnEscalationWhoseAnswerSetAGoal_isHeardByThatMission() throws Exception {
        inbox.submit(Escalations.guard("a-e"));
        inbox.answer("a-e", StrategistReply.goal("leave the town"), "chat");
        assertThat(guard.mission().id()).isEqualTo("s-m2");
        inbox.answer("a-e", STOPS, "a person");
        assertStopped("s-m2");
    }

    @Test
    void stop_forAnEscalationThatExpired_isHeard() throws Exception {
        inbox.submit(Escalations.guard("a-e"));
        clock.advance(Duration.ofMinutes(2));
        assertThat(inbox.answer("a-e", STOPS, "chat").kind()).isEqualTo(AnswerVerdict.Kind.EXPIRED);
        assertThat(guided).isEmpty();
        assertStopped("s-m1");
    }

    @Test
    void stop_forAnEscalationOfAnEarlierProcess_isHeard() throws Exception {
        inbox.submit(Escalations.guard("a-e"));
        inbox.close();
        openInbox();
        inbox.answer("a-e", STOPS, "chat");
        assertStopped("s-m1");
    }

    @Test
    void stop_besideAnOptionAndAGoal_isAllThatCounts() throws Exception {
        inbox.submit(Escalations.guard("a-e"));
        AnswerVerdict verdict = inbox.answer(
                "a-e", StrategistReply.parse("{\"answer\": 9, \"goal\": \"flee\", \"exit_code\": 3}"), "chat");
        assertThat(verdict.isTaken()).isTrue();
        assertThat(guided).singleElement().satisfies(guidance -> {
            assertThat(guidance.action()).isEmpty();
            assertThat(guidance.goal()).isEmpty();
        });
        assertThat(inbox.pending()).as("nobody needs to answer it any more").isEmpty();
        assertStopped("s-m1");
    }

    @Test
    void stop_inAMissionThatIsOver_doesNotStopTheNext() {
        inbox.submit(Escalations.guard("a-e"));
        loop.goal(Goal.of("leave the town"));
        inbox.answer("a-e", STOPS, "chat");
        assertThat(guard.mission().ending()).isEmpty();
        assertThat(tick().action().name()).isEqualTo("fight");
    }

    @Test
    void stop_forASituationThatCameAgainInTheNextMission_isHeardByThatMission() throws Exception {
        inbox.submit(Escalations.of("a-e", "hero", "A guard stops you.", Escalations.AT));
        loop.goal(Goal.of("leave the town"));
        inbox.submit(Escalations.of("b-e", "hero", "A guard stops you.", Escalations.AT.plusSeconds(20)));
        assertThat(inbox.stats().folded()).isEqualTo(1);
        inbox.answer("a-e", StrategistReply.parse("{\"answer\": 1, \"exit_code\": 3}"), "chat");
        assertStopped("s-m2");
    }

    @Test
    void otherSignals_thatComeTooLate_changeNothing() {
        inbox.submit(Escalations.guard("a-e"));
        inbox.answer("a-e", StrategistReply.option(1), "chat");
        for (int code : new int[] {0, 1, 2, -1}) {
            inbox.answer("a-e", StrategistReply.parse("{\"answer\": 1, \"exit_code\": " + code + "}"), "a person");
        }
        assertThat(guard.mission().ending()).isEmpty();
        assertThat(guard.mission().rounds()).isEqualTo(1);
    }

    @Test
    void stop_forAnEscalationThatIsUnknown_isHeard() throws Exception {
        assertThat(inbox.answer("forgotten-e", STOPS, "a person").kind()).isEqualTo(AnswerVerdict.Kind.UNKNOWN);
        assertStopped("s-m1");
    }

    @Test
    void stop_forAnEscalationThatIsUnknown_isHeardByTheGuardOfEachBot() {
        LoopGuard other = LoopGuard.builder(alerts).build();
        try (ReflexLoop second = loop("t", other)) {
            assertThat(second.decide(Perception.builder("rogue", 1).build())
                            .action()
                            .name())
                    .isEqualTo("fight");
            inbox.guards("rogue", other);
            inbox.answer("forgotten-e", STOPS, "a person");
            assertThat(other.mission().ending()).contains(Mission.Ending.FORCED);
        }
        assertThat(guard.mission().ending()).contains(Mission.Ending.FORCED);
    }

    private FileEscalationSink showing(String... ids) throws IOException {
        FileEscalationSink sink = FileEscalationSink.builder(folder.resolve("escalation.txt"))
                .inbox(inbox)
                .pause(Duration.ZERO)
                .build();
        for (String id : ids) {
            sink.submit(Escalations.guard(id));
            Files.deleteIfExists(folder.resolve("escalation.txt"));
            inbox.look();
            inbox.look();
        }
        return sink;
    }

    @Test
    void stop_inAFileThatDoesNotSayWhatItAnswers_isHeard() throws Exception {
        try (FileEscalationSink sink = showing("a-e", "b-e")) {
            assertThat(sink.inbox().pending()).hasSize(2);
            Files.writeString(folder.resolve("escalation-answer.json"), STOP);
            inbox.look();
            assertThat(inbox.stats().refused()).containsEntry(AnswerVerdict.Kind.UNKNOWN, 1L);
        }
        assertStopped("s-m1");
    }

    @Test
    void stop_inAFileThatIsOlderThanTheEscalation_isHeard() throws Exception {
        try (FileEscalationSink sink = showing("a-e")) {
            assertThat(sink.inbox().pending()).hasSize(1);
            Path answer = Files.writeString(folder.resolve("answer.tmp"), STOP);
            Files.setLastModifiedTime(answer, FileTime.from(clock.instant().minusSeconds(60)));
            Files.move(answer, folder.resolve("escalation-answer.json"));
            inbox.look();
            assertThat(inbox.stats().refused()).containsEntry(AnswerVerdict.Kind.EXPIRED, 1L);
        }
        assertStopped("s-m1");
    }

    @Test
    void stop_inAFileWhereNothingWasShown_isHeard() throws Exception {
        try (FileEscalationSink sink = showing()) {
            Files.writeString(folder.resolve("escalation-answer.json"), STOP);
            sink.inbox().look();
            assertThat(inbox.stats().refused()).containsEntry(AnswerVerdict.Kind.UNKNOWN, 1L);
        }
        assertStopped("s-m1");
    }

    @Test
    void stop_inAFileWhileNothingWaits_isAboutWhatTheBotDoesNow() throws Exception {
        try (FileEscalationSink sink = showing("a-e")) {
            inbox.answer("a-e", StrategistReply.option(1), "chat");
            loop.goal(Goal.of("leave the town"));
            assertThat(sink.inbox().pending()).isEmpty();
            Files.writeString(folder.resolve("escalation-answer.json"), STOP);
            inbox.look();
        }
        assertStopped("s-m2");
    }

    @Test
    void stop_inAFileWhoseEscalationIsOfTheMissionBefore_isAboutWhatTheBotDoesNow() throws Exception {
        try (FileEscalationSink sink = showing("a-e")) {
            loop.goal(Goal.of("leave the town"));
            Files.writeString(folder.resolve("escalation-answer.json"), STOP);
            inbox.look();
            assertThat(sink.inbox().pending()).isEmpty();
        }
        assertStopped("s-m2");
    }

    @Test
    void stop_inAFileThatNamesAnEscalationOfTheMissionBefore_stopsNothing() throws Exception {
        try (FileEscalationSink sink = showing("a-e")) {
            long shown = sink.inbox().pending().get(0).at().getEpochSecond();
            loop.goal(Goal.of("leave the town"));
            Files.writeString(
                    folder.resolve("escalation-answer.json"), "{\"timestamp\": " + shown + ", \"exit_code\": 3}");
            inbox.look();
            assertThat(inbox.pending()).isEmpty();
        }
        assertThat(guard.mission().ending()).isEmpty();
    }
}
