package dev.reflexloop.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/*
 * The schedule is a function of "progress", 0 to 1, which is the larger of steps done / steps planned and time spent /
 * time limit: a run that is short of time cools down like any other instead of being cut off at a high learning rate.
 * As long as the limit does not bind, the same seed and thread count give the same model.
 *
 * When the held-out loss has not improved for some evaluations, or the accuracy is enough, the run is not cut off
 * either: the rest of the schedule is compressed into a sixth of the steps done so far.
 *
 * The shuffle of an epoch follows from seed and epoch, the first weights from the seed, and there is no dropout; so the
 * step number is the whole state of the random numbers.
 */
/** Trains a model on examples, with held-out evaluation, early end and checkpoints. One thread at a time. */
final class TrainingRun {

    /** Hears what happens, on the training thread. */
    interface Watcher {
        /** After every evaluation, and at most twice a second between them; {@code heldOut} is null between them. */
        void progress(State state, LabelLoss.@org.jspecify.annotations.Nullable Figures heldOut);

        /** Once, before the first step, when a checkpoint of an earlier start is taken up. */
        void resumed(long step);
    }

    /** Where the run stands. */
    record State(long step, double progress, double rate, double loss, double examplesPerSecond, long elapsedNanos) {}

    /** What came out. */
    @SuppressWarnings("ArrayRecordComponent") // never compared or shared; a copy would be megabytes
    record Result(float[] weights, LabelLoss.Figures heldOut, long steps, long elapsedNanos, String ending) {}

    private static final double SMOOTHING = 0.98;
    private static final int EVALUATION_LIMIT = 8192;
    private static final long REPORT_EVERY_NANOS = 500_000_000L;

    private final WeightMap map;
    private final Examples examples;
    private final int[] training;
    private final int[] heldOut;
    private final int[] labelTokens;
    private final int[] targetTokens;
    private final Hyper hyper;
    private final Path checkpointFile;
    private final long checkpointEveryNanos;
    private final long fingerprint;
    private final LongSupplier clock;
    private final BooleanSupplier stop;
    private final Watcher watcher;

    private long step;
    private long before;
    private long started;
    private int stale;
    private long endingSince = -1;
    private double progressAtEnding;
    private double bestLoss = Double.POSITIVE_INFINITY;
    private float[] best = new float[0];
    private double smoothedLoss = Double.NaN;
    private String ending = "schedule";

    TrainingRun(
            WeightMap map,
            Examples examples,
            Split split,
            int[] labelTokens,
            int[] targetTokens,
            Hyper hyper,
            Path checkpointFile,
            long checkpointEveryNanos,
            LongSupplier clock,
            BooleanSupplier stop,
            Watcher watcher) {
        this.map = map;
        this.examples = examples;
        this.training = split.training();
        this.heldOut = split.heldOut();
        this.labelTokens = labelTokens.clone();
        this.targetTokens = targetTokens.clone();
        this.hyper = hyper;
        this.checkpointFile = checkpointFile;
        this.checkpointEveryNanos = checkpointEveryNanos;
        this.clock = clock;
        this.stop = stop;
        this.watcher = watcher;
        this.fingerprint = 31L * (31L * examples.digest() + map.shape().stableHash()) + hyper.stableHash();
    }

    /**
     * Trains to the end of the schedule. The checkpoint's file stays; the caller deletes it when the model is written.
     *
     * @return what came out, or nothing if it was told to stop, after a checkpoint
     * @throws IOException if a checkpoint cannot be written
     */
    Optional<Result> run() throws IOException {
        Optional<Checkpoint> found = Checkpoint.read(checkpointFile, fingerprint, map.size());
        float[] first = found.map(Checkpoint::weights).orElseGet(() -> firstWeights(map, hyper.seed()));
        try (TorchModel model = new TorchModel(map, first);
                AdamW optimizer = new AdamW(
                        model,
                        found.map(Checkpoint::first).orElseGet(() -> new float[map.size()]),
                        found.map(Checkpoint::second).orElseGet(() -> new float[map.size()]))) {
            found.ifPresent(this::takeUp);
            started = clock.getAsLong();
            LabelLoss loss = new LabelLoss(model, examples, labelTokens, targetTokens);
            if (!loop(model, optimizer, loss)) {
                return Optional.empty();
            }
            LabelLoss.Figures figures = finish(model, loss);
            return Optional.of(new Result(model.copyWeights(), figures, step, elapsed(), ending));
        }
    }

    private void takeUp(Checkpoint checkpoint) {
        step = checkpoint.step();
        before = checkpoint.elapsedNanos();
        stale = checkpoint.stale();
        endingSince = checkpoint.endingSince();
        progressAtEnding = checkpoint.progressAtEnding();
        bestLoss = checkpoint.bestLoss();
        best = checkpoint.best();
        watcher.resumed(step);
    }

