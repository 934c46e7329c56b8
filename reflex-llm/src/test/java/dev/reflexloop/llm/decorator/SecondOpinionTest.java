package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Decision;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.Timings;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The models that ask twice: the cascade and the order swap. */
class SecondOpinionTest {
    private final ManualClock clock = new ManualClock();
    private final ScriptedModel unsure = ScriptedModel.answering(question -> spread(question, 0.4, 0.35, 0.25));

    // ---- cascade

    @Test
    void cascade_firstAnswerWithoutDoubt_asksNobodyElse() {
        ScriptedModel large = ScriptedModel.answering("flee");
        try (CascadeModel cascade = cascade(ScriptedModel.answering("fight"), large)) {
            assertThat(Questions.said(ask(cascade))).isEqualTo("fight");
            assertThat(large.asked()).isZero();
            assertThat(cascade.counts()).isEqualTo(new SecondOpinionCounts(1, 0, 0, 0));
        }
    }

    @Test
    void cascade_doubtfulAnswerAndTimeLeft_givesTheLargeModelsAnswer() {
        ScriptedModel large =
                ScriptedModel.answering("flee").after(Duration.ofMillis(50)).named("large");
        try (CascadeModel cascade = cascade(unsure, large)) {
            CompletableFuture<Answer> call = ask(cascade);
            assertThat(call).isNotDone();
            clock.advance(Duration.ofMillis(50));
            assertThat(Questions.said(call)).isEqualTo("flee");
            assertThat(cascade.counts()).isEqualTo(new SecondOpinionCounts(0, 1, 0, 0));
            assertThat(cascade.id()).isEqualTo("cascade(scripted,large)");
        }
    }

    @Test
    void cascade_largeModelThatIsLate_givesTheFirstAnswerBeforeTheDeadline() {
        ScriptedModel large = ScriptedModel.answering("flee").after(Duration.ofMillis(150));
        try (CascadeModel cascade = cascade(unsure, large)) {
            CompletableFuture<Answer> call = ask(cascade);
            clock.advance(Duration.ofMillis(96));
            assertThat(call).isNotDone();
            clock.advance(Duration.ofMillis(1));
            assertThat(Questions.said(call)).as("three milliseconds before").isEqualTo("wait");
            assertThat(large.cancelled()).isEqualTo(1);
            assertThat(cascade.counts()).isEqualTo(new SecondOpinionCounts(0, 0, 1, 0));
        }
    }

    @Test
    void cascade_largeModelThatWasLate_isNotAskedForAWhileAndThenFoundOut() {
        AtomicBoolean recovered = new AtomicBoolean();
        ScriptedModel slow = ScriptedModel.answering("flee").after(Duration.ofMillis(150));
        ScriptedModel quick = ScriptedModel.answering("flee").after(Duration.ofMillis(10));
        ModelRouter large = ModelRouter.builder(
                        (question, deadline) -> recovered.get() ? "quick" : "slow", ScriptedModel.waiting())
                .model("slow", slow)
                .model("quick", quick)
                .build();
        try (CascadeModel cascade = cascade(unsure, large)) {
            tick(cascade, 40);
            assertThat(slow.asked()).as("a few of 40").isBetween(2, 8);
            recovered.set(true);
            tick(cascade, 60);
            assertThat(quick.asked()).isGreaterThan(20);
            assertThat(cascade.counts().inTime()).isEqualTo(quick.asked());
        }
    }

    @Test
    void cascade_firstModelThatFails_asksTheOther() {
        ScriptedModel large = ScriptedModel.answering("flee");
        try (CascadeModel cascade =
                cascade(FaultyModel.always(Fault.UNAVAILABLE).returningAtOnce(), large)) {
            assertThat(Questions.said(ask(cascade))).isEqualTo("flee");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"THROW_FROM_ASK", "NULL_FUTURE", "FAIL", "BUSY", "NULL_ANSWER", "EMPTY", "NOT_A_NUMBER"})
    void cascade_largeModelThatFails_givesTheFirstAnswer(Fault fault) {
        try (CascadeModel cascade = cascade(unsure, FaultyModel.always(fault).returningAtOnce())) {
            assertThat(Questions.said(ask(cascade))).isEqualTo("wait");
        }
    }

