package dev.reflexloop.llm.decorator;

import dev.reflexloop.Action;
import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.Relay;
import dev.reflexloop.llm.calibration.Calibration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;

/**
 * A model whose probabilities over the actions are calibrated on their way. Thread-safe.
 *
 * <p>Sound answers are calibrated over the legal actions that they speak of, and then have this model's id, so that logs tell them from
 * uncalibrated ones; other answers are passed on as they are. Legal mass, targets, side answers and everything else stay.
 */
public final class CalibratedModel extends Decorator {
    private final Calibration calibration;

    /**
     * Wraps a model.
     *
     * @param model the model; it is closed with the result
     * @param calibration what to do with its probabilities
     */
    public CalibratedModel(ReflexModel model, Calibration calibration) {
        super("calibrated", guard(model));
        this.calibration = Objects.requireNonNull(calibration, "calibration of a model");
    }

    /** The calibration, and those of the model inside. */
    @Override
    public String settings() {
        return settings(calibration.toString());
    }

    @Override
    public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
        return Relay.of(
                inner().ask(question, deadline),
                answer -> answer.isSoundFor(question) ? calibrated(question, answer) : answer);
    }

    private Answer calibrated(Question question, Answer answer) {
        Map<String, Double> legal = new LinkedHashMap<>();
        for (Action action : question.legal()) {
            Double probability = answer.probabilities().get(action.name());
            if (probability != null) {
                legal.put(action.name(), probability);
            }
        }
        return new Answer(
                id(),
                answer.adapter(),
                calibration.apply(legal),
                answer.legalMass(),
                answer.targets(),
                answer.sideAnswers(),
                answer.prompt(),
                answer.timings());
    }
}
