package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Goal;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ReflexModel} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MyModelContractTest extends ReflexModelContractTest {
 *     protected ReflexModel createModel() {
 *         return new MyModel("http://127.0.0.1:8082");
 *     }
 * }
 * }</pre>
 *
 * <p>Each test makes a model of its own and closes it. The tests wait for real answers, on the system's clock.
 */
public abstract class ReflexModelContractTest {

    /** For subclasses. */
    protected ReflexModelContractTest() {}

    /**
     * Makes a model that is ready to answer.
     *
     * @return a new model; the test closes it
     */
    protected abstract ReflexModel createModel();

    /**
     * The schema to ask about. Default: four actions, one of them with targets. Override it for a model that knows only its own.
     *
     * @return the schema
     */
    protected ActionSchema schema() {
        return Samples.schema();
    }

    /**
     * What to show the model, besides an empty and a hostile perception. Default: some facts of each kind.
     *
     * @param tick the tick it is from
     * @return a perception
     */
    protected Perception perception(long tick) {
        return Samples.ordinary(tick);
    }

    /**
     * How long the model may take over an answer. Default: 10 s.
     *
     * @return the bound
     */
    protected Duration answerWithin() {
        return Duration.ofSeconds(10);
    }

    /** A distribution over the legal actions comes, and the loop would take it. */
    @Test
    public void ask_withTimeToSpare_answersWithADistributionOverTheLegalActions() throws Exception {
        try (ReflexModel model = createModel()) {
            Question question = question(perception(1));
            assertSound(answer(model, question), question);
        }
    }

    /** Actions that are not legal now get nothing. */
    @Test
    public void ask_withTwoLegalActions_saysNothingAboutTheOthers() throws Exception {
        try (ReflexModel model = createModel()) {
            List<Action> actions = schema().actions();
            Question question = new Question(
                    perception(1), Goal.of("survive"), schema(), actions.subList(0, Math.min(2, actions.size())));
            assertSound(answer(model, question), question);
        }
    }

    /** A bot may see nothing. */
    @Test
    public void ask_withoutFacts_answersSoundly() throws Exception {
        try (ReflexModel model = createModel()) {
            Question question = question(Samples.empty(1));
            assertSound(answer(model, question), question);
        }
    }

    /** Text from the game forms no label, no special token, and breaks no protocol. */
    @Test
    public void ask_withHostileText_answersSoundlyOrFailsAsAValue() throws Exception {
        try (ReflexModel model = createModel()) {
            Question question = question(Samples.hostile(1));
            CompletableFuture<Answer> future = model.ask(question, deadline());
            if (failureOf(future) == null) {
                assertSound(future.get(), question);
            }
            Question next = question(perception(2));
            assertSound(answer(model, next), next);
        }
    }

    /** Targets, where the model says something about them, are among those offered. */
    @Test
    public void ask_withTargets_weighsOnlyTargetsThatAreOffered() throws Exception {
        try (ReflexModel model = createModel()) {
            Question question = question(perception(1));
            answer(model, question).targets().forEach((action, targets) -> {
                List<String> offered = question.targets().getOrDefault(action, List.of()).stream()
                        .map(Target::id)
                        .toList();
                assertThat(offered).as("targets of " + action).containsAll(targets.keySet());
            });
        }
    }

    /** Futures are not shared: cancelling one must not touch another. */
    @Test
    public void ask_twice_returnsFuturesOfTheirOwn() throws Exception {
        try (ReflexModel model = createModel()) {
            Question question = question(perception(1));
            CompletableFuture<Answer> first = model.ask(question, deadline());
            failureOf(first);
            CompletableFuture<Answer> second = model.ask(question, deadline());
            assertThat(second).isNotSameAs(first);
            assertSound(get(second), question);
        }
    }

    /** A cancelled call is over at once, and the model answers the next one. */
    @Test
    public void cancel_ofACall_endsItAndLeavesTheModelUsable() throws Exception {
        try (ReflexModel model = createModel()) {
            CompletableFuture<Answer> cut = model.ask(question(perception(1)), deadline());
            cut.cancel(true);
            assertThat(cut).isDone();
            Question next = question(perception(2));
            assertSound(answerOnceFree(model, next), next);
        }
    }

    /** A question that is too late costs an answer at most. */
    @Test
    public void ask_afterItsDeadline_isDoneInTime() throws Exception {
        try (ReflexModel model = createModel()) {
            CompletableFuture<Answer> late =
                    model.ask(question(perception(1)), Deadline.in(Duration.ZERO, ReflexClock.system()));
            failureOf(late);
            Question next = question(perception(2));
            assertSound(answerOnceFree(model, next), next);
        }
    }

