package dev.reflexloop.escalation;

/**
 * Counters of a desk since it was opened. Immutable.
 *
 * @param asked how often the strategist was asked
 * @param answered escalations that it answered
 * @param refused replies that the inbox refused, the unreadable ones among them
 * @param unreadable replies that could not be read
 * @param failed calls that failed
 * @param timedOut calls that took too long and were interrupted
 * @param rejected escalations that the desk did not take, because it was full or closed
 */
public record DeskStats(
        long asked, long answered, long refused, long unreadable, long failed, long timedOut, long rejected) {}
