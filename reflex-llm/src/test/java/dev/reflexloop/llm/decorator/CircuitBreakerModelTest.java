package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Answer;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CircuitBreakerModelTest {
    private final ManualClock clock = new ManualClock();

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {
                "THROW_FROM_ASK",
                "NULL_FUTURE",
                "FAIL",
                "UNAVAILABLE",
                "NULL_ANSWER",
                "EMPTY",
                "ILLEGAL_ACTION",
                "NOT_A_NUMBER",
                "LATE",
                "NEVER",
                "IGNORE_CANCEL"
            })
    void breaker_ofAModelThatFails_opensAndFailsAtOnce(Fault fault) throws Exception {
        FaultyModel model = FaultyModel.always(fault).returningAtOnce();
        try (CircuitBreakerModel breaker = breaker(model)) {
            tick(breaker, 5);
            assertThat(breaker.isOpen()).isTrue();
            assertThat(Questions.failure(ask(breaker)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("tried again in");
            assertThat(model.asked()).isEqualTo(5);
        }
    }

    @Test
    void breaker_ofABusyModel_staysClosed() {
        FaultyModel model = FaultyModel.always(Fault.BUSY).returningAtOnce();
        try (CircuitBreakerModel breaker = breaker(model)) {
            tick(breaker, 50);
            assertThat(breaker.isOpen()).isFalse();
            assertThat(model.asked()).isEqualTo(50);
        }
    }

    @Test
    void breaker_ofCallsGivenUpEarly_staysClosed() {
        FaultyModel model = FaultyModel.always(Fault.NEVER).returningAtOnce();
        try (CircuitBreakerModel breaker = breaker(model)) {
            for (int i = 0; i < 50; i++) {
                ask(breaker).cancel(true);
            }
            assertThat(breaker.isOpen()).isFalse();
        }
    }

    @Test
    void breaker_afterItsTime_letsTwoCallsThroughAndCloses() throws Exception {
        FaultyModel model =
                FaultyModel.by(call -> call < 5 ? Fault.FAIL : Fault.NONE).returningAtOnce();
        try (CircuitBreakerModel breaker = breaker(model)) {
            tick(breaker, 5);
            clock.advance(Duration.ofMillis(399));
            assertThat(Questions.failure(ask(breaker))).hasMessageContaining("in 1 ms");
            clock.jumpWallClock(Duration.ofHours(-5));
            clock.advance(Duration.ofMillis(2));
            assertThat(Questions.said(ask(breaker))).isEqualTo("flee");
            assertThat(Questions.said(ask(breaker))).isEqualTo("flee");
            assertThat(breaker.isOpen()).isFalse();
            tick(breaker, 20);
            assertThat(model.asked()).isEqualTo(27);
        }
    }

    @Test
    void breaker_halfOpenWithCallsThatNobodyEnds_opensAgainAfterTheirDeadline() throws Exception {
        FaultyModel model = FaultyModel.by(call -> call < 5 ? Fault.FAIL : Fault.IGNORE_CANCEL)
                .returningAtOnce();
        try (CircuitBreakerModel breaker = breaker(model)) {
            tick(breaker, 5);
            clock.advance(Duration.ofMillis(500));
            CompletableFuture<Answer> first = ask(breaker);
            CompletableFuture<Answer> second = ask(breaker);
            assertThat(first).isNotDone();
            assertThat(second).isNotDone();
            assertThat(Questions.failure(ask(breaker))).isInstanceOf(ModelUnavailableException.class);
            clock.advance(Duration.ofMillis(101));
            assertThat(Questions.failure(ask(breaker))).isInstanceOf(ModelUnavailableException.class);
            assertThat(breaker.isOpen()).isTrue();
            assertThat(model.asked()).isEqualTo(7);
        }
    }

    @Test
    void builder_withWrongSettings_isRefused() {
        CircuitBreakerModel.Builder builder = CircuitBreakerModel.builder(ScriptedModel.waiting());
        assertThatThrownBy(() -> builder.failureShare(1.5)).hasMessageContaining("1.5");
        assertThatThrownBy(() -> builder.window(2, 3)).hasMessageContaining("known");
        assertThatThrownBy(() -> builder.openFor(Duration.ZERO, 1)).hasMessageContaining("1 ms");
    }

    /** Asks as a loop does: what is not answered at the deadline is cancelled then. */
    private void tick(CircuitBreakerModel breaker, int times) {
        for (int i = 0; i < times; i++) {
            CompletableFuture<Answer> call = ask(breaker);
            if (!call.isDone()) {
                clock.advance(Duration.ofMillis(100));
                call.cancel(true);
            }
        }
        clock.advance(Duration.ofMillis(100));
    }

    private CircuitBreakerModel breaker(ReflexModel model) {
        return CircuitBreakerModel.builder(model).clock(clock).build();
    }

    private CompletableFuture<Answer> ask(CircuitBreakerModel breaker) {
        return breaker.ask(Questions.by("a"), Questions.within(100, clock));
    }
}
