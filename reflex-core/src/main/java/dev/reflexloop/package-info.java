/**
 * The reflex of a game bot: one legal action per tick, on time, from a small local model.
 *
 * <p>A bot shows the loop what it sees, the loop asks a model which of the legal actions fits, and returns an answer before the
 * deadline - the model's if it came in time, the fallback's if not. The loop knows when to ask somebody slower, and leaves a
 * record of every decision. This package holds the nouns, the loop and the trajectory log; models live in
 * {@code dev.reflexloop.llm}.
 *
 * <p>The type to start from is {@code ReflexLoop}: build one with an {@code ActionSchema} and a {@code ReflexModel}, then call
 * {@code decide} from the game's thread, or {@code offer} and {@code latest} where the game must not lose a frame.
 */
@NullMarked
package dev.reflexloop;

import org.jspecify.annotations.NullMarked;
