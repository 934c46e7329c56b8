package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.Escalation;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Guidance.Fate;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Served;
import dev.reflexloop.Situation;
import dev.reflexloop.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What becomes of guidance: exactly one fate each, told and counted. */
class GuidanceFateTest {
    private static final Duration LEASE = Duration.ofSeconds(1);

    private final ActionSchema schema = ActionSchema.builder("fates")
            .action("wait", "")
            .action(Action.of("fight"), perception -> !perception.flag("bound"))
            .action(Action.of("flee"), perception -> !perception.flag("bound"))
            .action(Action.of("ask"), perception -> !perception.flag("bound"))
            .targets(
                    "fight",
                    perception -> perception.flag("alone")
                            ? List.of(Target.of("rat"))
                            : List.of(Target.of("rat"), Target.of("wolf")))
            .idle("wait")
            .abstain("ask")
            .build();
    private final ManualClock clock = new ManualClock();
    private final RecordingFates fates = new RecordingFates();
    private final RecordingSink sink = new RecordingSink();
    private String answer = "flee";
    private final ReflexLoop loop = loop().build();
    private long ticks;

    private ReflexLoop.Builder loop() {
        return ReflexLoop.builder(
                        schema, ScriptedModel.answering(question -> ScriptedModel.favouring(question, answer)))
                .clock(clock)
                .session("fates")
                .onGuidance(fates)
                .escalateTo(sink);
    }

    @AfterEach
    void close() {
        loop.close();
        LoopInvariants.check(loop.stats());
    }

    private Decision decide(String... flags) {
        Perception.Builder perception = Perception.builder("bot", ++ticks).at(clock.instant());
        for (String flag : flags) {
            perception.fact(flag, true);
        }
        Decision decision = loop.decide(perception.build());
        LoopInvariants.check(decision);
        return decision;
    }

    private void assertFates(Fate... expected) throws InterruptedException {
        assertThat(fates.await(expected.length, Driving.PATIENCE)).isTrue();
        assertThat(fates.all()).extracting(RecordingFates.Ended::fate).containsExactly(expected);
        for (Fate each : Set.copyOf(List.of(expected))) {
            assertThat(loop.stats().guidances(each))
                    .isEqualTo(List.of(expected).stream().filter(each::equals).count());
        }
    }

    private Escalation escalate() throws InterruptedException {
        int before = sink.escalations().size();
        answer = "ask";
        assertThat(decide().escalated()).isTrue();
        answer = "flee";
        assertThat(sink.await(before + 1, Driving.PATIENCE)).isTrue();
        return sink.escalations().get(before);
    }

    private static Guidance aimed(String id, String action, String target) {
        return new Guidance(id, Optional.empty(), Optional.of(action), Optional.of(target), Optional.empty(), LEASE);
    }

    private static Guidance answering(String id, String escalation, Optional<String> action, Optional<Goal> goal) {
        return new Guidance(id, Optional.of(escalation), action, Optional.empty(), goal, LEASE);
    }

    @ParameterizedTest
    @EnumSource
    void guide_withALegalAction_isAppliedThroughEveryDriver(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(
                loop().clock(ReflexClock.system()).budget(Duration.ofSeconds(5)),
                (each, index) -> {
                    if (index == 1) {
                        each.guide(aimed("g", "fight", "wolf"));
                    }
                },
                Perception.builder("bot", 1).build(),
                Perception.builder("bot", 2).build(),
                Perception.builder("bot", 3).build());
        assertThat(decisions).extracting(Decision::served).containsExactly(Served.MODEL, Served.GUIDANCE, Served.MODEL);
        assertThat(decisions.get(1).target()).contains(Target.of("wolf"));
        assertThat(fates.await(1, Driving.PATIENCE)).isTrue();
        assertThat(fates.all()).containsExactly(new RecordingFates.Ended("g", Fate.APPLIED));
    }

    @Test
    void guide_withATargetThatIsNotOffered_waitsForItAndIsIllegalAfterItsLease() throws Exception {
        loop.guide(aimed("g1", "fight", "wolf"));
        assertThat(decide("alone").served()).isEqualTo(Served.MODEL);
        assertThat(decide().target()).contains(Target.of("wolf"));
        loop.guide(aimed("g2", "fight", "dragon"));
        assertThat(decide().served()).isEqualTo(Served.MODEL);
        clock.advance(LEASE);
        assertThat(decide().served()).isEqualTo(Served.MODEL);
        assertFates(Fate.APPLIED, Fate.ILLEGAL);
    }

