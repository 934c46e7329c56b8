/**
 * Makes a model's probabilities mean what they say: among decisions that it was 70 % sure of, 70 % are right.
 *
 * <p>{@link dev.reflexloop.llm.calibration.CalibrationFit} learns a {@link dev.reflexloop.llm.calibration.Calibration} from trajectory
 * logs, and {@link dev.reflexloop.llm.decorator.CalibratedModel} applies it. {@link dev.reflexloop.llm.calibration.DoubtFit} finds from the
 * same logs below which confidence a decision is better handed over.
 */
@NullMarked
package dev.reflexloop.llm.calibration;

import org.jspecify.annotations.NullMarked;
