package dev.reflexloop.escalation.relay;

import java.time.Duration;

/**
 * How often a channel may be used: in no stretch of time of the given length more than so many attempts, failed ones included. Immutable.
 *
 * @param attempts the most attempts, 1 to 1,000
 * @param per the stretch of time, above zero
 */
public record Pace(int attempts, Duration per) {

    /** Checks the ranges. */
    public Pace {
        if (attempts < 1 || attempts > 1_000) {
            throw new IllegalArgumentException("attempts of a pace is " + attempts + "; give 1 to 1000");
        }
        if (per.isZero() || per.isNegative()) {
            throw new IllegalArgumentException("stretch of time of a pace is " + per + "; give a duration above zero");
        }
    }
}
