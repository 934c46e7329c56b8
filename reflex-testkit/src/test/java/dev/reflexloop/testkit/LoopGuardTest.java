package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.as;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.LoopGuard.Next;
import dev.reflexloop.Mission;
import dev.reflexloop.Mission.Ending;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.Signal;
import dev.reflexloop.Situation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Missions, rounds, signals and alerts; what the guard makes of the game is in the traces. */
class LoopGuardTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("guarded")
            .action("wait", "")
            .action("fight", "")
            .action("flee", "")
            .idle("wait")
            .build();
    private static final List<String> NO_ACTIONS = List.of();

    private final RecordingAlerts alerts = new RecordingAlerts();
    private final LoopGuard guard = LoopGuard.builder(alerts).maxRounds(5).build();
    private final ScriptedModel model = ScriptedModel.answering("fight");
    private final ManualClock clock = new ManualClock();
    private ReflexLoop loop = loop(model).build();
    private long ticks;

    private ReflexLoop.Builder loop(ReflexModel decides) {
        return ReflexLoop.builder(SCHEMA, decides)
                .guard(guard)
                .clock(clock)
                .session("s")
                .goal(Goal.of("find Fargoth"));
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private Decision tick(double health) {
        clock.advance(Duration.ofMillis(500));
        return loop.decide(
                Perception.builder("bot", ++ticks).fact("health", health).build());
    }

    private Next round(String... actions) {
        return guard.signal(guard.mission().id(), Signal.CONTINUE, Arrays.asList(actions));
    }

    private Ending ending() {
        return guard.mission().ending().orElseThrow(() -> new AssertionError("the mission goes on"));
    }

    /** Closes the loop, so that whatever is to be raised is raised, and gives what was. */
    private List<Alert> alertsAtTheEnd(int expected) throws InterruptedException {
        loop.close();
        assertThat(alerts.await(expected, Driving.PATIENCE))
                .as(() -> alerts.alerts().toString())
                .isTrue();
        return alerts.alerts();
    }

    // ---- signals

    @ParameterizedTest
    @CsvSource({"COMPLETE, COMPLETE, INFO", "SUMMARY_ONLY, SUMMARY, INFO", "FORCED_STOP, FORCED, CRITICAL"})
    void signal_thatEndsTheMission_holdsTheLoopAndAlertsOnce(Signal signal, Ending ending, Alert.Level level)
            throws Exception {
        assertThat(tick(1).served()).isEqualTo(Served.MODEL);
        assertThat(guard.signal(signal)).isEqualTo(Next.STOP);
        assertThat(guard.signal(signal)).as("about a mission that is over").isEqualTo(Next.STOP);
        for (int i = 0; i < 20; i++) {
            Decision held = tick(i);
            assertThat(held.action()).isEqualTo(SCHEMA.idle());
            assertThat(held.served()).isEqualTo(Served.HOLD);
            assertThat(held.because()).contains(Cause.GUARD);
        }
        assertThat(model.asked()).as("nothing is asked while it holds").isEqualTo(1);
        assertThat(loop.stats().because(Cause.GUARD)).isEqualTo(20);
        assertThat(ending()).isEqualTo(ending);
        assertThat(alertsAtTheEnd(1)).singleElement().satisfies(alert -> {
            assertThat(alert.id()).isEqualTo("s-m1");
            assertThat(alert.level()).isEqualTo(level);
            assertThat(alert.mission()).isEqualTo("find Fargoth");
            assertThat(alert.text()).contains("find Fargoth");
        });
    }

    @Test
    void signal_thatStopsWhileTheModelIsAsked_dropsTheAnswer() {
        loop.close();
        LoopGuard other = LoopGuard.builder(alerts).build();
        ReflexModel stopping = ScriptedModel.answering(question -> {
            other.signal(Signal.FORCED_STOP);
            return ScriptedModel.favouring(question, "fight");
        });
        try (ReflexLoop stopped = ReflexLoop.builder(SCHEMA, stopping)
                .guard(other)
                .goal(Goal.of("g"))
                .build()) {
            Decision decision = stopped.decide(Perception.builder("bot", 1).build());
            assertThat(decision.action()).isEqualTo(SCHEMA.idle());
            assertThat(decision.because()).contains(Cause.GUARD);
        }
    }

    @Test
    void signal_aboutAMissionThatIsOver_changesNothing() {
        String first = guard.mission().id();
        loop.goal(Goal.of("another"));
        assertThat(guard.signal(first, Signal.FORCED_STOP, NO_ACTIONS)).isEqualTo(Next.STOP);
        assertThat(guard.mission().ending()).isEmpty();
        assertThat(tick(1).served()).isEqualTo(Served.MODEL);
    }

    // ---- goals that are being written

    @Test
    void goal_whileItIsWritten_belongsToTheMissionThatRuns() throws Exception {
        for (String soFar : List.of("Leave.", "Leave. Sell.", "Leave. Sell. Rest.")) {
            loop.goal(Goal.draft(soFar));
            assertThat(tick(1).goal().text()).as("what the model is shown").isEqualTo(soFar);
            assertThat(guard.mission().id()).isEqualTo("s-m1");
            assertThat(guard.mission().goal()).isEqualTo(Goal.of("find Fargoth"));
        }
        loop.goal(Goal.of("Leave. Sell. Rest."));
        assertThat(guard.mission().id()).isEqualTo("s-m2");
        assertThat(guard.mission().goal()).isEqualTo(Goal.of("Leave. Sell. Rest."));
        assertThat(alertsAtTheEnd(2)).extracting(Alert::id).containsExactly("s-m1", "s-m2");
    }

    @Test
    void goal_writtenOnAfterTheMissionWasStopped_restartsNothing() {
        loop.goal(Goal.draft("Leave."));
        guard.signal(Signal.FORCED_STOP);
        loop.goal(Goal.draft("Leave. Sell."));
        assertThat(tick(1).because()).contains(Cause.GUARD);
        loop.goal(Goal.of("Leave. Sell. Rest."));
        assertThat(tick(2).served()).isEqualTo(Served.MODEL);
    }

    @Test
    void parseFailure_once_isRetriedAndForgottenAfterAGoodReply() throws Exception {
        for (int i = 0; i < 3; i++) {
            guard.progressed();
            assertThat(guard.signal(Signal.PARSE_FAILURE)).isEqualTo(Next.RETRY);
            assertThat(round("fight")).isEqualTo(Next.GO_ON);
        }
        assertThat(guard.mission().ending()).isEmpty();
        assertThat(guard.mission().rounds()).isEqualTo(3);
        assertThat(alertsAtTheEnd(1)).extracting(Alert::level).containsExactly(Alert.Level.INFO);
    }

    @Test
    void parseFailure_twiceInARow_stopsAndAlerts() throws Exception {
        assertThat(guard.signal(Signal.of(99))).isEqualTo(Next.RETRY);
        assertThat(guard.signal(Signal.of(-1))).isEqualTo(Next.STOP);
        assertThat(ending()).isEqualTo(Ending.UNREADABLE);
        assertThat(alertsAtTheEnd(1)).extracting(Alert::level).containsExactly(Alert.Level.WARNING);
    }

    @Test
    void alert_ofAGuardWithLittlePatience_saysHowLongInAFittingUnit() throws Exception {
        loop.close();
        LoopGuard hasty =
                LoopGuard.builder(alerts).patience(Duration.ofMillis(50)).build();
        loop = ReflexLoop.builder(SCHEMA, model)
                .guard(hasty)
                .clock(clock)
                .session("hasty")
                .goal(Goal.of("find Fargoth"))
                .build();
        for (int i = 0; i < 60; i++) {
            clock.advance(Duration.ofMillis(20));
            loop.decide(Perception.builder("bot", i).fact("health", 1).build());
        }
        assertThat(hasty.mission().ending()).contains(Ending.STUCK);
        loop.close();
        assertThat(alerts.await(2, Driving.PATIENCE)).isTrue();
        assertThat(alerts.alerts().stream().filter(alert -> alert.id().equals("hasty-m1")))
                .singleElement()
                .satisfies(alert -> assertThat(alert.text()).containsPattern("without effect in [1-9]\\d* ms,"));
    }

    // ---- rounds

    @Test
    void rounds_withoutProgress_areFiveAtMost() throws Exception {
        for (int i = 1; i < 5; i++) {
            assertThat(round("plan " + i)).as("round " + i).isEqualTo(Next.GO_ON);
        }
        assertThat(round("plan 5")).isEqualTo(Next.STOP);
        assertThat(ending()).isEqualTo(Ending.ROUNDS);
        assertThat(guard.mission().rounds()).isEqualTo(5);
        assertThat(alertsAtTheEnd(1)).extracting(Alert::level).containsExactly(Alert.Level.WARNING);
    }

    @ParameterizedTest
    @EnumSource
    void rounds_withProgress_areCountedAnew(Progress progress) {
        tick(0);
        for (int i = 1; i <= 40; i++) {
            Decision decision = tick(progress == Progress.FACT && i % 4 == 0 ? i : 0);
            if (i % 4 == 0) {
                switch (progress) {
                    case OUTCOME -> loop.outcome(Outcome.of(decision, 0.1, "entered_area"));
                    case SAID -> guard.progressed();
                    case FACT ->
                        assertThat(decision.perception().number("health", 0)).isEqualTo(i);
                }
            }
            assertThat(round("plan " + i)).as("round " + i).isEqualTo(Next.GO_ON);
        }
    }

    private enum Progress {
        OUTCOME,
        SAID,
        FACT
    }

    @Test
    void rounds_withBadOutcomes_areWithoutProgress() {
        for (int i = 1; i <= 5; i++) {
            loop.outcome(Outcome.of(tick(0), i % 2 == 0 ? 0 : -1, "walked_into_wall"));
            round("plan " + i);
        }
        assertThat(ending()).isEqualTo(Ending.ROUNDS);
    }

    @Test
    void rounds_whereFactsStandForProgress_countNoOther() {
        loop.close();
        LoopGuard strict =
                LoopGuard.builder(alerts).progress("quest").maxRounds(3).build();
        try (ReflexLoop guarded = ReflexLoop.builder(SCHEMA, model)
                .guard(strict)
                .clock(clock)
                .goal(Goal.of("g"))
                .build()) {
            List<Next> nexts = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clock.advance(Duration.ofSeconds(1));
                guarded.decide(Perception.builder("bot", i)
                        .fact("x", i)
                        .fact("quest", i < 4 ? "asked" : "found")
                        .build());
                nexts.add(strict.signal(strict.mission().id(), Signal.CONTINUE, List.of("plan " + i)));
            }
            assertThat(nexts)
                    .containsExactly(
                            Next.GO_ON, Next.GO_ON, Next.STOP, Next.STOP, Next.STOP, Next.STOP, Next.STOP, Next.STOP);
            assertThat(strict.mission().ending()).contains(Ending.ROUNDS);
        }
    }

    // ---- the duplicate kill switch

    @Test
    void actions_orderedAgainInAnotherOrder_killTheMission() throws Exception {
        assertThat(round("talk", "flee", "fight")).isEqualTo(Next.GO_ON);
        assertThat(round("flee", "fight")).as("a smaller set").isEqualTo(Next.GO_ON);
        assertThat(round("fight", "talk ", "flee", "fight")).isEqualTo(Next.STOP);
        assertThat(ending()).isEqualTo(Ending.DUPLICATE);
        assertThat(alertsAtTheEnd(1)).extracting(Alert::level).containsExactly(Alert.Level.CRITICAL);
    }

    @Test
    void actions_orderedAgainAfterProgress_areNoDuplicate() {
        round("fight");
        guard.progressed();
        assertThat(round("fight")).isEqualTo(Next.GO_ON);
        assertThat(round("fight")).as("the first without progress").isEqualTo(Next.GO_ON);
        assertThat(round("fight")).isEqualTo(Next.STOP);
    }

    @Test
    void actions_servedAgainWithoutEffect_killTheMissionWhereTheReplyOrdersNone() {
        tick(1);
        assertThat(round()).isEqualTo(Next.GO_ON);
        tick(1);
        assertThat(round()).isEqualTo(Next.STOP);
        assertThat(ending()).isEqualTo(Ending.DUPLICATE);
    }

    @Test
    void rounds_inWhichNothingIsDone_areNoDuplicates() {
        for (int i = 1; i <= 4; i++) {
            assertThat(round()).isEqualTo(Next.GO_ON);
        }
        assertThat(round()).isEqualTo(Next.STOP);
        assertThat(ending()).as("there are only too many").isEqualTo(Ending.ROUNDS);
    }

    @Test
    void actions_ofAHostileReply_areBoundedAndHarmless() {
        List<String> many = new ArrayList<>();
        for (int i = 0; i < 100_000; i++) {
            many.add("x".repeat(20) + i);
        }
        many.add(0, null);
        many.add(1, " ");
        many.add(2, "y".repeat(1_000_000));
        assertThat(guard.signal(guard.mission().id(), Signal.CONTINUE, many)).isEqualTo(Next.GO_ON);
        assertThat(guard.signal(guard.mission().id(), Signal.CONTINUE, many)).isEqualTo(Next.STOP);
    }

    // ---- missions

    @Test
    void goal_thatIsNew_beginsAMissionAndTellsThatTheLastWasReplaced() throws Exception {
        guard.signal(Signal.COMPLETE);
        assertThat(tick(1).because()).contains(Cause.GUARD);
        loop.goal(Goal.of("rest"));
        assertThat(tick(2).served()).isEqualTo(Served.MODEL);
        loop.goal(Goal.of("go on"));
        assertThat(alertsAtTheEnd(3)).extracting(Alert::id).containsExactly("s-m1", "s-m2", "s-m3");
        assertThat(alerts.alerts()).extracting(Alert::level).containsOnly(Alert.Level.INFO);
        assertThat(alerts.alerts().get(1).text()).contains("another goal");
        assertThat(alerts.alerts().get(2).text()).contains("closed");
    }

    @Test
    void goal_thatIsTheSame_neitherBeginsAMissionNorEndsTheHolding() {
        String id = guard.mission().id();
        loop.goal(Goal.of("find Fargoth"));
        assertThat(guard.mission().id()).isEqualTo(id);
        guard.signal(Signal.FORCED_STOP);
        loop.goal(Goal.of("find Fargoth"));
        assertThat(tick(1).because()).contains(Cause.GUARD);
    }

    @Test
    void resume_afterAStop_beginsAMissionWithTheSameGoal() {
        guard.resume();
        assertThat(guard.mission().id()).as("nothing was stopped").isEqualTo("s-m1");
        guard.signal(Signal.FORCED_STOP);
        guard.resume();
        Mission resumed = guard.mission();
        assertThat(resumed.id()).isEqualTo("s-m2");
        assertThat(resumed.goal()).isEqualTo(Goal.of("find Fargoth"));
        assertThat(resumed.ending()).isEmpty();
        assertThat(tick(1).served()).isEqualTo(Served.MODEL);
    }

    @Test
    void close_ofALoopWithoutAGoal_alertsNobody() throws Exception {
        loop.close();
        RecordingAlerts none = new RecordingAlerts();
        LoopGuard silent = LoopGuard.builder(none).build();
        ReflexLoop.builder(SCHEMA, model).guard(silent).build().close();
        assertThat(silent.mission().ending()).contains(Ending.CLOSED);
        assertThat(none.alerts()).isEmpty();
    }

    @Test
    void close_beforeTheSinkIsClosed_raisesTheLastAlert() {
        for (int i = 0; i < 50; i++) {
            RecordingAlerts relay = new RecordingAlerts();
            ReflexLoop.Builder guarded = ReflexLoop.builder(SCHEMA, model)
                    .guard(LoopGuard.builder(relay).build())
                    .goal(Goal.of("g"));
            try (relay;
                    ReflexLoop closing = guarded.build()) {
                closing.goal(Goal.of("another"));
            }
            assertThat(relay.alerts())
                    .extracting(Alert::text)
                    .hasSize(2)
                    .last(as(STRING))
                    .contains("closed");
        }
    }

    @Test
    void close_behindAnEscalationSinkThatHangs_raisesTheLastAlerts() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        loop.close();
        RecordingAlerts relay = new RecordingAlerts();
        loop = ReflexLoop.builder(SCHEMA, model)
                .guard(LoopGuard.builder(relay).build())
                .goal(Goal.of("g"))
                .escalateWhen(EscalationPolicy.builder()
                        .when(Situation.Kind.QUEST, seen -> true, "A quest.")
                        .build())
                .escalateTo(escalation -> {
                    asked.countDown();
                    awaitRelease(hanging);
                    return EscalationSink.Receipt.ACCEPTED;
                })
                .build();
        tick(1);
        asked.await();
        loop.goal(Goal.of("another"));
        loop.close();
        assertThat(relay.alerts()).extracting(Alert::mission).containsExactly("g", "another");
        hanging.countDown();
    }

    @Test
    void close_behindAnAlertSinkThatHangs_returnsAndTheLastAlertComesOnceInItsTurn() throws Exception {
        CountDownLatch raised = new CountDownLatch(1);
        CountDownLatch hanging = new CountDownLatch(1);
        loop.close();
        RecordingAlerts relay = new RecordingAlerts();
        LoopGuard slow = LoopGuard.builder(alert -> {
                    raised.countDown();
                    awaitRelease(hanging);
                    relay.raise(alert);
                })
                .build();
        loop = ReflexLoop.builder(SCHEMA, model).guard(slow).goal(Goal.of("g")).build();
        loop.goal(Goal.of("another"));
        raised.await();
        loop.close();
        assertThat(relay.alerts()).isEmpty();
        hanging.countDown();
        assertThat(relay.await(2, Driving.PATIENCE)).isTrue();
        assertThat(relay.alerts()).extracting(Alert::mission).containsExactly("g", "another");
    }

    private static void awaitRelease(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void close_onAnInterruptedThread_raisesTheLastAlertAndKeepsTheInterrupt() {
        loop.goal(Goal.of("another"));
        Thread.currentThread().interrupt();
        loop.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(alerts.alerts()).extracting(Alert::id).containsExactly("s-m1", "s-m2");
    }

    @Test
    void goal_afterTheLoopWasClosed_beginsNothing() throws Exception {
        loop.close();
        loop.goal(Goal.of("too late"));
        guard.resume();
        assertThat(guard.signal(Signal.COMPLETE)).isEqualTo(Next.STOP);
        assertThat(alertsAtTheEnd(1)).hasSize(1);
    }

    @Test
    void alerts_ofASinkThatThrows_areCountedAndDoNotReachTheGame() throws Exception {
        loop.close();
        AlertSink broken = alert -> {
            alerts.raise(alert);
            throw new IllegalStateException("relay");
        };
        LoopGuard other = LoopGuard.builder(broken).build();
        loop = ReflexLoop.builder(SCHEMA, model)
                .guard(other)
                .goal(Goal.of("g"))
                .session("b")
                .build();
        other.signal(Signal.FORCED_STOP);
        assertThat(alertsAtTheEnd(2)).extracting(Alert::id).contains("b-m1");
    }

    @Test
    void alerts_ofManyMissionsBehindASlowSink_allArriveOnce() throws Exception {
        for (int i = 0; i < 500; i++) {
            loop.goal(Goal.of("goal " + i));
            tick(i);
        }
        List<Alert> raised = alertsAtTheEnd(501);
        assertThat(raised).hasSize(501);
        assertThat(raised).extracting(Alert::id).doesNotHaveDuplicates();
    }

    @Test
    void alerts_ofAnEndlessGoal_areShortAndCutNoCharacterInTwo() throws Exception {
        loop.goal(Goal.of("x".repeat(199) + "\uD83D\uDC09".repeat(1_000)));
        guard.signal(Signal.FORCED_STOP);
        Alert alert = alertsAtTheEnd(2).get(1);
        assertThat(alert.mission()).isEqualTo("x".repeat(199) + "...");
        assertThat(alert.text()).hasSizeLessThan(400).contains("x".repeat(199) + "...'");
    }

    @Test
    void latestAction_ofAStoppedMission_isIdleBeforeTheNextTick() {
        tick(1);
        assertThat(loop.latestAction().name()).isEqualTo("fight");
        guard.signal(Signal.FORCED_STOP);
        assertThat(loop.latestAction()).isEqualTo(SCHEMA.idle());
        guard.resume();
        assertThat(loop.latestAction().name()).isEqualTo("fight");
    }

    @Test
    void perceptions_ofTwoBotsInTurn_showNothingAndStopNothing() {
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofSeconds(1));
            loop.decide(Perception.builder(i % 3 == 0 ? "one" : "other", i)
                    .fact("x", Math.min(i, 30))
                    .build());
        }
        assertThat(guard.mission().ending()).isEmpty();
    }

    @Test
    void perceptions_withoutFacts_showNothingAndStopNothing() {
        for (int i = 0; i < 200; i++) {
            clock.advance(Duration.ofSeconds(1));
            loop.decide(Perception.builder("bot", i).build());
        }
        assertThat(guard.mission().ending()).isEmpty();
    }

    @Test
    void perceptions_withEverNewFacts_areBoundedAndStopNothing() {
        for (int i = 0; i < 2_000; i++) {
            clock.advance(Duration.ofSeconds(1));
            loop.decide(Perception.builder("bot", i).fact("fact " + i, 1).build());
        }
        assertThat(guard.mission().ending()).isEmpty();
    }

    @Test
    void toString_ofAGuard_tellsItsSettingsInOneOrderAlways() {
        assertThat(LoopGuard.builder(alerts)
                        .progress("quest", "items")
                        .maxRounds(7)
                        .build())
                .hasToString(LoopGuard.builder(alerts)
                        .progress("items", "quest", "items")
                        .maxRounds(7)
                        .build()
                        .toString())
                .asString()
                .contains("maxRounds=7", "[items, quest]");
    }

    @Test
    void watch_ofSomeFacts_leavesTheOthersAside() {
        loop.close();
        LoopGuard watching = LoopGuard.builder(alerts).watch("x").build();
        LoopGuard ignoring = LoopGuard.builder(alerts).ignore("time").build();
        for (LoopGuard each : List.of(watching, ignoring)) {
            try (ReflexLoop guarded = ReflexLoop.builder(SCHEMA, model)
                    .clock(clock)
                    .guard(each)
                    .goal(Goal.of("g"))
                    .build()) {
                for (int i = 0; i < 60; i++) {
                    clock.advance(Duration.ofSeconds(1));
                    guarded.decide(Perception.builder("bot", i)
                            .fact("x", Math.min(i, 10))
                            .fact("time", i)
                            .build());
                }
                assertThat(each.mission().ending()).contains(Ending.STUCK);
            }
        }
    }

    @Test
    void waiting_byAnActionThatIsNamedSo_isNotStuck() {
        loop.close();
        LoopGuard patient = LoopGuard.builder(alerts).waiting("fight").build();
        try (ReflexLoop guarded = ReflexLoop.builder(SCHEMA, model)
                .clock(clock)
                .guard(patient)
                .goal(Goal.of("g"))
                .build()) {
            for (int i = 0; i < 200; i++) {
                clock.advance(Duration.ofSeconds(1));
                guarded.decide(Perception.builder("bot", i).fact("x", 1).build());
            }
            assertThat(patient.mission().ending()).isEmpty();
        }
    }

    @Test
    void guard_ofTwoLoops_isRefused() {
        ReflexLoop.Builder second = loop(model);
        assertThatIllegalArgumentException()
                .isThrownBy(second::build)
                .withMessageContaining("guard")
                .withMessageContaining("one guard for each loop");
    }

    @Test
    void guard_withoutALoop_hasNoMission() {
        LoopGuard alone = LoopGuard.builder(alerts).build();
        alone.progressed();
        alone.resume();
        assertThat(alone.signal(Signal.CONTINUE)).isEqualTo(Next.STOP);
        assertThat(alone.mission().goal()).isEqualTo(Goal.none());
        assertThat(LoopGuard.disabled().mission().ending()).isEmpty();
    }
}
