package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/** What a loop tells its model ahead of a decision. */
class PrepareTest {
    private final ActionSchema schema = ActionSchema.builder("prepare")
            .action("wait", "")
            .action("fight", "")
            .idle("wait")
            .build();

    private static final class Listening implements ReflexModel {
        final Queue<Question> expected = new ConcurrentLinkedQueue<>();

        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return CompletableFuture.completedFuture(Answer.certain("listening", "fight"));
        }

        @Override
        public void prepare(Question question) {
            expected.add(question);
            throw new IllegalStateException("a model may break; the loop must not");
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }

    private static Perception tick(long tick) {
        return Perception.builder("bot", tick).fact("health", (double) tick).build();
    }

    @Test
    void goal_thatChanges_preparesTheModelWithTheLatestPerception() {
        Listening model = new Listening();
        try (ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            loop.decide(tick(1));
            loop.decide(tick(2));
            loop.goal(Goal.of("find the cave"));
            assertThat(model.expected).singleElement().satisfies(question -> {
                assertThat(question.goal()).isEqualTo(Goal.of("find the cave"));
                assertThat(question.perception().tick()).isEqualTo(2);
                assertThat(question.legal()).isEqualTo(schema.actions());
            });
            assertThat(loop.decide(tick(3)).action().name()).isEqualTo("fight");
        }
    }

    @Test
    void goal_thatStaysOrComesBeforeTheFirstTick_preparesNothing() {
        Listening model = new Listening();
        try (ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            loop.goal(Goal.of("survive"));
            loop.decide(tick(1));
            loop.goal(Goal.of("survive"));
            assertThat(List.copyOf(model.expected)).isEmpty();
        }
    }

    @Test
    void prepare_ofALimitedModel_isPassedOn() {
        Listening model = new Listening();
        try (ReflexModel limited = ReflexModel.limited(model, 1)) {
            limited.prepare(Question.about(schema, tick(1)));
            limited.prepare(Question.about(schema, tick(2)));
        }
        assertThat(model.expected).hasSize(2);
    }
}
