/**
 * The command {@code reflexloop}: what a reflex does and did, for people. Start from {@link dev.reflexloop.console.Reflexloop}.
 */
@NullMarked
package dev.reflexloop.console;

import org.jspecify.annotations.NullMarked;
