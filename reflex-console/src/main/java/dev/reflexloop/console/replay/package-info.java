/**
 * Logged decisions put to another model: the same questions, and where the answers differ. Start from {@link
 * dev.reflexloop.console.replay.Comparison}.
 */
@NullMarked
package dev.reflexloop.console.replay;

import org.jspecify.annotations.NullMarked;
