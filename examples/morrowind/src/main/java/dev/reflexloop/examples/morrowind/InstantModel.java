package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** What a model is compared with: something in its place that answers at once, with one action and no doubt. Thread-safe. */
final class InstantModel implements ReflexModel {
    private final String id;
    private final Function<Question, Action> choice;

    /**
     * Puts a choice in the place of a model.
     *
     * @param id its name in records
     * @param choice picks one of the legal actions; any thread
     */
    InstantModel(String id, Function<Question, Action> choice) {
        this.id = id;
        this.choice = choice;
    }

    /** Any of the legal actions, each as likely as the others. */
    static InstantModel random(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        return new InstantModel("random", question -> {
            List<Action> legal = question.legal();
            synchronized (random) {
                return legal.get(random.nextInt(legal.size()));
            }
        });
    }

    /**
     * The same action wherever it is legal, and waiting elsewhere.
     *
     * @throws IllegalArgumentException if the schema has no such action
     */
    static InstantModel always(ActionSchema schema, String action) {
        Action wanted = schema.actions().stream()
                .filter(each -> each.name().equals(action))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no action '" + action + "'; use one of "
                        + schema.actions().stream().map(Action::name).toList()));
        return new InstantModel(
                "always-" + action, question -> question.legal().contains(wanted) ? wanted : schema.idle());
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return CompletableFuture.completedFuture(
                Answer.certain(id, choice.apply(question).name()));
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }
}
