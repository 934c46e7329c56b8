package dev.reflexloop.training;

import java.time.Duration;
import java.util.OptionalDouble;

/**
 * Where a training stands. Immutable.
 *
 * @param phase what is being done
 * @param done share of the schedule that has passed, 0 to 1; 0 while logs are read
 * @param step optimizer steps done
 * @param loss mean loss of the recent training batches, in nats; NaN before the first
 * @param heldOutAccuracy share of held-out decisions that agree with the label, where this report follows an evaluation
 * @param heldOutLoss loss on held-out decisions, in nats, where this report follows an evaluation
 * @param examplesPerSecond training speed since this start
 * @param elapsed time spent training, over all starts
 * @param message something worth telling once, such as that a checkpoint is resumed; empty otherwise
 */
public record TrainingProgress(
        Phase phase,
        double done,
        long step,
        double loss,
        OptionalDouble heldOutAccuracy,
        OptionalDouble heldOutLoss,
        double examplesPerSecond,
        Duration elapsed,
        String message) {

    /** What is being done. */
    public enum Phase {
        /** The logs are read and the layout is learned. */
        READING,
        /** The model is trained. */
        TRAINING,
        /** The model is evaluated and written. */
        WRITING
    }
}
