/**
 * The parts of the command {@code reflexloop}, a class each. They take words and print text; what they show is made elsewhere. Start from
 * {@link dev.reflexloop.console.Reflexloop}.
 */
@NullMarked
package dev.reflexloop.console.command;

import org.jspecify.annotations.NullMarked;
