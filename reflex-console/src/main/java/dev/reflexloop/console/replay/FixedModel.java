package dev.reflexloop.console.replay;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.util.concurrent.CompletableFuture;

/** The baseline that a model should beat: one action, wherever it is legal. */
final class FixedModel implements ReflexModel {
    private final String action;

    FixedModel(String action) {
        this.action = action;
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return question.isLegal(action)
                ? CompletableFuture.completedFuture(Answer.certain(id(), action))
                : CompletableFuture.failedFuture(
                        new ModelUnavailableException(id(), "'" + action + "' is not legal here", null));
    }

    @Override
    public String id() {
        return "always:" + action;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }
}