    @Test
    void guide_withATargetForAnActionWithoutTargets_isNotLegal() throws Exception {
        loop.guide(aimed("g", "flee", "wolf"));
        assertThat(decide().served()).isEqualTo(Served.MODEL);
        clock.advance(LEASE);
        decide();
        assertFates(Fate.ILLEGAL);
    }

    @Test
    void guide_withTheOnlyLegalAction_isAppliedThere() throws Exception {
        loop.guide(Guidance.action("g", "wait", LEASE));
        assertThat(decide("bound").served()).isEqualTo(Served.GUIDANCE);
        assertFates(Fate.APPLIED);
    }

    @Test
    void guide_withoutATickInItsLease_hasExpired() throws Exception {
        loop.guide(Guidance.action("g", "flee", LEASE));
        clock.advance(LEASE);
        assertThat(decide().served()).isEqualTo(Served.MODEL);
        assertFates(Fate.EXPIRED);
    }

    @Test
    void guide_withAnActionThatIsNoneOfTheSchemas_isIllegalAtOnce() throws Exception {
        loop.guide(Guidance.action("g1", "dance", LEASE));
        loop.guide(Guidance.action("g2", "ask", LEASE));
        assertFates(Fate.ILLEGAL, Fate.ILLEGAL);
        assertThat(decide().served()).isEqualTo(Served.MODEL);
    }

    @Test
    void guide_beforeAnOlderOneWasTaken_replacesIt() throws Exception {
        loop.guide(Guidance.action("g1", "flee", LEASE));
        loop.guide(Guidance.action("g2", "fight", LEASE));
        assertThat(decide().guidance()).contains("g2");
        assertFates(Fate.REPLACED, Fate.APPLIED);
    }

    @Test
    void guide_ofAClosedLoop_isToldSoAndTakesNoGoal() throws Exception {
        loop.guide(Guidance.action("g1", "flee", LEASE));
        loop.close();
        loop.guide(new Guidance(
                "g2", Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(Goal.of("late")), LEASE));
        assertFates(Fate.CLOSED, Fate.CLOSED);
        assertThat(decide().goal()).isEqualTo(Goal.none());
    }

    @Test
    void guide_thatMeetsTheEndOfTheLoop_isToldSoBeforeCloseReturns() {
        for (int i = 0; i < 50; i++) {
            RecordingFates told = new RecordingFates();
            try (ReflexLoop closing = loop().onGuidance(told).build()) {
                closing.guide(Guidance.action("g1", "flee", LEASE));
                closing.guide(Guidance.action("g2", "flee", LEASE));
            }
            assertThat(told.all()).extracting(RecordingFates.Ended::fate).containsExactly(Fate.REPLACED, Fate.CLOSED);
        }
    }

    @Test
    void guide_thatTheShieldVetoes_isToldSo() throws Exception {
        try (ReflexLoop shielded = loop().shield((perception, chosen, legal) ->
                        chosen.name().equals("fight") ? Optional.of(Action.of("wait")) : Optional.empty())
                .build()) {
            shielded.guide(Guidance.action("g", "fight", LEASE));
            Decision decision = shielded.decide(Perception.builder("bot", 1).build());
            assertThat(decision.served()).isEqualTo(Served.SHIELD);
            assertThat(fates.await(1, Driving.PATIENCE)).isTrue();
            assertThat(fates.all()).containsExactly(new RecordingFates.Ended("g", Fate.VETOED));
        }
    }

    @Test
    void guide_thatAnswersAnEscalationOfAnotherBot_isUnknownAndItsGoalIsNotTaken() throws Exception {
        escalate();
        loop.guide(answering("g1", "other-1-e", Optional.of("fight"), Optional.of(Goal.of("wrong"))));
        loop.guide(answering("g2", "other-1-e", Optional.empty(), Optional.of(Goal.of("wrong"))));
        Decision decision = decide();
        assertThat(decision.served()).isEqualTo(Served.MODEL);
        assertThat(decision.goal()).isEqualTo(Goal.none());
        assertFates(Fate.UNKNOWN, Fate.UNKNOWN);
    }

