/**
 * Commands: classes with a {@code main} that print to the standard streams. Nothing else of the module does.
 *
 * <p>{@link dev.reflexloop.llm.command.StampModel} makes a decision model of a GGUF file,
 * {@link dev.reflexloop.llm.command.FitCalibration} learns from logs how far a model's probabilities can be trusted.
 */
@NullMarked
package dev.reflexloop.llm.command;

import org.jspecify.annotations.NullMarked;
