/**
 * Commands: classes with a {@code main} that print to the standard streams. Nothing else of the module does.
 *
 * <p>The type to start from is {@link dev.reflexloop.llm.command.StampModel}.
 */
@NullMarked
package dev.reflexloop.llm.command;

import org.jspecify.annotations.NullMarked;
