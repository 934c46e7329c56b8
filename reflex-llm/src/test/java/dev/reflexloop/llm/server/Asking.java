package dev.reflexloop.llm.server;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Target;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A small game, and questions about it to a real clock. */
final class Asking {
    static final ActionSchema SCHEMA = ActionSchema.builder("duel")
            .action("wait", "stand still")
            .action("fight", "attack")
            .action("flee", "run away")
            .targets("fight", perception -> List.of(Target.of("rat"), Target.of("wolf")))
            .idle("wait")
            .build();

    private Asking() {}

    static Question question(int health) {
        Perception perception =
                Perception.builder("hero", health).fact("health", health).build();
        return new Question(
                perception,
                Goal.of("survive"),
                SCHEMA,
                SCHEMA.actions(),
                Question.about(SCHEMA, perception).targets(),
                List.of());
    }

    static Deadline within(Duration budget) {
        return Deadline.in(budget, ReflexClock.system());
    }

    static Answer answer(ReflexModel model, Question question) throws Exception {
        return model.ask(question, within(Duration.ofSeconds(10))).get(10, TimeUnit.SECONDS);
    }

    static Throwable failure(CompletableFuture<Answer> call) throws Exception {
        try {
            throw new AssertionError("it answered " + call.get(10, TimeUnit.SECONDS));
        } catch (ExecutionException failure) {
            return failure.getCause();
        }
    }

    static Throwable failure(ReflexModel model, Question question) throws Exception {
        return failure(model.ask(question, within(Duration.ofSeconds(10))));
    }
}
