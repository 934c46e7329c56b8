package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.Answer;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission.Ending;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A guarded loop, seen through every driver and from many threads. */
class GuardDrivingTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("guarded")
            .action("wait", "")
            .action("fight", "")
            .action("flee", "")
            .action("ask", "")
            .idle("wait")
            .abstain("ask")
            .build();

    private final RecordingAlerts alerts = new RecordingAlerts();

    private static Perception tick(int number, double x) {
        return Perception.builder("bot", number).fact("x", x).build();
    }

    /** The bot walks for five ticks, and then stands. */
    private static Perception[] stuckAfterFive(int ticks) {
        Perception[] seen = new Perception[ticks];
        for (int i = 0; i < ticks; i++) {
            seen[i] = tick(i, Math.min(i, 5));
        }
        return seen;
    }

    private ReflexLoop.Builder loop(ScriptedModel model, LoopGuard guard) {
        return ReflexLoop.builder(SCHEMA, model)
                .budget(Duration.ofSeconds(5))
                .guard(guard)
                .goal(Goal.of("find Fargoth"));
    }

    private LoopGuard.Builder impatient() {
        return LoopGuard.builder(alerts).patience(Duration.ZERO).repeats(6).cycles(3);
    }

    private void assertOneAlert(Alert.Level level) throws InterruptedException {
        assertThat(alerts.await(1, Driving.PATIENCE)).isTrue();
        assertThat(alerts.alerts()).extracting(Alert::level).containsExactly(level);
    }

    @ParameterizedTest
    @EnumSource
    void decide_ofABotThatIsStuck_holdsAfterSoManyRepeats(Driving driving) throws Exception {
        ScriptedModel model = ScriptedModel.answering("fight");
        LoopGuard guard = impatient().build();
        List<Decision> decisions = driving.decide(loop(model, guard), stuckAfterFive(20));
        assertThat(decisions.subList(0, 11)).allMatch(each -> each.served() == Served.MODEL);
        assertThat(decisions.subList(11, 20))
                .allMatch(each -> each.served() == Served.HOLD
                        && each.because().equals(Optional.of(Cause.GUARD))
                        && each.action().equals(SCHEMA.idle())
                        && each.legal().equals(List.of(SCHEMA.idle())));
        assertThat(model.asked()).isEqualTo(11);
        assertThat(guard.mission().ending()).contains(Ending.STUCK);
        assertOneAlert(Alert.Level.WARNING);
    }

    @ParameterizedTest
    @EnumSource
    void decide_ofABotThatGoesToAndFro_holdsAfterSoManyCycles(Driving driving) throws Exception {
        LoopGuard guard = impatient().build();
        ScriptedModel model = ScriptedModel.answering(question ->
                ScriptedModel.favouring(question, question.perception().tick() % 2 == 0 ? "fight" : "flee"));
        List<Decision> decisions = driving.decide(loop(model, guard), stuckAfterFive(20));
        assertThat(decisions.subList(11, 20)).allMatch(each -> each.served() == Served.HOLD);
        assertThat(guard.mission().ending()).contains(Ending.OSCILLATION);
        assertOneAlert(Alert.Level.WARNING);
    }

    @ParameterizedTest
    @EnumSource
    void signal_betweenTwoTicks_stopsTheNextOneAndANewGoalGoesOn(Driving driving) throws Exception {
        LoopGuard guard = LoopGuard.builder(alerts).build();
        List<Decision> decisions = driving.decide(
                loop(ScriptedModel.answering("fight"), guard),
                (loop, index) -> {
                    if (index == 2) {
                        guard.signal(Signal.FORCED_STOP);
                    } else if (index == 4) {
                        loop.goal(Goal.of("go home"));
                    }
                },
                tick(0, 0),
                tick(1, 1),
                tick(2, 2),
                tick(3, 3),
                tick(4, 4));
        assertThat(decisions)
                .extracting(Decision::served)
                .containsExactly(Served.MODEL, Served.MODEL, Served.HOLD, Served.HOLD, Served.MODEL);
        assertThat(alerts.await(2, Driving.PATIENCE)).isTrue();
        assertThat(alerts.alerts()).extracting(Alert::level).containsExactly(Alert.Level.CRITICAL, Alert.Level.INFO);
    }

    @ParameterizedTest
    @EnumSource
    void guide_ofALoopThatHolds_isNotFollowedButItsGoalIs(Driving driving) throws Exception {
        LoopGuard guard = LoopGuard.builder(alerts).build();
        List<Decision> decisions = driving.decide(
                loop(ScriptedModel.answering("fight"), guard),
                (loop, index) -> {
                    if (index == 1) {
                        guard.signal(Signal.SUMMARY_ONLY);
                        loop.guide(Guidance.action("g1", "flee", Duration.ofHours(1)));
                    } else if (index == 2) {
                        loop.goal(Goal.of("go home"));
                    }
                },
                tick(0, 0),
                tick(1, 1),
                tick(2, 2));
        assertThat(decisions).extracting(Decision::served).containsExactly(Served.MODEL, Served.HOLD, Served.GUIDANCE);
    }

    @ParameterizedTest
    @EnumSource
    void decide_whileTheStrategistIsAsked_isNotStuck(Driving driving) throws Exception {
        LoopGuard guard = impatient().build();
        Perception[] seen = stuckAfterFive(60);
        ScriptedModel model =
                ScriptedModel.answering(question -> question.perception().tick() < 6
                        ? ScriptedModel.favouring(question, "fight")
                        : Answer.certain("m", "ask"));
        List<Decision> decisions = driving.decide(loop(model, guard).escalateTo(new RecordingSink()), seen);
        assertThat(decisions.subList(6, 60))
                .as("held for the strategist, not by the guard")
                .allMatch(each -> each.because().equals(Optional.of(Cause.ABSTAINED)));
    }

    @RepeatedTest(20)
    void signals_ofFourThreadsWhileTheLoopTicks_raiseOneAlertAMission() throws Exception {
        LoopGuard guard = LoopGuard.builder(alerts).build();
        Set<String> missions = Collections.synchronizedSet(new HashSet<>());
        AtomicBoolean over = new AtomicBoolean();
        CountDownLatch together = new CountDownLatch(1);
        List<Thread> threads = new ArrayList<>();
        try (ReflexLoop loop =
                loop(ScriptedModel.answering("fight"), guard).session("c").build()) {
            for (Signal signal :
                    List.of(Signal.COMPLETE, Signal.FORCED_STOP, Signal.SUMMARY_ONLY, Signal.PARSE_FAILURE)) {
                Thread thread = new Thread(() -> {
                    awaitQuietly(together);
                    for (int i = 0; i < 50; i++) {
                        String mission = guard.mission().id();
                        missions.add(mission);
                        guard.signal(mission, signal, List.of("fight"));
                        guard.progressed();
                        if (signal == Signal.COMPLETE) {
                            guard.resume();
                        } else if (signal == Signal.FORCED_STOP) {
                            loop.goal(Goal.of("goal " + i));
                        }
                    }
                });
                threads.add(thread);
                thread.start();
            }
            Thread ticking = new Thread(() -> {
                for (int i = 0; !over.get(); i++) {
                    LoopInvariants.check(loop.decide(tick(i, i)));
                }
            });
            ticking.start();
            together.countDown();
            for (Thread thread : threads) {
                thread.join();
            }
            over.set(true);
            ticking.join();
            missions.add(guard.mission().id());
        }
        int last = Integer.parseInt(guard.mission().id().substring("c-m".length()));
        assertThat(alerts.await(last, Driving.PATIENCE)).isTrue();
        assertThat(alerts.alerts())
                .as("one for each of the missions, seen or not")
                .hasSize(last);
        assertThat(alerts.alerts())
                .extracting(Alert::id)
                .doesNotHaveDuplicates()
                .containsAll(missions);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
