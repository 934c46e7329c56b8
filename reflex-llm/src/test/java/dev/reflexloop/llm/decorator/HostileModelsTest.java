package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is inside a decorator may stall, throw, lie or vanish: the decorator returns at once, and its calls end. */
class HostileModelsTest {
    private static final long AT_ONCE_NANOS = Duration.ofSeconds(2).toNanos(); // a stall would be for ever

    static Stream<Arguments> everyKindAndFault() {
        return Stream.of(Kind.values())
                .flatMap(kind -> Stream.of(Fault.values()).map(fault -> Arguments.of(kind, fault)));
    }

    @ParameterizedTest
    @MethodSource("everyKindAndFault")
    void ask_ofAFaultyModel_returnsAtOnceAndEndsWhenCancelled(Kind kind, Fault fault) throws Exception {
        try (ReflexModel decorated = kind.around(FaultyModel.always(fault).lateBy(Duration.ofMillis(5)))) {
            for (int i = 0; i < 3; i++) {
                long begun = System.nanoTime();
                CompletableFuture<Answer> call =
                        decorated.ask(Questions.by("a"), Questions.within(20, ReflexClock.system()));
                decorated.prepare(Questions.by("a"));
                assertThat(System.nanoTime() - begun).isLessThan(AT_ONCE_NANOS);
                try {
                    call.get(20, TimeUnit.MILLISECONDS);
                } catch (ExecutionException | TimeoutException expected) {
                    // a fault, or nothing
                }
                begun = System.nanoTime();
                call.cancel(true);
                assertThat(System.nanoTime() - begun).isLessThan(AT_ONCE_NANOS);
                assertThat(call).isDone();
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void cancel_ofACall_cancelsTheCallInside(Kind kind) {
        ScriptedModel waiting = ScriptedModel.waiting();
        try (ReflexModel decorated = kind.around(waiting)) {
            decorated
                    .ask(Questions.by("a"), Questions.within(60_000, ReflexClock.system()))
                    .cancel(true);
            assertThat(waiting.cancelled()).isEqualTo(1);
            assertThat(waiting.open()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void returnsAtOnce_ofADecorator_isTrueAlsoAroundOneThatDoesNot(Kind kind) {
        try (ReflexModel decorated = kind.around(FaultyModel.always(Fault.NONE))) {
            assertThat(decorated.returnsAtOnce()).isTrue();
            assertThat(decorated.id()).contains("faulty").contains("(");
        }
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void close_ofADecorator_closesTheModelInside(Kind kind) {
        ScriptedModel model = ScriptedModel.waiting();
        kind.around(model).close();
        assertThat(model.ask(Questions.by("a"), Questions.within(100, ReflexClock.system())))
                .isCompletedExceptionally();
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void prepare_ofADecorator_preparesTheModelInside(Kind kind) {
        AtomicInteger prepared = new AtomicInteger();
        ReflexModel model = new Preparing(prepared);
        try (ReflexModel decorated = kind.around(model)) {
            decorated.prepare(Questions.by("a"));
            assertThat(prepared.get()).isPositive();
        }
    }

    private record Preparing(AtomicInteger prepared) implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return CompletableFuture.completedFuture(ScriptedModel.favouring(question, "flee"));
        }

        @Override
        public void prepare(Question expected) {
            prepared.incrementAndGet();
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }

    /** The pool may keep a probe open, which nobody waits for; it has a test of its own. */
    @ParameterizedTest
    @EnumSource(value = Kind.class, names = "POOL", mode = EnumSource.Mode.EXCLUDE)
    void cancel_ofCallsFromManyThreads_leavesNothingOpenInside(Kind kind) throws Exception {
        ScriptedModel model = ScriptedModel.answering("flee").after(Duration.ofMillis(1));
        try (ReflexModel decorated = kind.around(model)) {
            torment(decorated);
            assertThat(model.asked()).isPositive();
            assertThat(model.open()).isZero();
        }
    }

    @Test
    void pool_underRandomFaultsFromManyThreads_endsWithNothingInFlight() throws Exception {
        ModelPool pool = ModelPool.builder(List.of(faults(1), faults(2), faults(3)))
                .pause(Duration.ofNanos(1_000), Duration.ofNanos(2_000))
                .build();
        torment(pool);
        pool.close(); // ends the probes
        assertThat(pool.members()).extracting(ModelPool.MemberStatus::inFlight).containsOnly(0);
        assertThat(pool.members().stream()
                        .mapToLong(ModelPool.MemberStatus::asked)
                        .sum())
                .isGreaterThan(100);
    }

    @Test
    void adaptiveLimit_underRandomFaultsFromManyThreads_endsWithNothingInFlight() throws Exception {
        try (AdaptiveLimitModel limited =
                AdaptiveLimitModel.builder(faults(4)).initial(8).build()) {
            torment(limited);
            assertThat(limited.inFlight()).isZero();
        }
    }

    @Test
    void circuitBreaker_underRandomFaultsFromManyThreads_answersAgainAfterwards() throws Exception {
        try (CircuitBreakerModel breaker = CircuitBreakerModel.builder(
                        FaultyModel.by(call -> call < 500 ? Fault.FAIL : Fault.NONE)
                                .returningAtOnce())
                .openFor(Duration.ofMillis(1), 3)
                .build()) {
            torment(breaker);
            CompletableFuture<Answer> call;
            long patience = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            do {
                call = breaker.ask(Questions.by("a"), Questions.within(1_000, ReflexClock.system()));
            } while (call.isCompletedExceptionally() && System.nanoTime() - patience < 0);
            assertThat(Questions.said(call)).isEqualTo("flee");
        }
    }

    private static FaultyModel faults(long seed) {
        return FaultyModel.random(
                        seed,
                        Fault.NONE,
                        Fault.NONE,
                        Fault.NONE,
                        Fault.NEVER,
                        Fault.FAIL,
                        Fault.BUSY,
                        Fault.UNAVAILABLE,
                        Fault.THROW_FROM_ASK,
                        Fault.THROW_ERROR_FROM_ASK,
                        Fault.NULL_FUTURE,
                        Fault.NULL_ANSWER,
                        Fault.NOT_A_NUMBER)
                .returningAtOnce();
    }

    /** Eight threads ask, each keeping a few calls open and giving them up in its own time. */
    private static void torment(ReflexModel model) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8, ReflexThreads.factory("torment"));
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                String entity = "bot" + t;
                done.add(threads.submit(() -> {
                    List<CompletableFuture<Answer>> calls = new ArrayList<>();
                    for (int i = 0; i < 400; i++) {
                        calls.add(model.ask(
                                Questions.by(entity),
                                Questions.within(ThreadLocalRandom.current().nextInt(3), ReflexClock.system())));
                        if (calls.size() > 3) {
                            calls.remove(ThreadLocalRandom.current().nextInt(calls.size()))
                                    .cancel(true);
                        }
                    }
                    calls.forEach(call -> call.cancel(true));
                    assertThat(calls).allMatch(CompletableFuture::isDone);
                }));
            }
            for (Future<?> each : done) {
                each.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
