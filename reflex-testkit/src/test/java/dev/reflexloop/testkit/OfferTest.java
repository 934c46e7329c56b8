package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Cause;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.Step;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The reasoning stage: latest wins, urgent first, throttled. */
class OfferTest {
    private final HeldModel model = new HeldModel();
    private final RecordingLogger log = new RecordingLogger();
    private ReflexLoop loop = loop(Duration.ZERO);

    private ReflexLoop loop(Duration throttle) {
        return ReflexLoop.builder(Samples.schema(), model)
                .budget(Duration.ofSeconds(20))
                .throttle(throttle)
                .logger(log)
                .build();
    }

    @AfterEach
    void close() {
        loop.close();
        LoopInvariants.check(loop.stats());
    }

    private static Perception normal(long tick) {
        return Perception.builder("bot", tick).build();
    }

    private static Perception urgent(long tick) {
        return Perception.builder("bot", tick).urgent().build();
    }

    private List<Long> decidedTicks(int count) throws InterruptedException {
        assertThat(log.awaitSteps(count, Driving.PATIENCE)).as(count + " steps").isTrue();
        return log.steps().stream()
                .map(step -> step.decision().perception().tick())
                .toList();
    }

    @Test
    void offer_ofMoreWhileTheModelIsBusy_takesTheNewestAndCountsTheOthers() throws Exception {
        loop.offer(normal(1));
        HeldModel.Call first = model.next();
        for (int tick = 2; tick <= 5; tick++) {
            assertThat(loop.offer(normal(tick))).isTrue();
        }
        first.answer("flee");
        model.next().answer("fight");
        assertThat(decidedTicks(2)).containsExactly(1L, 5L);
        assertThat(loop.stats().superseded()).isEqualTo(3);
        assertThat(loop.stats().queueDrops()).isZero();
        assertThat(loop.latest().action().name()).isEqualTo("fight");
    }

    @Test
    void offer_ofMoreThanTheMailboxHolds_dropsTheOldestAndCountsIt() throws Exception {
        loop.offer(normal(1));
        HeldModel.Call first = model.next();
        for (int tick = 2; tick <= 9; tick++) {
            loop.offer(normal(tick));
        }
        assertThat(loop.stats().queueDrops()).isEqualTo(3);
        first.answer("flee");
        HeldModel.Call next = model.next();
        assertThat(next.tick()).isEqualTo(9);
        assertThat(loop.stats().superseded()).isEqualTo(4);
        next.answer("flee");
        decidedTicks(2);
    }

    @Test
    void offer_ofAnUrgentPerception_cancelsTheCallInFlightAndOvertakes() throws Exception {
        loop.offer(normal(1));
        HeldModel.Call first = model.next();
        loop.offer(normal(2));
        loop.offer(urgent(3));
        HeldModel.Call overtaking = model.next();
        assertThat(overtaking.tick()).isEqualTo(3);
        assertThat(first.future()).isCancelled();
        overtaking.answer("fight");
        assertThat(decidedTicks(1)).containsExactly(3L);
        LoopStats stats = loop.stats();
        assertThat(stats.preempted()).isEqualTo(1);
        assertThat(stats.superseded()).as("the one that waited").isEqualTo(1);
        assertThat(stats.decisions()).isEqualTo(1);
    }

    @Test
    void offer_ofAnUrgentPerceptionWhileAnUrgentOneIsAsked_waitsItsTurn() throws Exception {
        loop.offer(urgent(1));
        HeldModel.Call first = model.next();
        loop.offer(urgent(2));
        assertThat(model.idle()).isTrue();
        first.answer("fight");
        model.next().answer("flee");
        assertThat(decidedTicks(2)).containsExactly(1L, 2L);
        assertThat(loop.stats().preempted()).isZero();
    }

    @Test
    void offer_withinTheThrottle_waitsUnlessItIsUrgent() throws Exception {
        loop.close();
        loop = loop(Duration.ofHours(1));
        loop.offer(normal(1));
        model.next().answer("flee");
        decidedTicks(1);
        loop.offer(normal(2));
        loop.offer(urgent(3));
        HeldModel.Call call = model.next();
        assertThat(call.tick()).isEqualTo(3);
        call.answer("fight");
        assertThat(decidedTicks(2)).containsExactly(1L, 3L);
        assertThat(model.idle()).isTrue();
    }

    @Test
    void offer_afterCloseOrOfNull_isRefused() throws Exception {
        assertThat(loop.offer(null)).isFalse();
        loop.offer(normal(1));
        HeldModel.Call call = model.next();
        loop.close();
        assertThat(call.awaitCancelled()).isTrue();
        assertThat(decidedTicks(1)).containsExactly(1L);
        Step step = log.steps().get(0);
        assertThat(step.decision().served()).isEqualTo(Served.FALLBACK);
        assertThat(step.decision().because()).contains(Cause.CLOSED);
        assertThat(loop.offer(normal(2))).isFalse();
    }

    @Test
    void offer_withASlowModel_servesTheFallbackAtTheDeadline() throws Exception {
        ActionSchema schema = Samples.schema();
        try (ReflexLoop slow = ReflexLoop.builder(schema, model)
                .budget(Duration.ofMillis(20))
                .throttle(Duration.ZERO)
                .logger(log)
                .build()) {
            slow.offer(normal(1));
            assertThat(decidedTicks(1)).containsExactly(1L);
            assertThat(log.steps().get(0).decision().because()).contains(Cause.DEADLINE);
            assertThat(model.next().future()).isCancelled();
            assertThat(slow.latest().decision()).contains(log.steps().get(0).decision());
        }
    }
}