    /** Steps until the schedule has passed; false if it was told to stop. */
    private boolean loop(TorchModel model, AdamW optimizer, LabelLoss loss) throws IOException {
        long stepsPerEpoch = (training.length + hyper.batch() - 1L) / hyper.batch();
        long planned = stepsPerEpoch * hyper.epochs();
        long evaluateEvery = Math.max(25, stepsPerEpoch / 2);
        int[] order = new int[0];
        long shuffledEpoch = -1;
        long lastReport = clock.getAsLong();
        long lastCheckpoint = lastReport;
        long firstStep = step;
        double progress = progress(planned);
        while (progress < 1) {
            long epoch = step / stepsPerEpoch;
            if (epoch != shuffledEpoch) {
                order = shuffled(epoch);
                shuffledEpoch = epoch;
            }
            int from = Math.toIntExact((step % stepsPerEpoch) * hyper.batch());
            int to = Math.min(training.length, from + hyper.batch());
            double batchLoss = loss.backward(order, from, to, hyper.vocabularyShare());
            double rate = hyper.rateAt(step, progress);
            optimizer.step(step, rate, hyper.weightDecay(), hyper.clip());
            if (Double.isFinite(batchLoss)) {
                smoothedLoss =
                        Double.isNaN(smoothedLoss) ? batchLoss : SMOOTHING * smoothedLoss + (1 - SMOOTHING) * batchLoss;
            }
            step++;
            progress = progress(planned);
            long now = clock.getAsLong();
            double speed = (step - firstStep) * (double) hyper.batch() / Math.max(1e-9, (now - started) / 1e9);
            State state = new State(step, progress, rate, smoothedLoss, speed, elapsed());
            if (step % evaluateEvery == 0) {
                evaluate(model, loss, state);
            } else if (now - lastReport >= REPORT_EVERY_NANOS) {
                lastReport = now;
                watcher.progress(state, null);
            }
            boolean stopping = stop.getAsBoolean();
            if (stopping || now - lastCheckpoint >= checkpointEveryNanos) {
                checkpoint(model, optimizer).write(checkpointFile);
                lastCheckpoint = clock.getAsLong();
            }
            if (stopping) {
                return false;
            }
        }
        return true;
    }

    private void evaluate(TorchModel model, LabelLoss loss, State state) {
        LabelLoss.Figures figures =
                loss.evaluate(heldOut, 0, Math.min(heldOut.length, EVALUATION_LIMIT), hyper.batch());
        if (figures.loss() < bestLoss) {
            stale = figures.loss() < bestLoss * 0.999 ? 0 : stale + 1;
            bestLoss = figures.loss();
            best = model.copyWeights();
        } else {
            stale++;
        }
        if (endingSince < 0 && (stale >= hyper.patience() || figures.accuracy() >= hyper.enough())) {
            ending = stale >= hyper.patience() ? "no better for " + stale + " evaluations" : "accuracy is enough";
            endingSince = step;
            progressAtEnding = state.progress();
        }
        watcher.progress(state, figures);
    }

    /** The last weights, or the best ones where those are better, evaluated on everything that was held out. */
    private LabelLoss.Figures finish(TorchModel model, LabelLoss loss) {
        LabelLoss.Figures last = loss.evaluate(heldOut, 0, heldOut.length, hyper.batch());
        if (best.length == 0) {
            return last;
        }
        float[] lastWeights = model.copyWeights();
        TorchModel.fill(model.weights(), best);
        LabelLoss.Figures earlier = loss.evaluate(heldOut, 0, heldOut.length, hyper.batch());
        if (earlier.loss() < last.loss()) {
            return earlier;
        }
        TorchModel.fill(model.weights(), lastWeights);
        return last;
    }

    private Checkpoint checkpoint(TorchModel model, AdamW optimizer) {
        float[] weights = model.copyWeights();
        return new Checkpoint(
                fingerprint,
                step,
                elapsed(),
                stale,
                endingSince,
                progressAtEnding,
                bestLoss,
                weights,
                optimizer.copyFirstMoment(),
                optimizer.copySecondMoment(),
                best.length == 0 ? weights : best);
    }

    private double progress(long planned) {
        double bySteps = (double) step / planned;
        double byTime = (double) elapsed() / hyper.timeLimitNanos();
        double plain = Math.max(bySteps, byTime);
        if (endingSince < 0) {
            if (plain >= 1) {
                ending = byTime > bySteps ? "time limit" : "schedule";
            }
            return plain;
        }
        double length = Math.max(25, endingSince / 6.0);
        double compressed = progressAtEnding + (1 - progressAtEnding) * (step - endingSince) / length;
        return Math.max(plain, compressed);
    }

    private long elapsed() {
        return before + clock.getAsLong() - started;
    }

    private int[] shuffled(long epoch) {
        int[] order = training.clone();
        SplittableRandom random = new SplittableRandom(hyper.seed() * 0x9E3779B97F4A7C15L + epoch);
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swapped = order[i];
            order[i] = order[j];
            order[j] = swapped;
        }
        return order;
    }

    /**
     * Normal weights: embeddings with deviation 0.1, matrices by their inputs, the two that write into the residual
     * stream smaller with depth (Radford et al. 2019), norms one.
     */
    static float[] firstWeights(WeightMap map, long seed) {
        float[] weights = new float[map.size()];
        Random random = new Random(seed);
        double residual = 1 / Math.sqrt(2.0 * map.shape().layers());
        for (WeightMap.Slot slot : map.inFileOrder()) {
            int end = slot.offset() + slot.size();
            if (slot.offset() >= map.decayed()) {
                Arrays.fill(weights, slot.offset(), end, 1f);
                continue;
            }
            boolean embedding = slot.name().startsWith("token_embd");
            boolean intoResidual =
                    slot.name().contains("attn_output") || slot.name().contains("ffn_down");
            double deviation = embedding ? 0.1 : 1 / Math.sqrt(slot.columns());
            if (intoResidual) {
                deviation *= residual;
            }
            if (slot.name().equals("output.weight")) {
                deviation *= 0.3;
            }
            for (int i = slot.offset(); i < end; i++) {
                weights[i] = (float) (random.nextGaussian() * deviation);
            }
        }
        return weights;
    }
}
