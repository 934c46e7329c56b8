/**
 * A file bridge between the reflex and a pilot process in any language.
 */
@NullMarked
package dev.reflexloop.examples.morrowind;

import org.jspecify.annotations.NullMarked;
