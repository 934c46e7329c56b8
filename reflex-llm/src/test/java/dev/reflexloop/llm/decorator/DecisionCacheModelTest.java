package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Answer;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Target;
import dev.reflexloop.Urgency;
import dev.reflexloop.llm.Bands;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.testkit.FaultyModel;
import dev.reflexloop.testkit.FaultyModel.Fault;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DecisionCacheModelTest {
    private final ManualClock clock = new ManualClock();
    private final ScriptedModel model = ScriptedModel.answering("wait");

    @Test
    void ask_theSameAgain_isAnsweredFromTheCacheAndSaysSo() {
        try (DecisionCacheModel cached = cache().build()) {
            Answer first = ask(cached, Questions.by("a"));
            Perception later = new Perception(
                    "another",
                    99,
                    clock.instant(),
                    Questions.by("a").perception().facts(),
                    List.of(),
                    Urgency.NORMAL);
            Answer again = ask(cached, Question.about(Questions.SCHEMA, later));
            assertThat(model.asked()).isEqualTo(1);
            assertThat(again.probabilities()).isEqualTo(first.probabilities());
            assertThat(first.model()).isEqualTo("scripted");
            assertThat(again.model()).isEqualTo("cached(scripted)");
            assertThat(cached.hits()).isEqualTo(1);
            assertThat(cached.misses()).isEqualTo(1);
        }
    }

    @Test
    void ask_whateverTheModelIsToldDiffers_asksTheModel() {
        Question base = Questions.by("a");
        List<Question> different = List.of(
                new Question(base.perception(), Goal.of("survive"), base.schema(), base.legal()),
                new Question(
                        base.perception(),
                        base.goal(),
                        base.schema(),
                        base.legal().subList(0, 2)),
                new Question(
                        base.perception(),
                        base.goal(),
                        base.schema(),
                        base.legal(),
                        Map.of("fight", List.of(Target.of("rat"))),
                        List.of()),
                new Question(
                        base.perception(),
                        base.goal(),
                        base.schema(),
                        base.legal(),
                        Map.of(),
                        List.of(SideQuestion.yesNo("danger", "Is it dangerous?"))),
                Questions.urgent("a"),
                Questions.offering("a", "yes"),
                Question.about(
                        Questions.SCHEMA,
                        Questions.perception("a").fact("armed", true).build()));
        try (DecisionCacheModel cached = cache().build()) {
            ask(cached, base);
            different.forEach(question -> ask(cached, question));
            assertThat(model.asked()).isEqualTo(1 + different.size());
            different.forEach(question -> ask(cached, question));
            assertThat(cached.hits()).isEqualTo(different.size());
        }
    }

    @Test
    void ask_withARenderer_takesNumbersOfOneBandForTheSame() {
        PlainRenderer renderer = PlainRenderer.builder()
                .bands("health", new Bands(List.of(50.0), List.of("low", "high")))
                .build();
        try (DecisionCacheModel cached = cache().renderedBy(renderer).build()) {
            for (int health : new int[] {80, 90, 10, 20}) {
                ask(
                        cached,
                        Question.about(
                                Questions.SCHEMA,
                                Perception.builder("a", 1)
                                        .fact("health", health)
                                        .build()));
            }
            assertThat(model.asked()).isEqualTo(2);
        }
    }

    @Test
    void ask_withAnotherAdapter_asksTheModel() {
        AtomicReference<String> adapter = new AtomicReference<>("first");
        try (DecisionCacheModel cached = cache().adapter(adapter::get).build()) {
            ask(cached, Questions.by("a"));
            adapter.set("second");
            ask(cached, Questions.by("a"));
            assertThat(model.asked()).isEqualTo(2);
        }
    }

    @Test
    void ask_withAnAdapterThatThrows_asksTheModel() {
        try (DecisionCacheModel cached = cache().adapter(() -> {
                    throw new IllegalStateException("no adapter");
                })
                .build()) {
            ask(cached, Questions.by("a"));
            ask(cached, Questions.by("a"));
            assertThat(model.asked()).isEqualTo(2);
        }
    }

    @Test
    void ask_afterTheAge_asksTheModel() {
        try (DecisionCacheModel cached = cache().age(Duration.ofSeconds(1)).build()) {
            ask(cached, Questions.by("a"));
            clock.advance(Duration.ofMillis(999));
            ask(cached, Questions.by("a"));
            assertThat(model.asked()).isEqualTo(1);
            clock.advance(Duration.ofMillis(2));
            ask(cached, Questions.by("a"));
            assertThat(model.asked()).isEqualTo(2);
        }
    }

    @Test
    void ask_ofMoreThanFits_forgetsSome() {
        try (DecisionCacheModel cached = cache().entries(10).build()) {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < 100; i++) {
                    ask(
                            cached,
                            Question.about(
                                    Questions.SCHEMA,
                                    Perception.builder("a", 1).fact("x", i).build()));
                }
            }
            assertThat(cached.hits()).isBetween(0L, 20L);
        }
    }

    @Test
    void invalidateAll_alsoForgetsWhatIsInFlight() {
        ScriptedModel slow = ScriptedModel.waiting();
        try (DecisionCacheModel cached =
                DecisionCacheModel.builder(slow).clock(clock).build()) {
            CompletableFuture<Answer> early = call(cached, Questions.by("a"));
            cached.invalidateAll();
            slow.answer("fight");
            assertThat(Questions.said(early)).isEqualTo("fight");
            assertThat(call(cached, Questions.by("a"))).isNotDone();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Fault.class,
            names = {"EMPTY", "ILLEGAL_ACTION", "NOT_A_NUMBER", "NEGATIVE", "SUM_TOO_LARGE", "NULL_PROBABILITY"})
    void ask_answeredUnsoundly_isNotRemembered(Fault fault) {
        FaultyModel faulty = FaultyModel.always(fault).returningAtOnce();
        try (DecisionCacheModel cached = DecisionCacheModel.of(faulty)) {
            call(cached, Questions.by("a"));
            call(cached, Questions.by("a"));
            assertThat(faulty.asked()).isEqualTo(2);
            assertThat(cached.hits()).isZero();
        }
    }

    @Test
    void builder_withWrongSettings_isRefused() {
        assertThatThrownBy(() -> cache().entries(0)).hasMessageContaining("at least 1");
        assertThatThrownBy(() -> cache().age(Duration.ZERO)).hasMessageContaining("above zero");
    }

    private DecisionCacheModel.Builder cache() {
        return DecisionCacheModel.builder(model).clock(clock);
    }

    private CompletableFuture<Answer> call(DecisionCacheModel cached, Question question) {
        return cached.ask(question, Questions.within(100, clock));
    }

    private Answer ask(DecisionCacheModel cached, Question question) {
        return call(cached, question).join();
    }
}
