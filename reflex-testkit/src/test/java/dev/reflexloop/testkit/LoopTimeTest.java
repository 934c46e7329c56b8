package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Cause;
import dev.reflexloop.Deadline;
import dev.reflexloop.Decision;
import dev.reflexloop.FallbackPolicy;
import dev.reflexloop.Guidance;
import dev.reflexloop.Intent;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.testkit.FaultyModel.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deadlines, leases, cooldowns and time-outs, to the nanosecond, on a manual clock and one thread. */
class LoopTimeTest {
    private static final Duration BUDGET = Duration.ofMillis(200);

    private final ManualClock clock = new ManualClock();
    private final ActionSchema schema = ActionSchema.builder("time")
            .action("wait", "")
            .action(Action.of("flee").withCooldown(Duration.ofSeconds(2)))
            .action("ask", "")
            .action("fight", "")
            .idle("wait")
            .abstain("ask")
            .build();
    private long ticks;

    private Perception tick() {
        return Perception.builder("bot", ++ticks).at(clock.instant()).build();
    }

    private ReflexLoop.Builder loop(ReflexModel model) {
        return ReflexLoop.builder(schema, model).clock(clock).budget(BUDGET);
    }

    @Test
    void decide_withAModelThatNeedsExactlyTheBudget_isServedByTheFallbackInTime() {
        ScriptedModel model = ScriptedModel.answering("fight").after(BUDGET);
        try (ReflexLoop loop = loop(model).build()) {
            Decision decision = loop.decide(tick());
            assertThat(decision.because()).contains(Cause.DEADLINE);
            assertThat(decision.late()).isFalse();
            assertThat(decision.latency())
                    .isLessThan(BUDGET)
                    .isGreaterThan(BUDGET.multipliedBy(9).dividedBy(10));
            assertThat(model.cancelled()).as("the late call was cancelled").isEqualTo(1);
            assertThat(loop.stats().late()).isZero();
        }
    }

    @Test
    void decide_withAModelThatIsJustInTime_isServedByIt() {
        Duration almost = BUDGET.multipliedBy(9).dividedBy(10);
        try (ReflexLoop loop =
                loop(ScriptedModel.answering("fight").after(almost)).build()) {
            Decision decision = loop.decide(tick());
            assertThat(decision.served()).isEqualTo(Served.MODEL);
            assertThat(decision.latency()).isEqualTo(almost);
            assertThat(loop.stats().latency().max())
                    .isBetween(almost, almost.multipliedBy(102).dividedBy(100));
        }
    }

    @Test
    void decide_beforeALateAnswerComes_dropsAndCountsIt() {
        FaultyModel model = FaultyModel.always(Fault.LATE).returningAtOnce().lateBy(Duration.ofMillis(30));
        try (ReflexLoop loop = loop(model).build()) {
            Decision decision = loop.decide(tick());
            assertThat(decision.because()).contains(Cause.DEADLINE);
            assertThat(loop.stats().lateAnswers()).isZero();
            clock.advance(Duration.ofMillis(100));
            assertThat(loop.stats().lateAnswers()).isEqualTo(1);
            assertThat(loop.latest().decision()).contains(decision);
        }
    }

    @Test
    void decide_onAnInterruptedThread_servesTheFallbackAndKeepsTheFlag() {
        try (ReflexLoop loop = loop(ScriptedModel.waiting()).build()) {
            Thread.currentThread().interrupt();
            Decision decision = loop.decide(tick());
            assertThat(Thread.interrupted()).as("the flag stays set").isTrue();
            assertThat(decision.because()).contains(Cause.INTERRUPTED);
            assertThat(clock.elapsed()).isZero();
        }
    }

    @Test
    void decide_whenEveryCallHangs_saysBusyAtOnceInsteadOfWaiting() {
        FaultyModel model = FaultyModel.always(Fault.IGNORE_CANCEL).returningAtOnce();
        try (ReflexLoop loop = loop(model).maxInFlight(3).build()) {
            for (int i = 0; i < 3; i++) {
                assertThat(loop.decide(tick()).because()).contains(Cause.DEADLINE);
            }
            Duration before = clock.elapsed();
            assertThat(loop.decide(tick()).because()).contains(Cause.BUSY);
            assertThat(clock.elapsed()).isEqualTo(before);
            assertThat(model.asked()).as("calls in flight").isEqualTo(3);
        }
    }

