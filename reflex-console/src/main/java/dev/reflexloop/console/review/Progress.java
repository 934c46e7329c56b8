package dev.reflexloop.console.review;

/**
 * How far a review is. Immutable.
 *
 * @param total decisions to review: those that a model or a cache served
 * @param chosen those that were labelled good
 * @param rejected those that were labelled bad
 * @param skipped those that were skipped
 * @param left those without a label
 */
public record Progress(long total, long chosen, long rejected, long skipped, long left) {}
