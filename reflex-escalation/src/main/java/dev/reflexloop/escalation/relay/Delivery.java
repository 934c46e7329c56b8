package dev.reflexloop.escalation.relay;

import java.time.Duration;
import java.util.Objects;

/**
 * How an attempt to deliver an alert ended. Immutable.
 *
 * @param result what becomes of the alert
 * @param reason why it was not delivered, and what to do about it, without any secret, because it is logged; empty when it was
 * @param pause how long the channel asks to be left alone; zero when it asks for nothing
 */
public record Delivery(Result result, String reason, Duration pause) {
    private static final Delivery DELIVERED = new Delivery(Result.DELIVERED, "", Duration.ZERO);

    /** What becomes of the alert. */
    public enum Result {
        /** It arrived. */
        DELIVERED,
        /** It is tried again later. */
        RETRY,
        /** It will never be taken, however often it is tried: it is given up. */
        REFUSED
    }

    /** Checks that all is there and the pause is not negative. */
    public Delivery {
        Objects.requireNonNull(result, "result of a delivery");
        Objects.requireNonNull(reason, "reason of a delivery");
        if (pause.isNegative()) {
            throw new IllegalArgumentException("pause of a delivery is " + pause + "; give zero or more");
        }
    }

    /**
     * The alert arrived.
     *
     * @return the delivery
     */
    public static Delivery delivered() {
        return DELIVERED;
    }

    /**
     * It did not arrive, and is tried again when the relay thinks fit.
     *
     * @param reason why not, without any secret
     * @return the delivery
     */
    public static Delivery retry(String reason) {
        return retryAfter(reason, Duration.ZERO);
    }

    /**
     * It did not arrive, and is tried again no earlier than the channel asks for.
     *
     * @param reason why not, without any secret
     * @param pause zero or more; the relay waits at most an hour
     * @return the delivery
     */
    public static Delivery retryAfter(String reason, Duration pause) {
        return new Delivery(Result.RETRY, reason, pause);
    }

    /**
     * This alert will never be taken.
     *
     * @param reason why not, without any secret
     * @return the delivery
     */
    public static Delivery refused(String reason) {
        return new Delivery(Result.REFUSED, reason, Duration.ZERO);
    }
}