    @Test
    void decide_afterALateAnswerGaveItsPermitBack_asksAgain() {
        FaultyModel model = FaultyModel.inTurn(Fault.LATE, Fault.NONE).returningAtOnce();
        try (ReflexLoop loop = loop(model).maxInFlight(1).build()) {
            assertThat(loop.decide(tick()).because()).contains(Cause.DEADLINE);
            assertThat(loop.decide(tick()).because()).contains(Cause.BUSY);
            clock.advance(Duration.ofSeconds(1));
            assertThat(loop.decide(tick()).served()).isEqualTo(Served.MODEL);
        }
    }

    @Test
    void latest_afterItsLease_isStaleAndTheActionIdles() {
        try (ReflexLoop loop = loop(ScriptedModel.answering("fight"))
                .lease(Duration.ofSeconds(1))
                .build()) {
            Intent before = loop.latest();
            assertThat(before.sequence()).isZero();
            assertThat(before.decision()).isEmpty();
            assertThat(before.action()).isEqualTo(schema.idle());
            loop.decide(tick());
            clock.advance(Duration.ofNanos(999_999_999));
            assertThat(loop.latestAction().name()).isEqualTo("fight");
            clock.advance(Duration.ofNanos(1));
            assertThat(loop.latest().stale(clock.nanos())).isTrue();
            assertThat(loop.latestAction()).isEqualTo(schema.idle());
            assertThat(before.stale(clock.nanos()))
                    .as("the idle intent never is")
                    .isFalse();
        }
    }

    @Test
    void decide_afterACooldown_mayServeTheActionAgain() {
        try (ReflexLoop loop = loop(ScriptedModel.answering("flee")).build()) {
            assertThat(loop.decide(tick()).action().name()).isEqualTo("flee");
            clock.advance(Duration.ofSeconds(2).minusNanos(1));
            assertThat(loop.decide(tick()).legal()).extracting(Action::name).doesNotContain("flee");
            clock.advance(Duration.ofNanos(1));
            assertThat(loop.decide(tick()).action().name()).isEqualTo("flee");
        }
    }

    @Test
    void decide_afterAnActionCooledDownByTheFallback_doesNotServeItAgain() {
        try (ReflexLoop loop = loop(FaultyModel.always(Fault.FAIL).returningAtOnce())
                .fallback(FallbackPolicy.fixed(schema, "flee"))
                .build()) {
            assertThat(loop.decide(tick()).action().name()).isEqualTo("flee");
            assertThat(loop.decide(tick()).action().name()).isEqualTo("wait");
        }
    }

    @Test
    void guide_afterItsLease_isForgotten() {
        try (ReflexLoop loop = loop(ScriptedModel.answering("fight")).build()) {
            loop.guide(Guidance.action("g", "wait", Duration.ofSeconds(1)));
            clock.advance(Duration.ofSeconds(1));
            assertThat(loop.decide(tick()).served()).isEqualTo(Served.MODEL);
            loop.guide(Guidance.action("g", "wait", Duration.ofSeconds(1)));
            clock.advance(Duration.ofSeconds(1).minusNanos(1));
            assertThat(loop.decide(tick()).served()).isEqualTo(Served.GUIDANCE);
        }
    }

    @Test
    void cache_afterItsTime_isNotUsed() {
        ScriptedModel model = ScriptedModel.answering("fight");
        try (ReflexLoop loop = loop(model).cacheFor(Duration.ofSeconds(1)).build()) {
            loop.decide(tick());
            clock.advance(Duration.ofMillis(999));
            assertThat(loop.decide(tick()).served()).isEqualTo(Served.CACHE);
            clock.advance(Duration.ofMillis(1));
            assertThat(loop.decide(tick()).served()).isEqualTo(Served.MODEL);
        }
    }

