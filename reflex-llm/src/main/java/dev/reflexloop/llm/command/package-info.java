/**
 * Commands: classes with a {@code main} that print to the standard streams. Nothing else of the module does.
 *
 * <p>{@link dev.reflexloop.llm.command.StampModel} makes a decision model of a GGUF file,
 * {@link dev.reflexloop.llm.command.FitCalibration} learns from logs how far a model's probabilities can be trusted, and
 * {@link dev.reflexloop.llm.command.FitDoubt} from which doubt on a decision is better handed over. {@link
 * dev.reflexloop.llm.command.Command} is the frame of these and of other modules' commands.
 */
@NullMarked
package dev.reflexloop.llm.command;

import org.jspecify.annotations.NullMarked;