    @Test
    void guide_thatAnswersAnEscalationTwice_isUnknownTheSecondTime() throws Exception {
        Escalation escalation = escalate();
        Situation.Option flee = escalation.situation().options().stream()
                .filter(each -> each.action().equals("flee"))
                .findFirst()
                .orElseThrow();
        loop.guide(Guidance.answer("g1", escalation, flee, LEASE));
        loop.guide(Guidance.answer("g2", escalation, flee, LEASE));
        assertThat(decide().guidance()).contains("g1");
        assertThat(decide().served()).isEqualTo(Served.MODEL);
        assertFates(Fate.UNKNOWN, Fate.APPLIED);
    }

    @Test
    void guide_withAnOptionThatTheSchemaDoesNotHave_leavesTheEscalationOpen() throws Exception {
        Escalation escalation = escalate();
        loop.guide(answering("g1", escalation.id(), Optional.of("dance"), Optional.of(Goal.of("taken"))));
        loop.guide(answering("g2", escalation.id(), Optional.of("fight"), Optional.empty()));
        Decision decision = decide();
        assertThat(decision.guidance()).contains("g2");
        assertThat(decision.goal()).isEqualTo(Goal.of("taken"));
        assertFates(Fate.ILLEGAL, Fate.APPLIED);
    }

    @Test
    void guide_withAListenerThatThrows_isCountedAndTheLoopGoesOn() {
        AtomicBoolean called = new AtomicBoolean();
        ReflexLoop deaf = loop().onGuidance((guidance, fate) -> {
                    called.set(true);
                    throw new IllegalStateException("deaf");
                })
                .build();
        deaf.guide(Guidance.action("g", "fight", LEASE));
        assertThat(deaf.decide(Perception.builder("bot", 1).build()).served()).isEqualTo(Served.GUIDANCE);
        deaf.close();
        deaf.guide(Guidance.action("g2", "fight", LEASE));
        assertThat(called).isTrue();
        assertThat(deaf.stats().callbackFailures()).isPositive();
        assertThat(deaf.stats().guidances(Fate.APPLIED)).isEqualTo(1);
    }

    @Test
    void guide_fromManyThreadsWhileTheLoopDecides_meetsExactlyOneFateEach() throws Exception {
        int threads = 4;
        int each = 2_000;
        AtomicBoolean guiding = new AtomicBoolean(true);
        Thread ticking = ReflexThreads.create("reflex-testkit-ticking", () -> {
            while (guiding.get()) {
                decide();
                clock.advance(Duration.ofNanos(1));
            }
        });
        ticking.start();
        Random seeds = new Random(7);
        Together.call(threads, () -> {
            Random random = new Random(seeds.nextLong());
            for (int i = 0; i < each; i++) {
                String action = List.of("fight", "flee", "wait", "dance").get(random.nextInt(4));
                Duration lease = random.nextBoolean() ? LEASE : Duration.ofNanos(1 + random.nextInt(10));
                loop.guide(new Guidance(
                        Thread.currentThread().getName() + "-" + i,
                        random.nextInt(10) == 0 ? Optional.of("nobody-e") : Optional.empty(),
                        Optional.of(action),
                        random.nextInt(10) == 0 ? Optional.of("wolf") : Optional.empty(),
                        Optional.empty(),
                        lease));
            }
            return true;
        });
        loop.close();
        guiding.set(false);
        ticking.join();
        long counted = loop.stats().guidances().values().stream()
                .mapToLong(Long::longValue)
                .sum();
        assertThat(counted).isEqualTo((long) threads * each);
        assertThat(loop.stats().guidances(Fate.APPLIED)).isEqualTo(loop.stats().served(Served.GUIDANCE));
        int told = (int) (counted - loop.stats().queueDrops());
        assertThat(fates.await(told, Driving.PATIENCE)).isTrue();
        List<RecordingFates.Ended> all = new ArrayList<>(fates.all());
        assertThat(all).hasSize(told);
        Set<String> different = new HashSet<>();
        all.forEach(ended -> different.add(ended.guidance()));
        assertThat(different).as("each told of once").hasSameSizeAs(all);
    }
}
