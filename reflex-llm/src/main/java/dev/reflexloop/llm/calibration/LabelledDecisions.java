package dev.reflexloop.llm.calibration;

import dev.reflexloop.Cause;
import dev.reflexloop.Doubt;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryException;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Reads the decisions of logs of which it is known whether they were right. One thread at a time.
 *
 * <p>A step counts when a model answered it with probabilities over at least two legal actions. Where a teacher's action is on the step, and
 * legal, that one was right. Otherwise an outcome says so of the action that was taken, if that was the model's own choice: {@code chosen}
 * means it was right, {@code rejected} that it was wrong (what would have been right stays unknown). What it chose in doubt, while the
 * strategist was asked, is its own choice too.
 */
final class LabelledDecisions {
    private static final int MOST_OPEN = 20_000;
    private static final int FEWEST_OF_EACH = 10;

    private final Optional<String> model;
    private final List<LabelledDecision> decisions = new ArrayList<>();
    private final Set<String> models = new TreeSet<>();

    /** Steps whose outcome may come yet, also in the next file of a log that was rotated. */
    private final Map<String, TrajectoryRecord.Decided> open = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, TrajectoryRecord.Decided> eldest) {
            return size() > MOST_OPEN;
        }
    };

    private LabelledDecisions(Optional<String> model) {
        this.model = model;
    }

    /**
     * Reads logs.
     *
     * @param paths logs, and folders whose {@code .jsonl} files at any depth are logs
     * @param model the model whose decisions count; all when empty
     */
    static LabelledDecisions read(List<Path> paths, Optional<String> model) {
        LabelledDecisions all = new LabelledDecisions(model);
        for (Path path : paths) {
            for (Path file : files(path)) {
                all.read(file);
            }
        }
        return all;
    }

    private static List<Path> files(Path path) {
        if (!Files.isDirectory(path)) {
            return List.of(path);
        }
        try (Stream<Path> found = Files.walk(path)) {
            return found.filter(file -> file.toString().endsWith(".jsonl"))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new CalibrationException(
                    path.toString(), "Cannot list '" + path + "' (" + failure + "); check the permissions", failure);
        }
    }

    private void read(Path file) {
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            while (reader.hasNext()) {
                TrajectoryRecord record = reader.next();
                if (record instanceof TrajectoryRecord.Decided decided) {
                    add(decided);
                } else if (record instanceof TrajectoryRecord.Closed closed) {
                    TrajectoryRecord.Decided step = open.remove(closed.outcome().step());
                    String label = closed.outcome().label().orElse("");
                    if (step != null && (label.equals("chosen") || label.equals("rejected"))) {
                        keep(step, step.action(), label.equals("chosen"), false);
                    }
                }
            }
        } catch (TrajectoryException unreadable) {
            throw new CalibrationException(file.toString(), String.valueOf(unreadable.getMessage()), unreadable);
        }
    }

    private void add(TrajectoryRecord.Decided step) {
        if (step.model().isEmpty()
                || step.legal().size() < 2
                || step.probabilities().size() < 2) {
            return;
        }
        if (model.isPresent() && !model.equals(step.model())) {
            return;
        }
        String teacher = step.teacher().orElse("");
        if (step.legal().contains(teacher) && step.probabilities().containsKey(teacher)) {
            keep(step, teacher, true, true);
        } else if (step.teacher().isEmpty() && isTheModelsChoice(step)) {
            open.put(step.id(), step);
        }
    }

    private static boolean isTheModelsChoice(TrajectoryRecord.Decided step) {
        Double said = step.probabilities().get(step.action());
        if (said == null) {
            return false;
        }
        boolean heldInDoubt = step.served() == Served.HOLD && step.because().equals(Optional.of(Cause.DOUBT));
        return step.served() == Served.MODEL
                || step.served() == Served.CACHE
                || (heldInDoubt
                        && said.equals(Collections.max(step.probabilities().values())));
    }

    private void keep(TrajectoryRecord.Decided step, String judged, boolean good, boolean byTeacher) {
        List<String> labels =
                step.legal().stream().filter(step.probabilities()::containsKey).toList();
        if (labels.size() < 2) {
            return;
        }
        List<Double> probabilities = labels.stream()
                .map(label ->
                        Math.max(Calibration.SMALLEST, step.probabilities().getOrDefault(label, 0.0)))
                .toList();
        models.add(step.model().orElseThrow());
        decisions.add(new LabelledDecision(
                step.session(), labels, probabilities, labels.indexOf(judged), good, byTeacher, Doubt.of(step)));
    }

    List<LabelledDecision> decisions() {
        return decisions;
    }

    /** The model whose decisions they are; only where there are some, of one model. */
    String model() {
        return models.iterator().next();
    }

    /** Refuses decisions of several models, which do not go together. */
    void checkOneModel() {
        if (models.size() > 1) {
            throw new CalibrationException(
                    models.toString(),
                    "The logs hold decisions of several models: " + models + "; name one of them with --model",
                    null);
        }
    }

    /** Refuses what cannot be calibrated on, with what would help. */
    void check(int fewest) {
        checkOneModel();
        if (decisions.size() < fewest) {
            throw new CalibrationException(
                    "logs",
                    "The logs hold " + decisions.size() + " decisions of " + (model.isEmpty() ? "a model" : model.get())
                            + " of which it is known whether they were right, but " + fewest
                            + " are needed; log more steps with a teacher, or with outcomes labelled chosen and rejected",
                    null);
        }
        if (models.stream().anyMatch(name -> name.startsWith("calibrated("))) {
            throw new CalibrationException(
                    models.toString(),
                    "The decisions are those of " + models
                            + ", which are calibrated already; fit on logs of the model without its calibration",
                    null);
        }
        long right = decisions.stream().filter(LabelledDecision::saidRight).count();
        long wrong = decisions.size() - right;
        if (Math.min(right, wrong) < FEWEST_OF_EACH) {
            throw new CalibrationException(
                    "logs",
                    "The model was " + (wrong < right ? "wrong" : "right") + " in " + Math.min(right, wrong)
                            + " of the "
                            + decisions.size() + " decisions only, but " + FEWEST_OF_EACH
                            + " are needed, or the fit would run to certainty; log harder situations, and both chosen and"
                            + " rejected outcomes",
                    null);
        }
    }
}
