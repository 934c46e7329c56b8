/**
 * Language models that answer a reflex's questions by scoring labels. Those that can only write are asked for one name, through
 * {@link dev.reflexloop.llm.ChatPrompt}.
 *
 * <p>One forward pass over the prompt, the logits of one label token per legal action, a softmax over those: that is the whole
 * answer. The prompt puts what is constant first and what is volatile last, so that a tick pays only for the tokens that changed.
 *
 * <p>The type to start from is {@code dev.reflexloop.llm.nano.NanoModel}: a llama-architecture GGUF file run inside the JVM, with
 * no server and no native code.
 */
@NullMarked
package dev.reflexloop.llm;

import org.jspecify.annotations.NullMarked;
