package dev.reflexloop.llm.server;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.PromptRenderer;
import dev.reflexloop.llm.Relay;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/**
 * One question to a model that scores labels: the legal actions first, then the targets of the most probable one.
 *
 * <p>The targets have until shortly before the deadline. An answer without them is worth more than none, so their failure is not the
 * call's.
 */
final class ScoringCall extends Relay<Answer> {
    /** What is left of the time that targets may take, so that the action is still served. */
    private static final int RESERVED_SHARE = 8;

    private final String model;
    private final Optional<String> adapter;
    private final PromptRenderer renderer;
    private final Question question;
    private final Deadline deadline;
    private final LabelScorer scorer;

    private ScoringCall(
            String model,
            Optional<String> adapter,
            PromptRenderer renderer,
            Question question,
            Deadline deadline,
            LabelScorer scorer) {
        this.model = model;
        this.adapter = adapter;
        this.renderer = renderer;
        this.question = question;
        this.deadline = deadline;
        this.scorer = scorer;
    }

    /**
     * Asks. Returns at once.
     *
     * @param model the model's id
     * @param adapter the adapter in use
     * @param renderer the prompt and its labels
     * @param question what is asked
     * @param deadline the moment after which the answer is of no use
     * @param scorer the server
     * @return a future answer of its own
     */
    static CompletableFuture<Answer> start(
            String model,
            Optional<String> adapter,
            PromptRenderer renderer,
            Question question,
            Deadline deadline,
            LabelScorer scorer) {
        ScoringCall call = new ScoringCall(model, adapter, renderer, question, deadline, scorer);
        call.guarded(call::askForAction);
        return call;
    }

    private void askForAction() {
        List<String> labels = new ArrayList<>(question.legal().size());
        for (Action action : question.legal()) {
            labels.add(renderer.label(question.schema(), action).orElseThrow(() -> withoutLabel(action)));
        }
        String prompt = renderer.render(question);
        follow(scorer.score(prompt, labels, deadline), scores -> askForTarget(prompt, scores));
    }

    private UnusableModelException withoutLabel(Action action) {
        return new UnusableModelException(
                model,
                "its prompt has no label for action '" + action.name() + "' of schema '"
                        + question.schema().name() + "'; use fewer actions, or a renderer that has one for each",
                null);
    }

    private void askForTarget(String prompt, LabelScores actions) {
        int best = actions.best();
        List<Target> targets = best < 0
                ? List.of()
                : question.targets().getOrDefault(question.legal().get(best).name(), List.of());
        List<String> labels = new ArrayList<>();
        for (int i = 0; i < targets.size(); i++) {
            Optional<String> label = renderer.targetLabel(i);
            if (label.isEmpty()) {
                break;
            }
            labels.add(label.get());
        }
        if (targets.size() < 2 || labels.isEmpty()) {
            complete(answer(prompt, actions, certain(best, targets), Timings.unknown()));
            return;
        }
        long left = deadline.remainingNanos();
        Deadline earlier = new Deadline(deadline.clock(), deadline.atNanos() - Math.max(0, left / RESERVED_SHARE));
        Action chosen = question.legal().get(best);
        follow(
                scorer.score(prompt + renderer.renderTargets(question, chosen), labels, earlier),
                scores -> complete(answer(prompt, actions, byTarget(chosen, targets, scores), scores.timings())),
                failure -> complete(answer(prompt, actions, Map.of(), Timings.unknown())));
    }

    private Map<String, Map<String, Double>> certain(int best, List<Target> targets) {
        return targets.size() == 1
                ? Map.of(
                        question.legal().get(best).name(), Map.of(targets.get(0).id(), 1.0))
                : Map.of();
    }

    /** Targets behind the last label get zero. */
    private static Map<String, Map<String, Double>> byTarget(Action chosen, List<Target> targets, LabelScores scores) {
        Map<String, Double> byTarget = new LinkedHashMap<>();
        for (int i = 0; i < targets.size() && scores.best() >= 0; i++) {
            List<Double> probabilities = scores.probabilities();
            byTarget.put(targets.get(i).id(), i < probabilities.size() ? probabilities.get(i) : 0.0);
        }
        return byTarget.isEmpty() ? Map.of() : Map.of(chosen.name(), byTarget);
    }

    private Answer answer(
            String prompt, LabelScores actions, Map<String, Map<String, Double>> targets, Timings moreTimings) {
        Map<String, Double> byAction = new LinkedHashMap<>();
        for (int i = 0; i < actions.probabilities().size(); i++) {
            byAction.put(question.legal().get(i).name(), actions.probabilities().get(i));
        }
        OptionalDouble mass = actions.mass();
        return new Answer(
                model,
                adapter,
                byAction,
                mass,
                targets,
                Map.of(),
                Optional.of(prompt),
                sum(actions.timings(), moreTimings));
    }

    private static Timings sum(Timings first, Timings second) {
        return new Timings(
                first.queuedNanos() + second.queuedNanos(),
                first.computeNanos() + second.computeNanos(),
                first.evaluatedTokens() + second.evaluatedTokens(),
                first.cachedTokens() + second.cachedTokens());
    }
}
