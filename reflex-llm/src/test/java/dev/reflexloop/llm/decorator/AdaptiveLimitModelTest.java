package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class AdaptiveLimitModelTest {
    private final ManualClock clock = new ManualClock();

    @Test
    void ask_overTheLimit_isBusyAtOnceAndAnswersFreeTheirPlace() throws Exception {
        ScriptedModel model = ScriptedModel.waiting();
        try (AdaptiveLimitModel limited = limit(model)) {
            for (int i = 0; i < 3; i++) {
                assertThat(ask(limited)).isNotDone();
            }
            assertThat(Questions.failure(ask(limited)))
                    .isInstanceOf(ModelBusyException.class)
                    .hasMessageContaining("3 now");
            model.answer("flee");
            assertThat(limited.inFlight()).isEqualTo(2);
            assertThat(ask(limited)).isNotDone();
        }
    }

    @Test
    void limit_whileDeadlinesAreMet_growsByOneAWindow() {
        try (AdaptiveLimitModel limited = limit(ScriptedModel.answering("flee").after(Duration.ofMillis(20)))) {
            int before = limited.limit();
            for (int window = 0; window < 5; window++) {
                rounds(limited, 10);
            }
            assertThat(limited.limit()).isBetween(before + 3, before + 5);
            assertThat(limited.inFlight()).isZero();
        }
    }

    @Test
    void limit_ofAServerThatBearsEight_settlesThere() {
        ReflexModel server = new Loaded(clock, new AtomicInteger());
        try (AdaptiveLimitModel limited = limit(server)) {
            int lowest = Integer.MAX_VALUE;
            int highest = 0;
            for (int window = 0; window < 200; window++) {
                rounds(limited, 10);
                if (window > 100) {
                    lowest = Math.min(lowest, limited.limit());
                    highest = Math.max(highest, limited.limit());
                }
            }
            assertThat(lowest).isGreaterThanOrEqualTo(6);
            assertThat(highest).isLessThanOrEqualTo(10);
        }
    }

    /** Works on all calls at once: each takes eleven milliseconds for every call in flight, so that nine are too many for 95 ms. */
    private record Loaded(ManualClock clock, AtomicInteger inFlight) implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            CompletableFuture<Answer> call = new CompletableFuture<>();
            clock.schedule(Duration.ofMillis(inFlight.incrementAndGet() * 11L), () -> {
                inFlight.decrementAndGet();
                call.complete(ScriptedModel.favouring(question, "flee"));
            });
            return call;
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }

    @Test
    void limit_whileDeadlinesAreMissed_shrinksToTheLowest() {
        FaultyModel model = FaultyModel.always(Fault.NEVER).returningAtOnce();
        try (AdaptiveLimitModel limited = AdaptiveLimitModel.builder(model)
                .initial(20)
                .between(2, 64)
                .clock(clock)
                .build()) {
            for (int window = 0; window < 60; window++) {
                rounds(limited, 10);
            }
            assertThat(limited.limit()).isEqualTo(2);
        }
    }

    @Test
    void limit_ofCallsThatAreGivenUpEarlyOrFail_stays() {
        FaultyModel model =
                FaultyModel.inTurn(Fault.UNAVAILABLE, Fault.FAIL, Fault.NEVER).returningAtOnce();
        try (AdaptiveLimitModel limited = limit(model)) {
            for (int i = 0; i < 300; i++) {
                ask(limited).cancel(true);
                clock.advance(Duration.ofMillis(20));
            }
            assertThat(limited.limit()).isEqualTo(3);
            assertThat(limited.inFlight()).isZero();
        }
    }

    @Test
    void inFlight_ofACallThatIgnoresCancelling_holdsItsPlace() throws Exception {
        FaultyModel model = FaultyModel.always(Fault.IGNORE_CANCEL).returningAtOnce();
        try (AdaptiveLimitModel limited = limit(model)) {
            for (int i = 0; i < 3; i++) {
                ask(limited).cancel(true);
            }
            assertThat(Questions.failure(ask(limited))).isInstanceOf(ModelBusyException.class);
        }
    }

    @Test
    void builder_withBoundsThatContradict_isRefused() {
        assertThatThrownBy(() -> AdaptiveLimitModel.builder(ScriptedModel.waiting())
                        .initial(3)
                        .between(4, 5)
                        .build())
                .hasMessageContaining("lowest <= initial <= highest");
    }

    /** Several rounds of 100 ms in which as many questions are asked as the limit takes, all with the round's end as their deadline. */
    private void rounds(AdaptiveLimitModel limited, int rounds) {
        for (int round = 0; round < rounds; round++) {
            List<CompletableFuture<Answer>> calls = new ArrayList<>();
            for (int i = 0; i < limited.limit(); i++) {
                calls.add(limited.ask(Questions.by("bot" + i), Questions.within(100, clock)));
            }
            clock.advance(Duration.ofMillis(100));
            calls.forEach(call -> call.cancel(true));
        }
    }

    private AdaptiveLimitModel limit(ReflexModel model) {
        return AdaptiveLimitModel.builder(model).clock(clock).build();
    }

    private CompletableFuture<Answer> ask(AdaptiveLimitModel limited) {
        return limited.ask(Questions.by("a"), Questions.within(100, clock));
    }
}