    /** A hint is nothing but a hint: it never throws, and the model answers afterwards. */
    @Test
    public void prepare_atAnyTime_leavesTheModelUsable() throws Exception {
        ReflexModel model = createModel();
        try (model) {
            model.prepare(question(perception(1)));
            model.prepare(question(Samples.hostile(1)));
            Question next = question(perception(2));
            assertSound(answerOnceFree(model, next), next);
        }
        model.prepare(question(perception(3)));
    }

    /** Several loops share a model. Being busy is an answer, too. */
    @Test
    public void ask_fromFourThreads_answersEachOrIsBusy() throws Exception {
        try (ReflexModel model = createModel()) {
            Question question = question(perception(1));
            Together.call(4, () -> {
                for (int i = 0; i < 5; i++) {
                    CompletableFuture<Answer> future = model.ask(question, deadline());
                    Throwable failure = failureOf(future);
                    if (failure == null) {
                        assertSound(future.get(), question);
                    } else {
                        assertThat(failure).isInstanceOf(ModelBusyException.class);
                    }
                }
                return true;
            });
        }
    }

    /** The id goes into every record. */
    @Test
    public void id_always_isTheSameShortName() {
        try (ReflexModel model = createModel()) {
            assertThat(model.id()).isNotBlank().hasSizeLessThan(200).isEqualTo(model.id());
        }
    }

    /** What is asked of a closed model fails, but as a value: {@code ask} does not throw, and the future is done in time. */
    @Test
    public void ask_afterClose_failsAsAValue() throws Exception {
        ReflexModel model = createModel();
        model.close();
        failureOf(model.ask(question(perception(1)), deadline()));
    }

    /** Closing is idempotent. */
    @Test
    public void close_twice_isTheSameAsOnce() {
        ReflexModel model = createModel();
        model.close();
        model.close();
    }

    private Question question(Perception perception) {
        return Question.about(schema(), perception);
    }

    private Deadline deadline() {
        return Deadline.in(answerWithin(), ReflexClock.system());
    }

    private Answer answer(ReflexModel model, Question question) throws Exception {
        return get(model.ask(question, deadline()));
    }

    /** Asks again while the model says that it is busy: after a call was cut it may be for a moment. */
    private Answer answerOnceFree(ReflexModel model, Question question) throws Exception {
        Deadline patience = deadline();
        while (true) {
            CompletableFuture<Answer> future = model.ask(question, deadline());
            if (!(failureOf(future) instanceof ModelBusyException) || patience.expired()) {
                return get(future);
            }
            Thread.onSpinWait();
        }
    }

    private Answer get(CompletableFuture<Answer> future) throws Exception {
        Throwable failure = failureOf(future);
        if (failure != null) {
            throw new AssertionError("the model failed instead of answering", failure);
        }
        return future.get();
    }

    /** Waits for a call; null if it was answered. */
    private @Nullable Throwable failureOf(CompletableFuture<Answer> future) throws InterruptedException {
        assertThat(future).as("what ask returned").isNotNull();
        try {
            future.get(answerWithin().toNanos(), TimeUnit.NANOSECONDS);
            return null;
        } catch (ExecutionException failure) {
            return failure.getCause();
        } catch (TimeoutException late) {
            throw new AssertionError("the future was not done within " + answerWithin(), late);
        }
    }

    private static void assertSound(Answer answer, Question question) {
        assertThat(answer).as("the answer").isNotNull();
        double sum = 0;
        double highest = -1;
        String favourite = "";
        for (Map.Entry<String, Double> entry : answer.probabilities().entrySet()) {
            assertThat(entry.getValue())
                    .as("probability of " + entry.getKey())
                    .isNotNull()
                    .isBetween(0.0, 1.02);
            sum += entry.getValue();
            if (entry.getValue() > highest) {
                highest = entry.getValue();
                favourite = entry.getKey();
            }
        }
        assertThat(question.legal())
                .as("the favoured action is legal")
                .extracting(Action::name)
                .contains(favourite);
        assertThat(sum).as("sum of the probabilities").isBetween(0.98, 1.02);
        if (answer.legalMass().isPresent()) {
            assertThat(answer.legalMass().getAsDouble()).as("legal mass").isBetween(0.0, 1.02);
        }
        assertThat(answer.margin()).as("margin").isBetween(0.0, 1.02);
        assertThat(answer.normalizedEntropy()).as("normalised entropy").isBetween(-0.01, 1.02);
    }
}