    @Test
    void outcome_byGameTimeoutOrShutdown_closesEachStepOnce() {
        RecordingLogger log = new RecordingLogger();
        ReflexLoop loop = loop(ScriptedModel.answering("fight"))
                .outcomeTimeout(Duration.ofSeconds(10))
                .logger(log)
                .build();
        Decision rewarded = loop.decide(tick());
        Decision forgotten = loop.decide(tick());
        assertThat(loop.openDecisions()).containsExactly(rewarded, forgotten);
        assertThat(loop.outcome(Outcome.of(rewarded, 1, "won"))).isTrue();
        assertThat(loop.outcome(Outcome.of(rewarded, 1, "won")))
                .as("reported twice")
                .isFalse();
        clock.advance(Duration.ofSeconds(10));
        Decision open = loop.decide(tick());
        assertThat(loop.outcome(Outcome.of(forgotten, 1))).as("timed out").isFalse();
        assertThat(loop.openDecisions()).containsExactly(open);
        loop.close();
        loop.close();
        Decision afterwards = loop.decide(tick());
        assertThat(afterwards.because()).contains(Cause.CLOSED);
        assertThat(loop.offer(tick())).isFalse();
        assertThat(loop.openDecisions()).isEmpty();
        assertThat(log.outcomes())
                .extracting(Outcome::step, Outcome::closedBy)
                .containsExactly(
                        tuple(rewarded.id(), Outcome.ClosedBy.GAME),
                        tuple(forgotten.id(), Outcome.ClosedBy.TIMEOUT),
                        tuple(open.id(), Outcome.ClosedBy.SHUTDOWN),
                        tuple(afterwards.id(), Outcome.ClosedBy.SHUTDOWN));
        assertThat(loop.stats().closure()).isEqualTo(new LoopStats.Closure(4, 1, 1, 2, 0, 2));
        LoopInvariants.check(loop.stats());
    }

    @Test
    void close_whileACallIsInFlight_cancelsItAndServesClosed() {
        ScriptedModel model = ScriptedModel.waiting();
        ReflexLoop loop = loop(model).build();
        clock.schedule(Duration.ofMillis(5), loop::close);
        Decision decision = loop.decide(tick());
        assertThat(decision.because()).contains(Cause.CLOSED);
        assertThat(clock.elapsed()).isEqualTo(Duration.ofMillis(5));
        assertThat(model.cancelled()).isEqualTo(1);
        assertThat(loop.stats().closure().open()).isZero();
    }

    @Test
    void escalation_thatNobodyAnswers_isRepeatedAfterFiveSeconds() throws Exception {
        RecordingSink sink = new RecordingSink();
        try (ReflexLoop loop =
                loop(ScriptedModel.answering("ask")).escalateTo(sink).build()) {
            assertThat(loop.decide(tick()).escalated()).isTrue();
            assertThat(loop.decide(tick()).escalated()).isFalse();
            clock.advance(Duration.ofSeconds(5));
            assertThat(loop.decide(tick()).escalated()).isTrue();
            loop.guide(Guidance.action("g", "fight", Duration.ofSeconds(1)));
            assertThat(loop.decide(tick()).served()).isEqualTo(Served.GUIDANCE);
            assertThat(loop.decide(tick()).escalated())
                    .as("the last one was answered")
                    .isTrue();
            assertThat(sink.await(3, Driving.PATIENCE)).isTrue();
            assertThat(loop.stats().escalated()).isEqualTo(3);
        }
    }

    @Test
    void wallClock_thatJumps_changesOnlyTheTimeStamps() {
        Random random = new Random(7);
        try (ReflexLoop loop = loop(ScriptedModel.answering("fight").after(Duration.ofMillis(3)))
                .outcomeTimeout(Duration.ofSeconds(1))
                .build()) {
            for (int i = 0; i < 200; i++) {
                clock.jumpWallClock(Duration.ofHours(random.nextInt(20_001) - 10_000));
                Decision decision = loop.decide(tick());
                assertThat(decision.served()).isEqualTo(Served.MODEL);
                assertThat(decision.latency()).isEqualTo(Duration.ofMillis(3));
                assertThat(decision.at()).isEqualTo(clock.instant());
                assertThat(loop.latest().stale(clock.nanos())).isFalse();
                assertThat(loop.outcome(Outcome.of(decision, 0)))
                        .as("not timed out")
                        .isTrue();
            }
        }
    }

