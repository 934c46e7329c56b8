package dev.reflexloop.llm.decorator;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** What the decorators are asked in their tests. */
final class Questions {
    static final ActionSchema SCHEMA = ActionSchema.builder("decorated")
            .action("wait", "stand still")
            .action("fight", "attack")
            .action("flee", "run away")
            .idle("wait")
            .build();

    private Questions() {}

    static Question by(String entity) {
        return Question.about(SCHEMA, perception(entity).build());
    }

    static Question urgent(String entity) {
        return Question.about(SCHEMA, perception(entity).urgent().build());
    }

    static Question offering(String entity, String... choices) {
        return Question.about(
                SCHEMA, perception(entity).choices(List.of(choices)).build());
    }

    static Perception.Builder perception(String entity) {
        return Perception.builder(entity, 1).fact("health", 80).fact("place", "Seyda Neen");
    }

    static Deadline within(long millis, ReflexClock clock) {
        return Deadline.in(Duration.ofMillis(millis), clock);
    }

    /** The most probable action of an answer that is there already. */
    static String said(CompletableFuture<Answer> call) {
        Answer answer = call.getNow(null);
        if (answer == null) {
            throw new AssertionError("not answered yet");
        }
        return answer.probabilities().entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .orElseThrow()
                .getKey();
    }

    /** What a call failed with, waiting for it. */
    static Throwable failure(CompletableFuture<Answer> call) throws InterruptedException, TimeoutException {
        try {
            throw new AssertionError("answered " + call.get(20, TimeUnit.SECONDS) + " instead of failing");
        } catch (ExecutionException failed) {
            return failed.getCause();
        }
    }
}
