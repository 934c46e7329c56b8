/**
 * A Robocode robot whose tactics are chosen, every few turns, by a language model inside the JVM.
 *
 * <p>The robot aims, turns its radar and steers by itself; which of its tactics to follow is the reflex's decision. The type to
 * start from is {@code Play}: it builds the arenas, plays rounds in real time or at full speed and prints how the decisions did.
 */
@NullMarked
package dev.reflexloop.examples.robocode;

import org.jspecify.annotations.NullMarked;
