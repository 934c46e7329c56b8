package dev.reflexloop.llm.calibration;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Fits a {@link Calibration} to trajectory logs. Blocks, for seconds with a hundred thousand decisions.
 *
 * <p>Decisions count of which it is known whether they were right: by the teacher's action on the step, or else by an outcome labelled
 * {@code chosen} or {@code rejected} when the action taken was the model's. A fifth of them is held out, by whole runs where there are at
 * least five. The fit minimises the negative log likelihood: of the right action, or, for a rejected one, of all others together. A
 * temperature is fitted for each group of {@link OptionCount} with at least 50 decisions; priors are pulled towards 1, so that a label
 * that was seldom right is not ruled out.
 */
public final class CalibrationFit {
    /** The fewest labelled decisions that are taken for enough. */
    public static final int FEWEST = 200;

    private static final int BINS = 10;
    private static final int FEWEST_SESSIONS = 5;
    private static final double HELD_OUT = 0.2;

    private final List<Path> logs;
    private final boolean priors;
    private final long seed;
    private final @Nullable String model;

    private CalibrationFit(Builder builder) {
        this.logs = List.copyOf(builder.logs);
        this.priors = builder.priors;
        this.seed = builder.seed;
        this.model = builder.model;
    }

    /**
     * Starts the settings.
     *
     * @param logs logs, and folders whose {@code .jsonl} files at any depth are logs
     * @return a builder, one thread at a time
     */
    public static Builder builder(List<Path> logs) {
        return new Builder(logs);
    }

    /**
     * Fits.
     *
     * @return what was found
     * @throws CalibrationException if the logs cannot be read or do not hold enough; the message says what they lack
     */
    public CalibrationReport run() {
        LabelledDecisions read = LabelledDecisions.read(logs, Optional.ofNullable(model));
        read.check(FEWEST);
        return fit(read.decisions());
    }

    CalibrationReport fit(List<LabelledDecision> decisions) {
        Map<String, List<LabelledDecision>> sessions = new LinkedHashMap<>();
        for (LabelledDecision each : decisions) {
            sessions.computeIfAbsent(each.session(), name -> new ArrayList<>()).add(each);
        }
        List<LabelledDecision> fitted = new ArrayList<>();
        List<LabelledDecision> heldOut = new ArrayList<>();
        boolean wholeSessions = sessions.size() >= FEWEST_SESSIONS;
        split(new ArrayList<>(sessions.values()), wholeSessions, HELD_OUT * decisions.size(), fitted, heldOut);
        if (fitted.isEmpty() || heldOut.isEmpty()) {
            throw new CalibrationException(
                    "logs",
                    "One run holds nearly all of the " + decisions.size()
                            + " decisions, so none can be held out; log more runs of similar length",
                    null);
        }
        Calibration calibration = new CalibrationLoss(fitted, priors).minimise();
        Measure before = new Measure(heldOut, Calibration.none());
        Measure after = new Measure(heldOut, calibration);
        return new CalibrationReport(
                calibration,
                fitted.size(),
                heldOut.size(),
                sessions.size(),
                wholeSessions,
                before.loss,
                after.loss,
                before.error(),
                after.error(),
                before.bins(),
                after.bins());
    }

    private void split(
            List<List<LabelledDecision>> sessions,
            boolean wholeSessions,
            double atLeast,
            List<LabelledDecision> fitted,
            List<LabelledDecision> heldOut) {
        if (wholeSessions) {
            Collections.shuffle(sessions, new Random(seed));
            sessions.forEach(session -> (heldOut.size() < atLeast ? heldOut : fitted).addAll(session));
            return;
        }
        for (List<LabelledDecision> session : sessions) {
            int first = (int) Math.ceil(session.size() * (1 - HELD_OUT));
            fitted.addAll(session.subList(0, first));
            heldOut.addAll(session.subList(first, session.size()));
        }
    }

    private static double[] calibrated(LabelledDecision decision, Calibration calibration) {
        Map<String, Double> said = new LinkedHashMap<>();
        for (int i = 0; i < decision.labels().size(); i++) {
            said.put(decision.labels().get(i), decision.probabilities().get(i));
        }
        return calibration.apply(said).values().stream()
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** Decisions under a calibration: their loss, and the predictions whose confidence is compared with their success. */
    private static final class Measure {
        private final double[] confidences;
        private final boolean[] right;
        private double loss;

        Measure(List<LabelledDecision> decisions, Calibration calibration) {
            confidences = new double[decisions.size()];
            right = new boolean[decisions.size()];
            for (int n = 0; n < right.length; n++) {
                LabelledDecision decision = decisions.get(n);
                double[] q = calibrated(decision, calibration);
                double judged = q[decision.judged()];
                loss -= Math.log(Math.max(Calibration.SMALLEST, decision.right() ? judged : 1 - judged)) / right.length;
                int predicted = decision.predicted(q);
                confidences[n] = Math.min(1, q[predicted]);
                right[n] = decision.isRight(predicted);
            }
        }

        double error() {
            return CalibrationError.expected(confidences, right, BINS);
        }

        List<CalibrationError.Bin> bins() {
            return CalibrationError.bins(confidences, right, BINS);
        }
    }

    /** Settings of a fit. One thread at a time. */
    public static final class Builder {
        private final List<Path> logs;
        private boolean priors = true;
        private long seed;
        private @Nullable String model;

        private Builder(List<Path> logs) {
            this.logs = List.copyOf(logs);
        }

        /**
         * Takes the decisions of one model only. Default: all, which must then be of one model.
         *
         * @param id the model's id, as it is in the logs
         * @return this builder
         */
        public Builder model(String id) {
            this.model = id;
            return this;
        }

        /**
         * Whether a prior is fitted for each label. Default: true.
         *
         * @param fit false for temperatures only, which is all that a server's stamp can hold
         * @return this builder
         */
        public Builder priors(boolean fit) {
            this.priors = fit;
            return this;
        }

        /**
         * Sets the seed by which runs are held out. Default: 0.
         *
         * @param number any
         * @return this builder
         */
        public Builder seed(long number) {
            this.seed = number;
            return this;
        }

        /**
         * Builds the fit.
         *
         * @return the fit
         */
        public CalibrationFit build() {
            return new CalibrationFit(this);
        }
    }
}
