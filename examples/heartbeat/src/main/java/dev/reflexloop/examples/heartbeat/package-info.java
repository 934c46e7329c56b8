/**
 * A monitor that rates real state and raises alerts.
 *
 * <p>The type to start from is {@code Monitor}; {@code Heartbeat} is the command around it.
 */
@NullMarked
package dev.reflexloop.examples.heartbeat;

import org.jspecify.annotations.NullMarked;
