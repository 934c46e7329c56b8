package dev.reflexloop.llm.decorator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SideQuestionsModelTest {
    private final ManualClock clock = new ManualClock();

    private final Question question = asking(
            SideQuestion.yesNo("restart", "Should restart be done now?"),
            SideQuestion.yesNo("page", "Should page be done now?"));

    private static Question asking(SideQuestion... sides) {
        return new Question(
                Questions.perception("host").build(),
                Goal.none(),
                Questions.SCHEMA,
                Questions.SCHEMA.actions(),
                Map.of(),
                List.of(sides));
    }

    private CompletableFuture<Answer> ask(ReflexModel model) {
        return ask(model, question);
    }

    /** The alarm of the clock, for one call; a model whose answers do not wait needs none. */
    private CompletableFuture<Answer> ask(ReflexModel model, Question asked) {
        SideQuestionsModel inTurn = new SideQuestionsModel(model, (nanos, task) -> {
            clock.schedule(Duration.ofNanos(nanos), task);
            return () -> {};
        });
        return inTurn.ask(asked, Deadline.in(Duration.ofSeconds(5), clock));
    }

    private static ScriptedModel yesTo(String name) {
        return ScriptedModel.answering(asked -> ScriptedModel.favouring(
                asked, asked.goal().text().contains(name) ? "yes" : asked.isLegal("no") ? "no" : "flee"));
    }

    @Test
    void ask_modelWithoutSideAnswers_isAskedEachInTurn() {
        ScriptedModel model = yesTo("page");
        Answer answer = ask(model).join();

        assertThat(answer.probabilities()).containsEntry("flee", 0.9);
        assertThat(answer.sideAnswers().get("restart")).containsEntry("no", 0.9);
        assertThat(answer.sideAnswers().get("page")).containsEntry("yes", 0.9);
        assertThat(model.mostOpen()).isEqualTo(1);
        Question last = model.questions().get(2);
        assertThat(last.perception().entity()).isEqualTo("host/page");
        assertThat(last.perception().text("decision", "")).isEqualTo("flee");
        assertThat(last.goal().text()).isEqualTo("Should page be done now?");
    }

    @Test
    void ask_modelWithSideAnswers_isAskedOnce() {
        ScriptedModel model = ScriptedModel.answering(asked -> withSides(ScriptedModel.favouring(asked, "flee"), 0.2));
        Answer answer = ask(model).join();

        assertThat(model.asked()).isEqualTo(1);
        assertThat(answer.sideAnswers().get("page")).containsEntry("yes", 0.2);
    }

    @Test
    void ask_tooLittleTimeForTheNext_keepsWhatIsKnown() {
        CompletableFuture<Answer> answer = ask(yesTo("page").after(Duration.ofSeconds(2)));
        clock.advance(Duration.ofSeconds(4));

        assertThat(answer).isCompleted();
        assertThat(answer.join().probabilities()).containsEntry("flee", 0.9);
        assertThat(answer.join().sideAnswers()).containsOnlyKeys("restart");
    }

    @Test
    void ask_sideQuestionThatFails_keepsTheMainAnswer() {
        ScriptedModel model = ScriptedModel.answering(asked -> {
            if (asked.isLegal("yes")) {
                throw new ModelUnavailableException("scripted", "it has no room", null);
            }
            return ScriptedModel.favouring(asked, "flee");
        });
        Answer answer = ask(model).join();

        assertThat(answer.probabilities()).containsEntry("flee", 0.9);
        assertThat(answer.sideAnswers()).isEmpty();
        assertThat(model.asked()).isEqualTo(2);
    }

    @Test
    void ask_mainQuestionThatFails_failsLikeTheModel() {
        ScriptedModel model = ScriptedModel.answering(asked -> {
            throw new ModelUnavailableException("scripted", "it is down", null);
        });

        assertThat(ask(model))
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(ModelUnavailableException.class);
        assertThat(model.asked()).isEqualTo(1);
    }

    @Test
    void cancel_duringASideQuestion_reachesTheModel() {
        ScriptedModel model = ScriptedModel.waiting();
        CompletableFuture<Answer> answer = ask(model);
        model.answer("flee");
        assertThat(model.open()).isEqualTo(1);
        answer.cancel(true);

        assertThat(model.cancelled()).isEqualTo(1);
        assertThat(model.open()).isZero();
        assertThat(model.asked()).isEqualTo(2);
    }

    @Test
    void ask_sideQuestionThatNeverEnds_isGivenUpBeforeTheDeadline() {
        ScriptedModel model = ScriptedModel.waiting();
        CompletableFuture<Answer> answer = ask(model);
        model.answer("flee");
        clock.advance(Duration.ofMillis(4_996));
        assertThat(answer).isNotDone();
        clock.advance(Duration.ofMillis(1));

        assertThat(Questions.said(answer)).isEqualTo("flee");
        assertThat(model.cancelled()).isEqualTo(1);
        assertThat(model.open()).isZero();
    }

    @Test
    void ask_optionsThatAreNoNames_areDescribedAndAnsweredByTheirText() {
        ScriptedModel model = ScriptedModel.answering(
                asked -> ScriptedModel.favouring(asked, asked.isLegal("option2") ? "option2" : "flee"));
        Question gift = asking(new SideQuestion("gift", "What is given?", List.of("nothing", "the old sword")));
        Answer answer = ask(model, gift).join();

        assertThat(answer.sideAnswers().get("gift")).containsEntry("the old sword", 0.9);
        assertThat(model.questions().get(1).legal())
                .extracting(Action::description)
                .containsExactly("nothing", "the old sword");
    }

    @Test
    void ask_optionsThatNoActionIsNamedBy_areAskedByOtherNames() {
        SideQuestion side = new SideQuestion("script", "Which letter?", List.of("\uD801\uDC00", "b"));
        ScriptedModel model = ScriptedModel.answering(asked -> ScriptedModel.favouring(
                asked,
                asked.schema()
                        .actions()
                        .get(asked.schema().actions().size() - 1)
                        .name()));
        Answer answer = ask(model, asking(side)).join();
        assertThat(answer.sideAnswers().get("script")).containsEntry("b", 0.9);
    }

    @Test
    void ask_sideQuestionThatTheModelCannotBeAsked_isLeftOutFromThenOn() {
        ScriptedModel model = ScriptedModel.answering(asked -> {
            if (asked.isLegal("yes")) {
                throw new UnusableModelException("scripted", "it has no label for 'yes'", null);
            }
            return ScriptedModel.favouring(asked, "flee");
        });
        SideQuestionsModel inTurn = new SideQuestionsModel(model, (nanos, task) -> () -> {});
        Deadline deadline = Deadline.in(Duration.ofSeconds(5), clock);
        for (int i = 0; i < 5; i++) {
            assertThat(inTurn.ask(question, deadline).join().probabilities()).containsEntry("flee", 0.9);
        }
        assertThat(model.asked())
                .as("five decisions, and each side question once")
                .isEqualTo(5 + 2);
    }

    @Test
    void ask_stepThatFails_givesWhatIsKnown() {
        ScriptedModel model = yesTo("page");
        ReflexModel throwing = new ReflexModel() {
            @Override
            public CompletableFuture<Answer> ask(Question asked, Deadline deadline) {
                if (asked.isLegal("yes")) {
                    throw new AssertionError("a bug");
                }
                return model.ask(asked, deadline);
            }
        };
        assertThat(ask(throwing).join().probabilities()).containsEntry("flee", 0.9);
    }

    @Test
    void ask_questionWithoutSideQuestions_isTheModelsOwnCall() {
        ScriptedModel model = yesTo("page");
        Answer answer = ask(model, asking()).join();

        assertThat(answer.sideAnswers()).isEmpty();
        assertThat(model.asked()).isEqualTo(1);
    }

    private static Answer withSides(Answer plain, double yes) {
        Map<String, Double> options = Map.of("yes", yes, "no", 1 - yes);
        return new Answer(
                plain.model(),
                plain.adapter(),
                plain.probabilities(),
                plain.legalMass(),
                plain.targets(),
                Map.of("restart", options, "page", options),
                plain.prompt(),
                plain.timings());
    }
}
