/**
 * Learning from play: trajectory logs in, a model file that decides better out.
 *
 * <p>Reads the records that the loop left, trains a nano model on them in a child JVM on libtorch, so that neither the native
 * library's threads nor a crash of it can touch the game, and writes a GGUF file that the embedded engine and llama-server both
 * load.
 *
 * <p>The type to start from is {@code NanoTrainer}. Nothing that plays depends on this module.
 */
@NullMarked
package dev.reflexloop.training;

import org.jspecify.annotations.NullMarked;
