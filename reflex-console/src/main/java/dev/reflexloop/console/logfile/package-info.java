/**
 * The files that a reflex leaves: where they are, what they are, and their lines. Read only. Start from {@link
 * dev.reflexloop.console.logfile.LogFiles}.
 */
@NullMarked
package dev.reflexloop.console.logfile;

import org.jspecify.annotations.NullMarked;
