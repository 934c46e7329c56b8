/**
 * The smallest bot that has a reflex; the README shows it, and a test runs it.
 *
 * <p>The type to start from is {@code Quickstart}.
 */
@NullMarked
package dev.reflexloop.examples.quickstart;

import org.jspecify.annotations.NullMarked;
