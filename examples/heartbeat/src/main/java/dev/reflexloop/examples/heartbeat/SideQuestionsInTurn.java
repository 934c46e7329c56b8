package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.SideQuestion;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Lets every model answer side questions. What a model leaves unanswered in the one call is asked again, each side question as a decision
 * of its own between its options, one after the other and within the same deadline. Thread-safe.
 *
 * <p>One after the other, because a server with one slot has room for no more. Each is asked for an entity of its own, {@code
 * entity/question}, so that its prompt keeps its place in a prefix cache, and is told in the fact {@code rated} what the main answer was.
 * When less time is left than the longest question took, or one fails, the remaining ones stay unanswered and the answer is given as far
 * as it is known: a state that was rated in time is rated, whatever became of the rest.
 */
final class SideQuestionsInTurn implements ReflexModel {
    private static final String RATED = "rated";

    private final ReflexModel model;

    SideQuestionsInTurn(ReflexModel model) {
        this.model = model;
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        Turn turn = new Turn(question, deadline);
        turn.begin();
        return turn;
    }

    @Override
    public void prepare(Question expected) {
        model.prepare(expected);
    }

    @Override
    public String id() {
        return model.id();
    }

    @Override
    public boolean returnsAtOnce() {
        return model.returnsAtOnce();
    }

    @Override
    public void close() {
        model.close();
    }

    /** One question and those at its side. Its steps follow each other, so that only what a cancelling thread reads is volatile. */
    private final class Turn extends CompletableFuture<Answer> {
        private final Question question;
        private final Deadline deadline;
        private final Deque<SideQuestion> open = new ArrayDeque<>();
        private final Map<String, Map<String, Double>> answered = new LinkedHashMap<>();
        private long beganNanos;
        private long longestNanos;
        private volatile @Nullable CompletableFuture<Answer> current;

        Turn(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
        }

        @Override
        public <U> CompletableFuture<U> newIncompleteFuture() {
            return new CompletableFuture<>();
        }

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            boolean cancelled = super.cancel(mayInterruptIfRunning);
            stopIfCancelled();
            return cancelled;
        }

        private void stopIfCancelled() {
            CompletableFuture<Answer> asked = current;
            if (asked != null && isCancelled()) {
                asked.cancel(true);
            }
        }

        void begin() {
            call(question).whenComplete((answer, failure) -> {
                if (answer == null) {
                    completeExceptionally(failure);
                    return;
                }
                answered.putAll(answer.sideAnswers());
                question.sideQuestions().stream()
                        .filter(side -> !answered.containsKey(side.id()))
                        .forEach(open::add);
                next(answer);
            });
        }

        private CompletableFuture<Answer> call(Question asked) {
            beganNanos = deadline.clock().nanos();
            CompletableFuture<Answer> call = model.ask(asked, deadline);
            current = call;
            stopIfCancelled();
            return call;
        }

        private void next(Answer main) {
            longestNanos = Math.max(longestNanos, deadline.clock().nanos() - beganNanos);
            SideQuestion side = open.poll();
            if (side == null || isDone() || !main.isSoundFor(question) || deadline.remainingNanos() <= longestNanos) {
                complete(with(main));
                return;
            }
            Question alone = alone(side, main);
            call(alone).whenComplete((answer, failure) -> {
                if (answer == null || !answer.isSoundFor(alone)) {
                    complete(with(main));
                } else {
                    answered.put(side.id(), answer.probabilities());
                    next(main);
                }
            });
        }

        private Question alone(SideQuestion side, Answer main) {
            ActionSchema.Builder options = ActionSchema.builder(side.id());
            side.options().forEach(option -> options.action(option, ""));
            ActionSchema schema = options.idle(side.options().get(0)).build();
            Perception seen = question.perception();
            Map<String, Fact> facts = new LinkedHashMap<>(seen.facts());
            facts.put(RATED, Fact.of(favourite(main)));
            Perception own = new Perception(
                    seen.entity() + '/' + side.id(), seen.tick(), seen.at(), facts, seen.choices(), seen.urgency());
            return new Question(own, Goal.of(side.text()), schema, schema.actions());
        }

        private String favourite(Answer main) {
            return question.legal().stream()
                    .map(Action::name)
                    .max(Comparator.comparingDouble(name -> main.probabilities().getOrDefault(name, 0.0)))
                    .orElse("");
        }

        private Answer with(Answer main) {
            return new Answer(
                    main.model(),
                    main.adapter(),
                    main.probabilities(),
                    main.legalMass(),
                    main.targets(),
                    answered,
                    main.prompt(),
                    main.timings());
        }
    }

    /** The questions that ride along, for the actions of a monitor: each is its own question, so that any number can be taken. */
    static List<SideQuestion> about(List<HookSettings> hooks) {
        return hooks.stream()
                .map(hook -> SideQuestion.yesNo(
                        hook.name(), "Should " + hook.name() + " be done now? It means: " + hook.description()))
                .toList();
    }
}