    @Test
    void cascade_bothFail_failsWithTheFirst() throws Exception {
        try (CascadeModel cascade = cascade(
                FaultyModel.always(Fault.UNAVAILABLE).returningAtOnce(),
                FaultyModel.always(Fault.FAIL).returningAtOnce())) {
            assertThat(Questions.failure(ask(cascade))).hasMessageContaining("plays dead");
        }
    }

    @Test
    void cascade_cancelledWhileTheLargeModelWorks_cancelsIt() {
        ScriptedModel large = ScriptedModel.waiting();
        try (CascadeModel cascade = cascade(unsure, large)) {
            ask(cascade).cancel(true);
            assertThat(large.cancelled()).isEqualTo(1);
            clock.advance(Duration.ofMillis(200));
            assertThat(cascade.counts().late())
                    .as("the alarm finds nothing to do")
                    .isZero();
        }
    }

    @Test
    void cascade_ofLowLegalMass_isDoubtful() {
        ScriptedModel outOfScope = ScriptedModel.answering(question -> new Answer(
                "m",
                Optional.empty(),
                ScriptedModel.favouring(question, "fight").probabilities(),
                OptionalDouble.of(0.2),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Timings.unknown()));
        try (CascadeModel cascade = cascade(outOfScope, ScriptedModel.answering("flee"))) {
            assertThat(Questions.said(ask(cascade))).isEqualTo("flee");
        }
    }

    @Test
    void cascade_inALoopWhoseLargeModelHangs_servesTheFirstAnswerInTime() {
        CascadeModel cascade = cascade(unsure, FaultyModel.always(Fault.NEVER).returningAtOnce());
        try (cascade;
                ReflexLoop loop = ReflexLoop.builder(Questions.SCHEMA, cascade)
                        .clock(clock)
                        .budget(Duration.ofMillis(100))
                        .build()) {
            Decision decision = loop.decide(Questions.perception("a").build());
            assertThat(decision.served()).isEqualTo(Served.MODEL);
            assertThat(decision.late()).isFalse();
            assertThat(decision.latency()).isEqualTo(Duration.ofMillis(93)); // the loop keeps 4 ms, the cascade 3
        }
    }

    @Test
    void cascade_onTheSystemClock_servesTheFirstAnswerInTimeByItsOwnThread() {
        try (CascadeModel cascade = CascadeModel.builder(unsure, FaultyModel.always(Fault.STALL_IN_ASK))
                        .reserve(Duration.ofMillis(700)) // a busy machine wakes threads late
                        .build();
                ReflexLoop loop = ReflexLoop.builder(Questions.SCHEMA, cascade)
                        .budget(Duration.ofSeconds(2))
                        .build()) {
            Decision decision = loop.decide(Questions.perception("a").build());
            assertThat(decision.because()).isEmpty();
            assertThat(decision.served()).isEqualTo(Served.MODEL);
        }
    }

    // ---- order swap

    @Test
    void orderSwap_ofAModelThatPrefersEarlyPlaces_cancelsThePreference() {
        ScriptedModel biased = ScriptedModel.answering(question -> preferringEarly(question, Map.of("flee", 1.2)));
        Question question = Questions.by("a");
        try (OrderSwapModel swap = swap(biased, 0.5)) {
            assertThat(Questions.said(biased.ask(question, within100())))
                    .as("alone it is fooled")
                    .isEqualTo("wait");
            Answer answer = swap.ask(question, within100()).join();
            assertThat(answer.probabilities().get("flee")).isCloseTo(1.2 / 3.2, within(1e-6));
            assertThat(answer.probabilities().get("wait")).isCloseTo(1 / 3.2, within(1e-6));
            assertThat(answer.model()).isEqualTo("orderswap(scripted)");
        }
    }

