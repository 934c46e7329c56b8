/**
 * People say which decisions were good: the most uncertain first, with labels in a file beside the log. Start from {@link
 * dev.reflexloop.console.review.Review}.
 */
@NullMarked
package dev.reflexloop.console.review;

import org.jspecify.annotations.NullMarked;
