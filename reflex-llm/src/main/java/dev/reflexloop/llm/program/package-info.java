/**
 * Models behind a program of the command line: an agent harness, a script, anything that takes a prompt and prints a reply.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.program.CommandLineModel}.
 */
@NullMarked
package dev.reflexloop.llm.program;

import org.jspecify.annotations.NullMarked;
