/**
 * A language model inside the JVM: plain Java, no server, no native code.
 *
 * <p>It reads a llama-architecture GGUF file (F32, F16 or Q8_0), keeps the keys and values of the prompt's unchanged beginning between
 * ticks, and scores the labels of the legal actions in one forward pass.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.nano.NanoModel}.
 */
@NullMarked
package dev.reflexloop.llm.nano;

import org.jspecify.annotations.NullMarked;