    /** Thousands of ticks with every kind of bad luck: always a legal action, always in time, and the counters add up. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 20_261_121})
    void decide_withRandomFaults_isAlwaysLegalInTimeAndCounted(long seed) {
        Random random = new Random(seed);
        Fault[] faults = Arrays.stream(Fault.values())
                .filter(fault -> fault != Fault.STALL_IN_ASK && fault != Fault.STALL_IN_CANCEL)
                .filter(fault -> fault != Fault.IGNORE_CANCEL && fault != Fault.THROW_FROM_CANCEL)
                .toArray(Fault[]::new);
        FaultyModel faulty = FaultyModel.random(seed, faults).returningAtOnce();
        ScriptedModel sound = ScriptedModel.answering(question -> ScriptedModel.favouring(
                        question, schema.actions().get(random.nextInt(4)).name()))
                .after(Duration.ofMillis(10));
        ReflexModel mixed = new ReflexModel() {
            @Override
            public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
                return random.nextBoolean() ? faulty.ask(question, deadline) : sound.ask(question, deadline);
            }

            @Override
            public boolean returnsAtOnce() {
                return true;
            }
        };
        List<Decision> open = new ArrayList<>();
        RecordingSink sink = new RecordingSink();
        RecordingLogger log = new RecordingLogger();
        ReflexLoop loop = loop(mixed)
                .escalateTo(sink)
                .logger(log)
                .cacheFor(Duration.ofMillis(300))
                .outcomeTimeout(Duration.ofSeconds(30))
                .shield((perception, chosen, legal) -> {
                    int chance = random.nextInt(20);
                    if (chance == 0) {
                        throw new IllegalStateException("a shield that breaks");
                    }
                    return chance == 1 ? Optional.of(legal.get(0)) : Optional.empty();
                })
                .fallback((perception, legal, last) -> random.nextInt(20) == 0 ? Action.of("nonsense") : legal.get(0))
                .build();
        int decisions = 3_000;
        for (int i = 0; i < decisions; i++) {
            if (random.nextInt(50) == 0) {
                loop.guide(Guidance.action("g" + i, random.nextBoolean() ? "fight" : "nothing", Duration.ofSeconds(1)));
            }
            Perception perception = random.nextInt(40) == 0
                    ? Perception.builder("bot", i)
                            .fact("text", "x".repeat(5_000))
                            .build()
                    : Perception.builder("bot", i)
                            .fact("x", (double) random.nextInt(9))
                            .build();
            Decision decision = loop.decide(random.nextInt(100) == 0 ? null : perception);
            LoopInvariants.check(decision);
            assertThat(decision.late()).as("seed " + seed + ", tick " + i).isFalse();
            assertThat(decision.latency()).isLessThanOrEqualTo(BUDGET);
            open.add(decision);
            if (random.nextInt(3) == 0) {
                loop.outcome(Outcome.of(open.remove(random.nextInt(open.size())), random.nextDouble()));
            }
            clock.advance(Duration.ofMillis(random.nextInt(100)));
        }
        loop.close();
        clock.advance(Duration.ofMinutes(1));
        LoopStats stats = loop.stats();
        LoopInvariants.check(stats);
        assertThat(stats.decisions()).isEqualTo(decisions);
        assertThat(stats.late()).isZero();
        assertThat(stats.closure().open()).isZero();
        assertThat(stats.served())
                .containsKeys(Served.MODEL, Served.CACHE, Served.FALLBACK, Served.GUIDANCE, Served.HOLD);
        assertThat(log.steps()).hasSize(decisions);
        assertThat(log.outcomes()).hasSize(decisions);
        assertThat(stats.callbackFailures()).isPositive();
        assertThat(stats.lateAnswers()).isPositive();
        sink.close();
    }
}
