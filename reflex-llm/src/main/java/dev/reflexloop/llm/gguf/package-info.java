/**
 * Reads GGUF model files, version 2 and 3, little-endian: metadata, tensor directory, tensors of type F32, F16 and Q8_0. Writes them, in
 * F32, F16, Q8_0 and Q4_0, with {@link dev.reflexloop.llm.gguf.GgufWriter}.
 *
 * <p>Files are taken for hostile: every length is checked against the file before anything is allocated, and what is wrong is said in
 * an {@link dev.reflexloop.UnusableModelException} that names the file, the reason and the remedy.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.gguf.GgufFile}.
 */
@NullMarked
package dev.reflexloop.llm.gguf;

import org.jspecify.annotations.NullMarked;
