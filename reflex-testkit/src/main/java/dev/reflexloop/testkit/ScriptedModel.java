package dev.reflexloop.testkit;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A model that says what a test tells it to, and remembers what it was asked.
 *
 * <ul>
 *   <li>{@link #answering(String)}: always the same action;
 *   <li>{@link #script(String...)}: one action after the other, the last one for ever;
 *   <li>{@link #answering(Function)}: what a function says;
 *   <li>{@link #waiting()}: nothing, until the test calls {@link #answer(String)}.
 * </ul>
 *
 * <p>It answers at once, or {@linkplain #after(Duration) later}: on the {@link ManualClock} of the deadline if the loop has one, on a thread
 * of its own otherwise. A call that is cancelled is counted and never answered. Thread-safe; configure it before it is first asked. Assumes
 * that the function returns at once, then {@link #ask} does.
 */
public final class ScriptedModel implements ReflexModel {
    private static final double FAVOURITE = 0.9;
    private static final int REMEMBERED = 1_000;

    private final @Nullable Function<Question, Answer> script;
    private final Later later = new Later("scripted");
    private final Deque<Question> questions = new ArrayDeque<>();
    private final Deque<Call> open = new ArrayDeque<>();
    private String id = "scripted";
    private Duration delay = Duration.ZERO;
    private int asked;
    private int cancelled;
    private int mostOpen;
    private boolean closed;

    private record Call(Question question, CompletableFuture<Answer> future) {}

    private ScriptedModel(@Nullable Function<Question, Answer> script) {
        this.script = script;
    }

    /**
     * A model that favours one action.
     *
     * @param action the action's name, given 0.9 if it is legal; where it is not, an answer that favours an illegal action
     * @return the model
     */
    public static ScriptedModel answering(String action) {
        return new ScriptedModel(question -> favouring(question, action));
    }

    /**
     * A model that a function speaks for.
     *
     * @param function the answer to each question; what it throws fails the call
     * @return the model
     */
    public static ScriptedModel answering(Function<Question, Answer> function) {
        return new ScriptedModel(function);
    }

    /**
     * A model that follows a script.
     *
     * @param actions the names of the actions, one for each question; the last one is repeated
     * @return the model
     */
    public static ScriptedModel script(String... actions) {
        if (actions.length == 0) {
            throw new IllegalArgumentException("a script has no action; give at least one");
        }
        Deque<String> rest = new ArrayDeque<>(List.of(actions));
        return new ScriptedModel(question -> {
            synchronized (rest) {
                return favouring(question, rest.size() > 1 ? rest.removeFirst() : rest.getFirst());
            }
        });
    }

    /**
     * A model that answers when the test says so, by {@link #answer(String)} or {@link #fail(Throwable)}.
     *
     * @return the model
     */
    public static ScriptedModel waiting() {
        return new ScriptedModel(null);
    }

    /**
     * A sound answer in favour of one action: 0.9 for it, and the rest spread evenly over the other legal actions. It says nothing
     * about targets, so that the first one offered is taken.
     *
     * @param question the question
     * @param action the action's name
     * @return the answer
     */
    public static Answer favouring(Question question, String action) {
        List<String> others = question.legal().stream()
                .map(Action::name)
                .filter(name -> !name.equals(action))
                .toList();
        Map<String, Double> probabilities = new LinkedHashMap<>();
        double favourite = others.isEmpty() ? 1 : FAVOURITE;
        probabilities.put(action, favourite);
        others.forEach(name -> probabilities.put(name, (1 - favourite) / others.size()));
        return Answer.of("scripted", probabilities);
    }

    /**
     * Lets it take time over every answer. Default: none.
     *
     * @param duration how long; on the manual clock of the deadline if that is one
     * @return this model
     */
    public ScriptedModel after(Duration duration) {
        this.delay = duration;
        return this;
    }

    /**
     * Names it. Default: "scripted".
     *
     * @param name its id
     * @return this model
     */
    public ScriptedModel named(String name) {
        this.id = name;
        return this;
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        Call call = new Call(question, new CompletableFuture<>());
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(
                        new ModelUnavailableException(id, "it was closed; make a new one", null));
            }
            if (questions.size() == REMEMBERED) {
                questions.removeFirst();
            }
            questions.add(question);
            asked++;
            open.add(call);
            mostOpen = Math.max(mostOpen, countOpen());
        }
        call.future().whenComplete((answer, failure) -> ended(call));
        if (script != null) {
            if (delay.isZero()) {
                say(call);
            } else {
                later.after(delay, deadline.clock(), () -> say(call));
            }
        }
        return call.future();
    }

    private void say(Call call) {
        Function<Question, Answer> says = script;
        if (says == null || call.future().isDone()) {
            return;
        }
        Answer answer;
        try {
            answer = says.apply(call.question());
        } catch (RuntimeException failure) {
            call.future().completeExceptionally(failure);
            return;
        }
        call.future().complete(answer);
    }

    private synchronized void ended(Call call) {
        open.remove(call);
        if (call.future().isCancelled()) {
            cancelled++;
        }
    }

    /**
     * Answers the oldest open question.
     *
     * @param action the name of the action that the answer favours
     * @return false if no question is open
     */
    public boolean answer(String action) {
        Call call = oldest();
        return call != null && call.future().complete(favouring(call.question(), action));
    }

    /**
     * Fails the oldest open question.
     *
     * @param failure what the model fails with
     * @return false if no question is open
     */
    public boolean fail(Throwable failure) {
        Call call = oldest();
        return call != null && call.future().completeExceptionally(failure);
    }

    private synchronized @Nullable Call oldest() {
        return open.peekFirst();
    }

    /**
     * What it was asked last, so that a long run does not fill the memory.
     *
     * @return the last 1,000 questions, in order
     */
    public synchronized List<Question> questions() {
        return List.copyOf(questions);
    }

    /**
     * How often it was asked.
     *
     * @return the number of questions
     */
    public synchronized int asked() {
        return asked;
    }

    /**
     * How many calls were cancelled before they were answered.
     *
     * @return the number of calls
     */
    public synchronized int cancelled() {
        return cancelled;
    }

    /**
     * How many questions are open now.
     *
     * @return the number of calls in flight
     */
    public synchronized int open() {
        return countOpen();
    }

    /** Looks at the futures: who waits for one may ask again before we hear of its end. */
    private int countOpen() {
        int count = 0;
        for (Call call : open) {
            count += call.future().isDone() ? 0 : 1;
        }
        return count;
    }

    /**
     * How many questions were open at the same time, at most.
     *
     * @return the most calls in flight so far
     */
    public synchronized int mostOpen() {
        return mostOpen;
    }

    @Override
    public String id() {
        return id;
    }

    @Override
    public boolean returnsAtOnce() {
        return true;
    }

    /** Fails what is open and what is asked from now on. */
    @Override
    public void close() {
        List<Call> left;
        synchronized (this) {
            closed = true;
            left = List.copyOf(open);
        }
        later.close();
        left.forEach(call -> call.future()
                .completeExceptionally(new ModelUnavailableException(id, "it was closed; make a new one", null)));
    }
}
