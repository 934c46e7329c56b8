/**
 * A monitor that rates real state and raises alerts.
 */
@NullMarked
package dev.reflexloop.examples.heartbeat;

import org.jspecify.annotations.NullMarked;
