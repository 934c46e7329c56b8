package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.testkit.ManualClock;
import dev.reflexloop.testkit.ScriptedModel;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class SideQuestionsInTurnTest {
    private final ManualClock clock = new ManualClock();

    private final Question question = new Question(
            Perception.builder("host", 1).fact("disk", 3).build(),
            Goal.none(),
            Severity.schema(),
            Severity.schema().actions(),
            Map.of(),
            List.of(
                    SideQuestion.yesNo("restart", "Should restart be done now?"),
                    SideQuestion.yesNo("page", "Should page be done now?")));

    private CompletableFuture<Answer> ask(ReflexModel model) {
        return new SideQuestionsInTurn(model).ask(question, Deadline.in(Duration.ofSeconds(5), clock));
    }

    private static ScriptedModel yesTo(String name) {
        return ScriptedModel.answering(asked -> ScriptedModel.favouring(
                asked, asked.goal().text().contains(name) ? "yes" : asked.isLegal("no") ? "no" : "critical"));
    }

    @Test
    void ask_modelWithoutSideAnswers_isAskedEachInTurn() {
        ScriptedModel model = yesTo("page");
        Answer answer = ask(model).join();

        assertThat(answer.probabilities()).containsEntry("critical", 0.9);
        assertThat(answer.sideAnswers().get("restart")).containsEntry("no", 0.9);
        assertThat(answer.sideAnswers().get("page")).containsEntry("yes", 0.9);
        assertThat(model.mostOpen()).isEqualTo(1);
        Question last = model.questions().get(2);
        assertThat(last.perception().entity()).isEqualTo("host/page");
        assertThat(last.perception().text("rated", "")).isEqualTo("critical");
        assertThat(last.goal().text()).isEqualTo("Should page be done now?");
    }

    @Test
    void ask_modelWithSideAnswers_isAskedOnce() {
        ScriptedModel model = Beat.rating("ok", 0.2);
        Answer answer = ask(model).join();

        assertThat(model.asked()).isEqualTo(1);
        assertThat(answer.sideAnswers().get("page")).containsEntry("yes", 0.2);
    }

    @Test
    void ask_tooLittleTimeForTheNext_keepsWhatIsKnown() {
        CompletableFuture<Answer> answer = ask(yesTo("page").after(Duration.ofSeconds(2)));
        clock.advance(Duration.ofSeconds(4));

        assertThat(answer).isCompleted();
        assertThat(answer.join().probabilities()).containsEntry("critical", 0.9);
        assertThat(answer.join().sideAnswers()).containsOnlyKeys("restart");
    }

    @Test
    void ask_sideQuestionThatFails_keepsTheMainAnswer() {
        ScriptedModel model = ScriptedModel.answering(asked -> {
            if (asked.isLegal("yes")) {
                throw new ModelUnavailableException("scripted", "it has no room", null);
            }
            return ScriptedModel.favouring(asked, "ok");
        });
        Answer answer = ask(model).join();

        assertThat(answer.probabilities()).containsEntry("ok", 0.9);
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
        model.answer("ok");
        assertThat(model.open()).isEqualTo(1);
        answer.cancel(true);

        assertThat(model.cancelled()).isEqualTo(1);
        assertThat(model.open()).isZero();
        assertThat(model.asked()).isEqualTo(2);
    }
}
