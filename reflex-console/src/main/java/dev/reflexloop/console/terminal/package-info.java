/**
 * Drawing in a terminal: texts that fit their columns, bars, colours, and a screen that is redrawn. Start from {@link
 * dev.reflexloop.console.terminal.Ink}.
 */
@NullMarked
package dev.reflexloop.console.terminal;

import org.jspecify.annotations.NullMarked;
