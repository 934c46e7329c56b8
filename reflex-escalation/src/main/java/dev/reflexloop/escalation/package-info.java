/**
 * Where situations go that the reflex hands over, and how the answers come back.
 */
@NullMarked
package dev.reflexloop.escalation;

import org.jspecify.annotations.NullMarked;
