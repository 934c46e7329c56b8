package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ModelPoolTest {
    private final ManualClock clock = new ManualClock();
    private final ScriptedModel one = ScriptedModel.waiting().named("one");
    private final ScriptedModel two = ScriptedModel.waiting().named("two");

    @Test
    void ask_withAnIdleMember_goesThere() {
        try (ModelPool pool = ModelPool.of(one, two)) {
            for (int i = 0; i < 6; i++) {
                pool.ask(Questions.by("bot" + i), within(100));
            }
            assertThat(one.open()).isEqualTo(3);
            assertThat(two.open()).isEqualTo(3);
        }
    }

    @Test
    void ask_ofTheSameEntity_staysWithItsMemberUnlessThatIsLoaded() {
        try (ModelPool pool = ModelPool.of(one, two)) {
            pool.ask(Questions.by("a"), within(100));
            one.answer("flee");
            for (int i = 0; i < 3; i++) {
                pool.ask(Questions.by("a"), within(100));
                one.answer("flee");
            }
            assertThat(one.asked()).isEqualTo(4);

            pool.ask(Questions.by("a"), within(100));
            pool.ask(Questions.by("a"), within(100));
            pool.ask(Questions.by("a"), within(100));
            assertThat(two.asked())
                    .as("two calls more in flight than the idlest")
                    .isEqualTo(1);
        }
    }

    @Test
    void ask_withoutAffinity_looksAtTheLoadOnly() {
        try (ModelPool pool =
                ModelPool.builder(List.of(one, two)).affinity(false).build()) {
            for (int i = 0; i < 4; i++) {
                pool.ask(Questions.by("a"), within(100));
            }
            assertThat(one.open()).isEqualTo(2);
            assertThat(two.open()).isEqualTo(2);
        }
    }

    @Test
    void affinity_of40Entities_keepsThePrefixCachesOfTheMembers() {
        assertThat(hits(true)).isGreaterThan(0.9);
        assertThat(hits(false)).isLessThan(0.6);
    }

    /** The share of questions that came to a member whose last question but few was of the same entity. */
    private double hits(boolean affinity) {
        Remembering left = new Remembering();
        Remembering right = new Remembering();
        try (ModelPool pool =
                ModelPool.builder(List.of(left, right)).affinity(affinity).build()) {
            Random random = new Random(5);
            for (int i = 0; i < 4_000; i++) {
                pool.ask(Questions.by("bot" + random.nextInt(40)), within(100));
            }
        }
        return (left.hits + right.hits) / 4_000.0;
    }

    /** A server with a slot for each of 24 entities. */
    private static final class Remembering implements ReflexModel {
        private final Set<String> slots = new LinkedHashSet<>();
        private int hits;

        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            String entity = question.perception().entity();
            hits += slots.remove(entity) ? 1 : 0;
            slots.add(entity);
            if (slots.size() > 24) {
                slots.remove(slots.iterator().next());
            }
            return CompletableFuture.completedFuture(ScriptedModel.favouring(question, "flee"));
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }

    @Test
    void ask_memberThatFailsFast_isFollowedByTheNextAndLeftOut() {
        FaultyModel dead = FaultyModel.always(Fault.UNAVAILABLE).returningAtOnce();
        try (ModelPool pool = ModelPool.of(dead, ScriptedModel.answering("flee"))) {
            for (int i = 0; i < 10; i++) {
                assertThat(Questions.said(pool.ask(Questions.by("bot" + i), within(100))))
                        .isEqualTo("flee");
            }
            assertThat(pool.members().get(0).leftOut()).isTrue();
            assertThat(pool.members().get(1).leftOut()).isFalse();
            assertThat(dead.asked()).as("asked once, then left alone").isEqualTo(1);
        }
    }

    @Test
    void ask_memberThatFailsSlowly_isNotFollowed() throws Exception {
        ScriptedModel next = ScriptedModel.answering("flee");
        try (ModelPool pool = ModelPool.of(one, next)) {
            CompletableFuture<Answer> call = pool.ask(Questions.by("a"), within(100));
            clock.advance(Duration.ofMillis(30));
            one.fail(new ModelUnavailableException("one", "it died", null));
            assertThat(Questions.failure(call)).hasMessageContaining("it died");
            assertThat(next.asked()).isZero();
        }
    }

    @Test
    void ask_busyMember_isFollowedByTheNextButStaysIn() {
        FaultyModel busy = FaultyModel.always(Fault.BUSY).returningAtOnce();
        try (ModelPool pool = ModelPool.builder(List.of(busy, ScriptedModel.answering("flee")))
                .affinity(false)
                .build()) {
            for (int i = 0; i < 10; i++) {
                assertThat(Questions.said(pool.ask(Questions.by("a"), within(100))))
                        .isEqualTo("flee");
            }
            assertThat(pool.members().get(0).leftOut()).isFalse();
            assertThat(busy.asked()).isGreaterThan(1);
        }
    }

    @Test
    void ask_allMembersBusy_isBusyAndAsksEachOnce() throws Exception {
        FaultyModel first = FaultyModel.always(Fault.BUSY).returningAtOnce();
        FaultyModel second = FaultyModel.always(Fault.BUSY).returningAtOnce();
        try (ModelPool pool = ModelPool.of(first, second)) {
            assertThat(Questions.failure(pool.ask(Questions.by("a"), within(100))))
                    .isInstanceOf(ModelBusyException.class);
            assertThat(first.asked()).isEqualTo(1);
            assertThat(second.asked()).isEqualTo(1);
        }
    }

    @Test
    void lostMember_thatReturns_isProbedBesideAnotherAndTakenBack() {
        List<Fault> script = new ArrayList<>(List.of(Fault.UNAVAILABLE, Fault.UNAVAILABLE, Fault.NONE));
        FaultyModel flaky =
                FaultyModel.by(call -> script.get((int) Math.min(call, 2))).returningAtOnce();
        try (ModelPool pool = ModelPool.of(flaky, ScriptedModel.answering("flee"))) {
            ask(pool);
            assertThat(pool.members().get(0).leftOut()).isTrue();
            clock.advance(Duration.ofMillis(99));
            ask(pool);
            assertThat(flaky.asked()).as("within the pause").isEqualTo(1);
            clock.advance(Duration.ofMillis(1));
            assertThat(Questions.said(ask(pool))).as("a probe costs no answer").isEqualTo("flee");
            assertThat(flaky.asked()).as("one probe").isEqualTo(2);
            clock.advance(Duration.ofMillis(199));
            ask(pool);
            assertThat(flaky.asked()).as("the pause has doubled").isEqualTo(2);
            clock.advance(Duration.ofMillis(1));
            ask(pool);
            assertThat(flaky.asked()).isEqualTo(3);
            assertThat(pool.members().get(0).leftOut()).isFalse();
        }
    }

    @Test
    void probe_thatHangs_isTheOnlyOneAndEndsAtItsDeadline() {
        FaultyModel hangs = FaultyModel.by(call -> call == 0 ? Fault.UNAVAILABLE : Fault.NEVER)
                .returningAtOnce();
        try (ModelPool pool = ModelPool.of(hangs, ScriptedModel.answering("flee"))) {
            ask(pool);
            clock.advance(Duration.ofMillis(100));
            ask(pool);
            clock.advance(Duration.ofMillis(90));
            ask(pool);
            assertThat(hangs.asked()).isEqualTo(2);
            assertThat(pool.members().get(0).inFlight()).isEqualTo(1);
            clock.advance(Duration.ofMillis(20));
            ask(pool);
            assertThat(pool.members().get(0).inFlight())
                    .as("cancelled once overdue")
                    .isZero();
        }
    }

    /** Between the decision to probe and the probe another thread may ask: two probes began, and one of them was never ended. */
    @Test
    void probe_thatIsJustBeingAsked_isNotBegunTwice() {
        AtomicInteger asked = new AtomicInteger();
        AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
        ReflexModel lost = new ReflexModel() {
            @Override
            public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
                if (asked.getAndIncrement() == 0) {
                    return CompletableFuture.failedFuture(new ModelUnavailableException("lost", "it died", null));
                }
                meanwhile.getAndSet(() -> {}).run();
                return new CompletableFuture<>();
            }

            @Override
            public boolean returnsAtOnce() {
                return true;
            }
        };
        try (ModelPool pool = ModelPool.builder(List.of(lost, ScriptedModel.answering("flee")))
                .pause(Duration.ofMillis(1), Duration.ofMillis(1))
                .build()) {
            ask(pool);
            clock.advance(Duration.ofMillis(1));
            meanwhile.set(() -> {
                clock.advance(Duration.ofMillis(1));
                ask(pool);
            });
            ask(pool);
            assertThat(asked.get()).as("a call and a probe").isEqualTo(2);
        }
    }

    @Test
    void member_thatMissesThreeDeadlines_isLeftOut() {
        try (ModelPool pool = ModelPool.of(one, ScriptedModel.answering("flee"))) {
            for (int i = 0; i < 3; i++) {
                CompletableFuture<Answer> call = pool.ask(Questions.by("a"), within(100));
                while (one.open() == 0) {
                    call = pool.ask(Questions.by("b" + i), within(100));
                }
                clock.advance(Duration.ofMillis(100));
                call.cancel(true);
                assertThat(one.open()).as("cancelling goes through").isZero();
                assertThat(pool.members().get(0).leftOut()).isEqualTo(i == 2);
            }
        }
    }

    @Test
    void member_whoseCallsAreGivenUpEarly_staysIn() {
        try (ModelPool pool = ModelPool.of(one)) {
            for (int i = 0; i < 10; i++) {
                pool.ask(Questions.by("a"), within(100)).cancel(true);
            }
            assertThat(pool.members().get(0).leftOut()).isFalse();
            assertThat(pool.members().get(0).failures()).isZero();
        }
    }

    @Test
    void ask_allLeftOut_failsAtOnceAndTriesOneAfterThePause() throws Exception {
        FaultyModel dead = FaultyModel.inTurn(Fault.UNAVAILABLE, Fault.NONE).returningAtOnce();
        try (ModelPool pool = ModelPool.of(dead)) {
            Questions.failure(ask(pool));
            assertThat(Questions.failure(ask(pool)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("left out");
            assertThat(dead.asked()).isEqualTo(1);
            clock.advance(Duration.ofMillis(100));
            assertThat(Questions.said(ask(pool))).isEqualTo("flee");
            assertThat(pool.members().get(0).leftOut()).isFalse();
        }
    }

    @Test
    void ask_memberThatIgnoresCancelling_countsAsLoadedUntilItEnds() {
        FaultyModel stubborn = FaultyModel.always(Fault.IGNORE_CANCEL).returningAtOnce();
        try (ModelPool pool = ModelPool.of(stubborn)) {
            pool.ask(Questions.by("a"), within(100)).cancel(true);
            assertThat(pool.members().get(0).inFlight()).isEqualTo(1);
        }
    }

    @Test
    void prepare_ofAKnownEntity_goesToItsMember() {
        List<String> prepared = new ArrayList<>();
        ReflexModel left = new Preparing("left", prepared);
        ReflexModel right = new Preparing("right", prepared);
        try (ModelPool pool = ModelPool.of(left, right)) {
            pool.prepare(Questions.by("a"));
            assertThat(prepared).containsExactly("left", "right");
            ask(pool);
            pool.prepare(Questions.by("a"));
            assertThat(prepared).containsExactly("left", "right", "left");
        }
    }

    private record Preparing(String id, List<String> prepared) implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return CompletableFuture.completedFuture(ScriptedModel.favouring(question, "flee"));
        }

        @Override
        public void prepare(Question expected) {
            prepared.add(id);
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }

    @Test
    void builder_withoutModels_isRefused() {
        assertThatThrownBy(() -> ModelPool.of()).hasMessageContaining("at least one");
        assertThatThrownBy(() -> ModelPool.builder(List.of(one)).pause(Duration.ofMillis(5), Duration.ofMillis(4)))
                .hasMessageContaining("pauses");
    }

    @Test
    void id_ofAPool_namesItsMembers() {
        try (ModelPool pool = ModelPool.of(one, two)) {
            assertThat(pool.id()).isEqualTo("pool(one,two)");
        }
    }

    private CompletableFuture<Answer> ask(ModelPool pool) {
        return pool.ask(Questions.by("a"), within(100));
    }

    private Deadline within(long millis) {
        return Questions.within(millis, clock);
    }
}
