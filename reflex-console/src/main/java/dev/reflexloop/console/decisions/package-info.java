/**
 * Decisions read back from the logs of a reflex while it plays: trajectory logs and a heartbeat's ticks. Start from {@link
 * dev.reflexloop.console.decisions.DecisionArchive}.
 */
@NullMarked
package dev.reflexloop.console.decisions;

import org.jspecify.annotations.NullMarked;
