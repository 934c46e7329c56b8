/**
 * The console over HTTP and WebSocket: the page, the telemetry as it comes, the logs, and System One for the reflex's model. Start from
 * {@link dev.reflexloop.console.web.ConsoleServer}.
 */
@NullMarked
package dev.reflexloop.console.web;

import org.jspecify.annotations.NullMarked;
