package dev.reflexloop.llm.decorator;

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
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.Relay;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets every model answer side questions: those that it leaves unanswered in the one call are asked in turn, each as a decision of its own
 * between its options, within the same deadline. Thread-safe.
 *
 * <p>One after the other, because a server with one slot has room for no more. Each is asked for an entity of its own, {@code
 * entity/question}, so that its prompt keeps its place in a prefix cache; its text is the goal, and the fact {@code decision} says what the
 * main answer favours, in place of one of the game's that has this name. Options that cannot be names of actions are asked for as {@code
 * option1}, {@code option2} and so on, and described by their text.
 *
 * <p>The main answer is never lost to a side question. It is given with the side answers that are known when one of them fails, when less
 * time is left than the longest call took, and at the latest 3 ms before the deadline; what is not answered is left out. It bears the id,
 * prompt and timings that the model gave it. A side question that the model cannot be asked, because it has no labels for the options, is
 * said once and not asked again: a model that was trained for one schema knows that schema's actions only. Behind a llama-server it takes a
 * slot more for each side question.
 */
public final class SideQuestionsModel extends Decorator {
    private static final Logger LOG = LoggerFactory.getLogger(SideQuestionsModel.class);
    private static final int MOST_LEFT_OUT = 1_024;
    private static final String DECISION = "decision";
    private static final Pattern NAME = Pattern.compile("[\\p{L}\\p{Nd}_.-]{1,64}");
    private static final long RESERVE_NANOS = TimeUnit.MILLISECONDS.toNanos(3);

    private final Alarm alarm;
    private final Set<String> unanswerable = ConcurrentHashMap.newKeySet();

    /**
     * Wraps a model.
     *
     * @param model the model; it is closed with the result
     */
    public SideQuestionsModel(ReflexModel model) {
        this(model, Alarm.onAThread(model.id()));
    }

    SideQuestionsModel(ReflexModel model, Alarm alarm) {
        super("sidequestions", guard(model));
        this.alarm = alarm;
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        if (question.sideQuestions().isEmpty()) {
            return inner().ask(question, deadline);
        }
        Turn turn = new Turn(question, deadline);
        turn.askMain();
        return turn;
    }

    @Override
    public void close() {
        alarm.close();
        super.close();
    }

    /* One question and those at its side. Its steps follow each other; only the alarm and who cancels come in between. */
    private final class Turn extends Relay<Answer> {
        private final Question question;
        private final Deadline deadline;
        private final Deadline sidesEnd;
        private final Deque<SideQuestion> open;
        private final Map<String, Map<String, Double>> answered = new LinkedHashMap<>();
        private long longestNanos;
        private volatile @Nullable Answer known;

        Turn(Question question, Deadline deadline) {
            this.question = question;
            this.deadline = deadline;
            this.sidesEnd = new Deadline(deadline.clock(), deadline.atNanos() - RESERVE_NANOS);
            this.open = new ArrayDeque<>(question.sideQuestions());
            open.removeIf(side -> unanswerable.contains(side.id()));
        }

        void askMain() {
            call(question, deadline, (answer, failure) -> {
                if (failure != null || answer == null || !answer.isSoundFor(question)) {
                    pass(answer, failure);
                    return;
                }
                answered.putAll(answer.sideAnswers());
                open.removeIf(side -> answered.containsKey(side.id()));
                known = answer;
                if (!open.isEmpty() && hasTime()) {
                    Alarm.Set set = alarm.in(sidesEnd.remainingNanos(), this::giveAtLast);
                    whenComplete((given, cancelled) -> set.takeBack());
                }
                askNext(answer);
            });
        }

        private void askNext(Answer main) {
            SideQuestion side = open.poll();
            if (side == null || isDone() || !hasTime()) {
                give();
                return;
            }
            List<String> names = names(side.options());
            Question alone = alone(side, names, main);
            call(alone, sidesEnd, (answer, failure) -> {
                if (failure != null || answer == null || !answer.isSoundFor(alone)) {
                    if (failure != null && cannotAsk(failure)) {
                        leaveOut(side, failure);
                    }
                    give();
                    return;
                }
                Map<String, Double> options = new LinkedHashMap<>();
                for (int i = 0; i < names.size(); i++) {
                    double probability = answer.probabilities().getOrDefault(names.get(i), 0.0);
                    options.merge(side.options().get(i), probability, Double::sum);
                }
                answered.put(side.id(), options);
                known = with(main, answered);
                askNext(main);
            });
        }

        private boolean hasTime() {
            return sidesEnd.remainingNanos() > longestNanos;
        }

        private void call(Question asked, Deadline until, BiConsumer<@Nullable Answer, @Nullable Throwable> then) {
            long begunNanos = deadline.clock().nanos();
            CompletableFuture<Answer> call = inner().ask(asked, until);
            follow(call);
            call.whenComplete((answer, failure) -> {
                longestNanos = Math.max(longestNanos, deadline.clock().nanos() - begunNanos);
                try {
                    then.accept(answer, failure);
                } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError unexpected) {
                    give(unexpected);
                }
            });
        }

        /** What is known, whatever went wrong; the failure where nothing is. */
        private void give(Throwable unexpected) {
            if (known == null) {
                fail(unexpected);
            } else {
                give();
            }
        }

        private void give() {
            pass(known, null);
        }

        private void giveAtLast() {
            give();
            cancelCall();
        }

        private Question alone(SideQuestion side, List<String> names, Answer main) {
            ActionSchema.Builder builder = ActionSchema.builder(side.id());
            for (int i = 0; i < names.size(); i++) {
                String option = side.options().get(i);
                builder.action(names.get(i), names.get(i).equals(option) ? "" : option);
            }
            ActionSchema schema = builder.idle(names.get(0)).build();
            Perception seen = question.perception();
            Map<String, Fact> facts = new LinkedHashMap<>(seen.facts());
            facts.put(DECISION, Fact.of(favourite(main)));
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
    }

    /** Such a question never becomes answerable, and a call that fails in every tick would look like a broken model. */
    private void leaveOut(SideQuestion side, Throwable failure) {
        if (unanswerable.size() < MOST_LEFT_OUT && unanswerable.add(side.id())) {
            LOG.warn(
                    "Side question '{}' is not asked any more, because model '{}' cannot answer it: {}",
                    side.id(),
                    inner().id(),
                    Relay.root(failure).getMessage());
        }
    }

    private static boolean cannotAsk(Throwable failure) {
        Throwable cause = Relay.root(failure);
        return cause instanceof UnusableModelException || cause.getCause() instanceof UnusableModelException;
    }

    private static List<String> names(List<String> options) {
        boolean usable = options.stream()
                        .allMatch(option ->
                                NAME.matcher(option).matches() && option.chars().noneMatch(SideQuestionsModel::isHalf))
                && new HashSet<>(options).size() == options.size();
        return usable
                ? options
                : IntStream.rangeClosed(1, options.size())
                        .mapToObj(number -> "option" + number)
                        .toList();
    }

    /** Actions are not named with letters that take two characters. */
    private static boolean isHalf(int character) {
        return Character.isSurrogate((char) character);
    }

    private static Answer with(Answer main, Map<String, Map<String, Double>> answered) {
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