    /** Each place is half as likely as the one before, whatever stands there. */
    private static Answer preferringEarly(Question question, Map<String, Double> belief) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        double sum = 0;
        double place = 1;
        for (Action action : question.schema().actions()) {
            double weight = belief.getOrDefault(action.name(), 1.0) * place;
            probabilities.put(action.name(), weight);
            sum += weight;
            place /= 2;
        }
        double total = sum;
        probabilities.replaceAll((name, weight) -> weight / total);
        return Answer.of("biased", probabilities);
    }

    @Test
    void orderSwap_ofACloseCall_asksWithReversedActionsAndAnotherEntity() {
        try (OrderSwapModel swap = swap(unsure, 0.2)) {
            ask(swap);
            ask(swap);
            List<Question> asked = unsure.questions();
            assertThat(asked).hasSize(4);
            Question reversed = asked.get(1);
            assertThat(reversed.perception().entity()).isEqualTo("a~reversed");
            assertThat(reversed.schema().actions()).extracting(Action::name).containsExactly("flee", "fight", "wait");
            assertThat(reversed.legal()).extracting(Action::name).containsExactly("flee", "fight", "wait");
            assertThat(reversed.schema().name()).isEqualTo(Questions.SCHEMA.name());
            assertThat(reversed.schema().idle()).isEqualTo(Questions.SCHEMA.idle());
            assertThat(asked.get(3).schema()).as("the same view").isSameAs(reversed.schema());
        }
    }

    @Test
    void orderSwap_ofAClearAnswer_isTheModelsOwn() {
        ScriptedModel sure = ScriptedModel.answering("flee");
        try (OrderSwapModel swap = swap(sure, 0.2)) {
            assertThat(ask(swap).join().model()).isEqualTo("scripted");
            assertThat(sure.asked()).isEqualTo(1);
        }
    }

    @Test
    void orderSwap_ofAPromptWithoutOrder_isTriedOnce() {
        ScriptedModel fused = ScriptedModel.answering(question -> new Answer(
                "m",
                Optional.empty(),
                spread(question, 0.4, 0.35, 0.25).probabilities(),
                OptionalDouble.empty(),
                Map.of(),
                Map.of(),
                Optional.of("<health=80><act>"),
                Timings.unknown()));
        try (OrderSwapModel swap = swap(fused, 0.2)) {
            ask(swap);
            ask(swap);
            ask(swap);
            assertThat(fused.asked()).isEqualTo(4);
        }
    }

    @Test
    void orderSwap_firstAnswerFails_isNotAskedAgain() {
        FaultyModel dead = FaultyModel.always(Fault.UNAVAILABLE).returningAtOnce();
        try (OrderSwapModel swap = OrderSwapModel.of(dead)) {
            assertThat(ask(swap)).isCompletedExceptionally();
            assertThat(dead.asked()).isEqualTo(1);
        }
    }

    @Test
    void builders_withWrongSettings_areRefused() {
        assertThatThrownBy(() -> CascadeModel.builder(unsure, unsure).margin(2)).hasMessageContaining("margin");
        assertThatThrownBy(() -> OrderSwapModel.builder(unsure).margin(0)).hasMessageContaining("margin");
        assertThatThrownBy(() -> OrderSwapModel.builder(unsure).reserve(Duration.ofMillis(-1)))
                .hasMessageContaining("reserve");
    }

    private static Answer spread(Question question, double... shares) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        List<String> names =
                Questions.SCHEMA.actions().stream().map(Action::name).toList();
        for (int i = 0; i < shares.length; i++) {
            if (question.isLegal(names.get(i))) {
                probabilities.put(names.get(i), shares[i]);
            }
        }
        return Answer.of("unsure", probabilities);
    }

    /** Asks as a loop does, and gives what is not answered up at the deadline. */
    private void tick(CascadeModel cascade, int times) {
        for (int i = 0; i < times; i++) {
            CompletableFuture<Answer> call = ask(cascade);
            clock.advance(Duration.ofMillis(100));
            assertThat(Questions.said(call)).isNotBlank();
        }
    }

    private CascadeModel cascade(ReflexModel cheap, ReflexModel large) {
        return CascadeModel.builder(cheap, large).alarm(onTheClock()).build();
    }

    private OrderSwapModel swap(ScriptedModel model, double margin) {
        return OrderSwapModel.builder(model).margin(margin).alarm(onTheClock()).build();
    }

    private Alarm onTheClock() {
        return (nanos, task) -> {
            AtomicBoolean takenBack = new AtomicBoolean();
            clock.schedule(Duration.ofNanos(nanos), () -> {
                if (!takenBack.get()) {
                    task.run();
                }
            });
            return () -> takenBack.set(true);
        };
    }

    private CompletableFuture<Answer> ask(ReflexModel model) {
        return model.ask(Questions.by("a"), within100());
    }

    private Deadline within100() {
        return Questions.within(100, clock);
    }
}
