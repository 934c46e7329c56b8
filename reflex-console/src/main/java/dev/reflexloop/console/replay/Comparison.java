package dev.reflexloop.console.replay;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryRecord;
import dev.reflexloop.console.decisions.LoggedDecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Puts logged decisions to another model, and counts where it would have chosen otherwise. What a target would have been is not asked,
 * because logs do not hold what was offered. One thread at a time.
 */
public final class Comparison {
    private static final int MOST_SESSIONS = 64;

    private final ReflexModel model;
    private final Duration patience;
    private final Map<String, Map<String, Long>> confusion = new TreeMap<>();
    private final Map<String, ActionSchema> schemas = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ActionSchema> eldest) {
            return size() > MOST_SESSIONS;
        }
    };
    private long compared;
    private long differing;
    private long withoutChoice;
    private long unanswered;
    private Optional<String> firstProblem = Optional.empty();
    private long distributions;
    private double variation;
    private double mostVariation;

    /**
     * What the other model says of one decision.
     *
     * @param action what it would have done
     * @param probabilities how likely each legal action is to it
     * @param differs whether that is not what was done
     * @param totalVariation how far the two distributions are apart, 0 (the same) to 1; empty where the log has none
     */
    public record Other(
            String action, Map<String, Double> probabilities, boolean differs, Optional<Double> totalVariation) {

        /**
         * The same as JSON.
         *
         * @return an object with {@code action, probabilities, differs, totalVariation}
         */
        public ObjectNode toJson() {
            ObjectNode json = JsonNodeFactory.instance.objectNode();
            json.put("action", action);
            ObjectNode each = json.putObject("probabilities");
            probabilities.forEach(each::put);
            json.put("differs", differs);
            json.put("totalVariation", totalVariation.orElse(null));
            return json;
        }
    }

    /**
     * Nothing is compared yet.
     *
     * @param model the other model; not closed
     * @param patience how long one answer may take
     */
    public Comparison(ReflexModel model, Duration patience) {
        this.model = model;
        this.patience = patience;
    }

    /**
     * Asks the other model what was asked then. Blocks for its answer.
     *
     * @param decision the decision
     * @param header the header of its run, which describes the actions; only their names are known without it
     * @return what it says; empty where there was no choice, or no sound answer came in time
     * @throws InterruptedException if the thread was interrupted
     */
    public Optional<Other> ask(LoggedDecision decision, Optional<TrajectoryRecord.Header> header)
            throws InterruptedException {
        TrajectoryRecord.Decided step = decision.step();
        if (step.legal().size() < 2) {
            withoutChoice++;
            return Optional.empty();
        }
        Optional<Other> other = answer(step, header).map(answer -> judged(step, answer));
        other.ifPresent(said -> count(step, said));
        return other;
    }

    private Optional<Answer> answer(TrajectoryRecord.Decided step, Optional<TrajectoryRecord.Header> header)
            throws InterruptedException {
        Optional<CompletableFuture<Answer>> asked = Optional.empty();
        try {
            Question question = question(step, header);
            asked = Optional.of(model.ask(question, Deadline.in(patience, ReflexClock.system())));
            Answer answer = asked.get().get(patience.toMillis() + 1_000, TimeUnit.MILLISECONDS);
            return answer.isSoundFor(question) ? Optional.of(answer) : none("its answer is unusable");
        } catch (ExecutionException failure) {
            Throwable cause = failure.getCause();
            return none(String.valueOf(cause == null ? failure : cause.getMessage()));
        } catch (TimeoutException late) {
            asked.ifPresent(future -> future.cancel(true));
            return none("it took longer than " + patience.toSeconds() + " s");
        } catch (IllegalArgumentException unusable) { // names from a damaged log, which no schema takes
            return none(String.valueOf(unusable.getMessage()));
        }
    }

    private Optional<Answer> none(String problem) {
        unanswered++;
        firstProblem = firstProblem.or(() -> Optional.of(problem));
        return Optional.empty();
    }

    private Question question(TrajectoryRecord.Decided step, Optional<TrajectoryRecord.Header> header) {
        ActionSchema schema = schemas.get(step.session());
        if (schema == null
                || !schema.actions().stream().map(Action::name).toList().containsAll(step.legal())) {
            schema = schema(step, header);
            schemas.put(step.session(), schema);
        }
        List<Action> legal = schema.actions().stream()
                .filter(action -> step.legal().contains(action.name()))
                .toList();
        return new Question(step.perception(), step.goal(), schema, legal);
    }

    private static ActionSchema schema(TrajectoryRecord.Decided step, Optional<TrajectoryRecord.Header> header) {
        Map<String, Action> actions = new LinkedHashMap<>();
        header.ifPresent(run -> run.actions().forEach(action -> actions.put(action.name(), action)));
        step.legal().forEach(name -> actions.computeIfAbsent(name, Action::of));
        ActionSchema.Builder builder =
                ActionSchema.builder(header.map(TrajectoryRecord.Header::schema).orElse("log"));
        actions.values().forEach(builder::action);
        return builder.idle(step.legal().get(0)).build();
    }

    private static Other judged(TrajectoryRecord.Decided step, Answer answer) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        String best = step.legal().get(0);
        for (String action : step.legal()) {
            double probability = answer.probabilities().getOrDefault(action, 0.0);
            probabilities.put(action, probability);
            best = probability > probabilities.getOrDefault(best, 0.0) ? action : best;
        }
        boolean isKnown = step.legal().stream().anyMatch(step.probabilities()::containsKey);
        double apart = 0;
        for (String action : step.legal()) {
            apart += Math.abs(step.probabilities().getOrDefault(action, 0.0) - probabilities.getOrDefault(action, 0.0))
                    / 2;
        }
        return new Other(
                best,
                probabilities,
                !best.equals(step.action()),
                isKnown ? Optional.of(Math.min(1, apart)) : Optional.empty());
    }

    private void count(TrajectoryRecord.Decided step, Other other) {
        compared++;
        differing += other.differs() ? 1 : 0;
        confusion.computeIfAbsent(step.action(), first -> new TreeMap<>()).merge(other.action(), 1L, Long::sum);
        other.totalVariation().ifPresent(apart -> {
            distributions++;
            variation += apart;
            mostVariation = Math.max(mostVariation, apart);
        });
    }

    /**
     * How many decisions could be compared so far.
     *
     * @return their number
     */
    public long compared() {
        return compared;
    }

    /**
     * How many questions got no answer so far.
     *
     * @return their number
     */
    public long unanswered() {
        return unanswered;
    }

    /**
     * Why the first of them got none.
     *
     * @return the reason; empty where all got one
     */
    public Optional<String> firstProblem() {
        return firstProblem;
    }

    /**
     * The result as JSON.
     *
     * @return an object with {@code model, compared, differing, share, withoutChoice, unanswered, totalVariation} (mean and most) and
     *     {@code confusion} (logged action, then the other's, then how often)
     */
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("model", model.id());
        json.put("compared", compared);
        json.put("differing", differing);
        json.put("share", compared == 0 ? 0 : (double) differing / compared);
        json.put("withoutChoice", withoutChoice);
        json.put("unanswered", unanswered);
        ObjectNode apart = json.putObject("totalVariation");
        apart.put("mean", distributions == 0 ? 0 : variation / distributions);
        apart.put("most", mostVariation);
        ObjectNode table = json.putObject("confusion");
        confusion.forEach((logged, others) -> {
            ObjectNode row = table.putObject(logged);
            others.forEach(row::put);
        });
        return json;
    }

    /**
     * How often the other model chose what, where the log has what.
     *
     * @return for each logged action, the numbers of the other's
     */
    public Map<String, Map<String, Long>> confusion() {
        return new TreeMap<>(confusion);
    }

    /**
     * The actions that either of them chose.
     *
     * @return their names in order
     */
    public List<String> actions() {
        TreeMap<String, Boolean> names = new TreeMap<>();
        confusion.forEach((logged, others) -> {
            names.put(logged, true);
            others.keySet().forEach(other -> names.put(other, true));
        });
        return new ArrayList<>(names.keySet());
    }
}
