/**
 * What a dashboard shows: sums over logs, models in their places, escalations, labels, tokens. It reads what others leave and keeps nothing.
 * Start from {@link dev.reflexloop.console.dashboard.Dashboard}.
 */
@NullMarked
package dev.reflexloop.console.dashboard;

import org.jspecify.annotations.NullMarked;
