/**
 * A robot for Robocode whose tactics are chosen by a reflex. Start from {@link dev.reflexloop.examples.robocode.Play}.
 *
 * <p>The motor layer ({@code Motor}, {@code Gun}) moves and aims on every turn; twice a second somebody chooses one of eight tactics:
 * a random number, a hand-written rule, nobody (one fixed tactic), or a small language model behind a {@link dev.reflexloop.ReflexLoop}.
 */
@NullMarked
package dev.reflexloop.examples.robocode;

import org.jspecify.annotations.NullMarked;
