package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Decision;
import dev.reflexloop.Intent;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.PerceptionSource;
import dev.reflexloop.Pilot;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexRunner;
import dev.reflexloop.ReflexRunner.Stage;
import dev.reflexloop.ReflexRunner.StageEvent;
import dev.reflexloop.Served;
import dev.reflexloop.testkit.FaultyModel.Fault;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The stages that a runner drives. */
class RunnerTest {
    private static final Duration TICK = Duration.ofMillis(1);

    private final RecordingLogger log = new RecordingLogger();

    private ReflexLoop.Builder loop(ReflexModel model) {
        return ReflexLoop.builder(Samples.schema(), model)
                .budget(Duration.ofSeconds(20))
                .throttle(Duration.ZERO)
                .logger(log);
    }

    private static PerceptionSource ticking() {
        AtomicLong tick = new AtomicLong();
        return () ->
                Optional.of(Perception.builder("bot", tick.incrementAndGet()).build());
    }

    private static PerceptionSource once() {
        Iterator<Perception> all = List.of(Perception.builder("bot", 1).build()).iterator();
        return () -> all.hasNext() ? Optional.of(all.next()) : Optional.empty();
    }

    private static boolean await(CountDownLatch latch) throws InterruptedException {
        return latch.await(Driving.PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void run_ofManyLoopsWithOneModel_keepsAtMostThreeCallsInFlight() throws Exception {
        HeldModel model = new HeldModel();
        List<ReflexLoop> loops = new ArrayList<>();
        try (ReflexRunner runner =
                ReflexRunner.builder().threads(4).period(TICK).build()) {
            for (int i = 0; i < 20; i++) {
                ReflexLoop loop = loop(model).build();
                loops.add(loop);
                runner.add(loop, once(), Pilot.disabled());
            }
            runner.start();
            List<HeldModel.Call> three = List.of(model.next(), model.next(), model.next());
            assertThat(model.idle()).as("nobody else was asked").isTrue();
            three.forEach(call -> call.answer("flee"));
            for (int i = 3; i < 20; i++) {
                model.next().answer("flee");
            }
            assertThat(log.awaitSteps(20, Driving.PATIENCE)).isTrue();
        }
        assertThat(model.mostOpen()).isEqualTo(3);
        assertThat(log.steps()).allMatch(step -> step.decision().served() == Served.MODEL);
        loops.forEach(ReflexLoop::close);
    }

    @Test
    void limited_sharedByLoopsOnThreadsOfTheirOwn_boundsTheirCalls() throws Exception {
        ScriptedModel scripted = ScriptedModel.answering("flee").after(Duration.ofMillis(1));
        try (ReflexModel shared = ReflexModel.limited(scripted, 2)) {
            Together.call(8, () -> {
                try (ReflexLoop loop = loop(shared).build()) {
                    for (int i = 0; i < 10; i++) {
                        assertThat(loop.decide(Samples.empty(i)).served()).isEqualTo(Served.MODEL);
                    }
                }
                return true;
            });
        }
        assertThat(scripted.mostOpen()).isEqualTo(2);
        assertThat(scripted.asked()).isEqualTo(80);
    }

    @Test
    void close_ofOneLoop_leavesTheOthersWithTheSameModelAlone() throws Exception {
        FaultyModel model = FaultyModel.always(Fault.NONE);
        try (ReflexRunner runner =
                ReflexRunner.builder().threads(2).period(TICK).build()) {
            RecordingLogger others = new RecordingLogger();
            ReflexLoop first = loop(model).build();
            ReflexLoop second = loop(model).logger(others).build();
            runner.add(first, ticking(), Pilot.disabled()).add(second, ticking(), Pilot.disabled());
            runner.start();
            assertThat(log.awaitSteps(1, Driving.PATIENCE)).isTrue();
            first.close();
            ReflexLoop third = loop(model).logger(others).build();
            runner.add(third, ticking(), Pilot.disabled());
            int before = others.steps().size();
            assertThat(others.awaitSteps(before + 20, Driving.PATIENCE)).isTrue();
            assertThat(others.steps()).allMatch(step -> step.decision().served() == Served.MODEL);
            second.close();
            third.close();
        }
    }

    @Test
    void pilot_underARunner_isHandedEachIntentAndTheLogHearsOfIt() throws Exception {
        Queue<Intent> applied = new ConcurrentLinkedQueue<>();
        CountDownLatch five = new CountDownLatch(5);
        ReflexLoop loop = loop(ScriptedModel.answering("fight")).build();
        try (ReflexRunner runner = ReflexRunner.builder()
                .threads(2)
                .period(TICK)
                .actionCooldown(Duration.ZERO)
                .build()) {
            runner.add(loop, ticking(), intent -> {
                applied.add(intent);
                five.countDown();
                if (applied.size() == 2) {
                    throw new IllegalStateException("a pilot that breaks once");
                }
            });
            runner.start();
            assertThat(await(five)).isTrue();
        }
        List<Long> sequences = applied.stream().map(Intent::sequence).toList();
        assertThat(sequences).isSorted().doesNotHaveDuplicates();
        assertThat(applied).allMatch(intent -> intent.action().name().equals("fight"));
        String broken = List.copyOf(applied).get(1).decision().orElseThrow().id();
        assertThat(log.applied())
                .extracting(RecordingLogger.Applied::step)
                .doesNotContain(broken)
                .isNotEmpty();
        assertThat(loop.stats().callbackFailures()).isEqualTo(1);
        loop.close();
    }

    @Test
    void pilot_thatIsHeldUp_neverGetsAStaleIntent() throws Exception {
        List<Long> applied = new ArrayList<>();
        CountDownLatch third = new CountDownLatch(1);
        AtomicLong tick = new AtomicLong();
        AtomicInteger allowed = new AtomicInteger(1);
        ReflexLoop loop = loop(ScriptedModel.answering("fight"))
                .lease(Duration.ofMillis(200))
                .build();
        try (ReflexRunner runner = ReflexRunner.builder()
                .threads(2)
                .period(TICK)
                .actionCooldown(Duration.ZERO)
                .build()) {
            runner.add(
                    loop,
                    () -> tick.get() < allowed.get()
                            ? Optional.of(Perception.builder("bot", tick.incrementAndGet())
                                    .build())
                            : Optional.empty(),
                    intent -> {
                        applied.add(intent.sequence());
                        if (intent.sequence() == 1) {
                            allowed.set(2);
                            while (loop.latest().sequence() < 2
                                    || !loop.latest().stale(System.nanoTime())) {
                                Thread.onSpinWait();
                            }
                            allowed.set(3);
                        } else {
                            third.countDown();
                        }
                    });
            runner.start();
            assertThat(await(third)).isTrue();
        }
        assertThat(applied).containsExactly(1L, 3L);
        assertThat(loop.stats().stale()).isEqualTo(1);
        loop.close();
    }

    @Test
    void dryRun_withEverythingOn_neverTouchesThePilotAndItsStagesOverlap() throws Exception {
        Queue<StageEvent> events = new ConcurrentLinkedQueue<>();
        AtomicInteger touched = new AtomicInteger();
        CountDownLatch actions = new CountDownLatch(2);
        CountDownLatch lessons = new CountDownLatch(1);
        CountDownLatch reasoned = new CountDownLatch(3);
        HeldModel model = new HeldModel();
        ReflexLoop loop = loop(model).lease(Duration.ofMinutes(1)).build();
        try (ReflexRunner runner = ReflexRunner.builder()
                .threads(3)
                .period(TICK)
                .actionCooldown(Duration.ofMillis(300))
                .dryRun()
                .onStage(event -> {
                    events.add(event);
                    switch (event.stage()) {
                        case ACTION -> actions.countDown();
                        case LEARNING -> lessons.countDown();
                        case REASONING -> reasoned.countDown();
                        case PERCEPTION -> {}
                    }
                })
                .build()) {
            runner.add(loop, ticking(), intent -> touched.incrementAndGet(), experience -> {});
            runner.start();
            model.next().answer("fight");
            model.next().answer("fight");
            HeldModel.Call third = model.next();
            // While the third question is asked, the second action's cooldown ends and the first step's outcome
            // arrives.
            loop.outcome(Outcome.of(log.steps().get(0).decision(), 0.5));
            assertThat(await(actions)).isTrue();
            assertThat(await(lessons)).isTrue();
            third.answer("fight");
            assertThat(await(reasoned)).isTrue();
        }
        assertThat(touched.get()).as("calls of the pilot").isZero();
        assertThat(log.applied()).isEmpty();
        assertThat(log.steps()).hasSizeGreaterThanOrEqualTo(3);
        StageEvent asking = events.stream()
                .filter(each -> each.stage() == Stage.REASONING)
                .skip(2)
                .findFirst()
                .orElseThrow();
        Set<Stage> meanwhile = events.stream()
                .filter(each ->
                        each.beganNanos() - asking.beganNanos() > 0 && each.endedNanos() - asking.endedNanos() < 0)
                .map(StageEvent::stage)
                .collect(Collectors.toSet());
        assertThat(meanwhile)
                .as("went on while the model was asked")
                .contains(Stage.PERCEPTION, Stage.ACTION, Stage.LEARNING);
        loop.close();
    }

    @Test
    void sequential_onAManualClock_appliesWithTheCooldownAndLearns() {
        ManualClock clock = new ManualClock();
        List<Duration> applied = new ArrayList<>();
        List<Decision> learned = new ArrayList<>();
        ReflexLoop loop = loop(ScriptedModel.answering("fight").after(Duration.ofMillis(7)))
                .clock(clock)
                .lease(Duration.ofMillis(50))
                .build();
        try (ReflexRunner runner = ReflexRunner.builder()
                .sequential()
                .clock(clock)
                .period(Duration.ofMillis(100))
                .actionCooldown(Duration.ofMillis(500))
                .build()) {
            runner.add(
                    loop,
                    ticking(),
                    intent -> {
                        applied.add(clock.elapsed());
                        loop.outcome(Outcome.of(intent.decision().orElseThrow(), 1));
                    },
                    experience -> learned.add(experience.decision()));
            runner.run(Duration.ofSeconds(2));
            runner.run(Duration.ofSeconds(1));
        }
        assertThat(clock.elapsed()).isEqualTo(Duration.ofSeconds(3));
        assertThat(applied)
                .containsExactlyElementsOf(LongStream.range(0, 6)
                        .mapToObj(i -> Duration.ofMillis(500 * i + 7))
                        .toList());
        assertThat(learned).hasSameSizeAs(applied);
        assertThat(loop.stats().decisions()).isEqualTo(30);
        assertThat(loop.stats().stale())
                .as("cooled down beyond their lease; the last one was left")
                .isEqualTo(23);
        loop.close();
    }

    @Test
    void urgentPerception_underARunner_isAppliedWithoutCooldown() throws Exception {
        CountDownLatch two = new CountDownLatch(2);
        AtomicLong tick = new AtomicLong();
        ReflexLoop loop = loop(ScriptedModel.answering("flee")).build();
        try (ReflexRunner runner = ReflexRunner.builder()
                .threads(2)
                .period(TICK)
                .actionCooldown(Duration.ofHours(1))
                .build()) {
            runner.add(
                    loop,
                    () -> Optional.of(
                            tick.get() == 0
                                    ? Perception.builder("bot", tick.incrementAndGet())
                                            .build()
                                    : Perception.builder("bot", tick.incrementAndGet())
                                            .urgent()
                                            .build()),
                    intent -> two.countDown());
            runner.start();
            assertThat(await(two)).isTrue();
        }
        loop.close();
    }

    @Test
    void callbacks_thatThrowErrors_doNotEndTheStages() throws Exception {
        AtomicInteger calls = new AtomicInteger();
        ReflexLoop loop = loop(ScriptedModel.answering("flee")).build();
        try (ReflexRunner runner = ReflexRunner.builder()
                .threads(2)
                .period(TICK)
                .actionCooldown(Duration.ZERO)
                .onStage(event -> {
                    throw new AssertionError("a listener that breaks");
                })
                .build()) {
            PerceptionSource ticking = ticking();
            runner.add(
                    loop,
                    () -> {
                        if (calls.incrementAndGet() % 2 == 0) {
                            throw new StackOverflowError("a source that breaks every other time");
                        }
                        return ticking.perceive();
                    },
                    intent -> {
                        throw new NoClassDefFoundError("a pilot that breaks");
                    });
            runner.start();
            assertThat(log.awaitSteps(10, Driving.PATIENCE)).isTrue();
        }
        assertThat(loop.stats().callbackFailures()).isGreaterThan(20);
        loop.close();
    }

    @Test
    void run_forADuration_endsTheDriving() {
        AtomicInteger calls = new AtomicInteger();
        ReflexLoop loop = loop(ScriptedModel.answering("flee")).build();
        ReflexRunner runner = ReflexRunner.builder().threads(2).period(TICK).build();
        runner.add(
                loop,
                () -> {
                    calls.incrementAndGet();
                    return Optional.empty();
                },
                Pilot.disabled());
        runner.run(Duration.ofMillis(50));
        int after = calls.get();
        assertThat(after).isPositive();
        assertThatThrownBy(runner::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> runner.add(loop, ticking(), Pilot.disabled()))
                .isInstanceOf(IllegalStateException.class);
        runner.close();
        assertThat(calls.get()).as("nobody looks any more").isEqualTo(after);
        loop.close();
    }

    @Test
    void threads_ofOurs_areNotBornInTheCallersGroup() throws Exception {
        ThreadGroup robot = new ThreadGroup("robot");
        List<Thread> members = new ArrayList<>();
        CountDownLatch done = new CountDownLatch(1);
        Thread bot = new Thread(robot, () -> {
            try (FaultyModel model = FaultyModel.inTurn(Fault.NONE, Fault.FAIL);
                    ReflexLoop offered = loop(model).build();
                    ReflexLoop driven = loop(model).build();
                    ReflexRunner runner =
                            ReflexRunner.builder().threads(2).period(TICK).build()) {
                runner.add(driven, ticking(), Pilot.disabled()).start();
                offered.offer(Samples.empty(1));
                offered.decide(Samples.empty(2));
                log.awaitSteps(20, Driving.PATIENCE);
                Thread[] found = new Thread[64];
                int count = robot.enumerate(found);
                for (int i = 0; i < count; i++) {
                    members.add(found[i]);
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            } finally {
                done.countDown();
            }
        });
        bot.start();
        assertThat(await(done)).isTrue();
        assertThat(members).containsExactly(bot);
        assertThat(log.steps()).hasSizeGreaterThanOrEqualTo(20);
    }
}
