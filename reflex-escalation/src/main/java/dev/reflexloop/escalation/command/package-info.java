/**
 * Commands: classes with a {@code main} that print to the standard streams. Nothing else of the module does.
 *
 * <p>{@link dev.reflexloop.escalation.command.VerifyCodex} verifies a ledger of changes, and prints it as Markdown.
 */
@NullMarked
package dev.reflexloop.escalation.command;

import org.jspecify.annotations.NullMarked;
