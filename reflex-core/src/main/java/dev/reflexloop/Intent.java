package dev.reflexloop;

import java.util.Optional;

/**
 * What the motor layer reads: the latest decision, with a lease after which it is stale. Immutable; reading it costs one volatile read and
 * allocates nothing.
 *
 * @param sequence grows by one with every intent of a loop; 0 is the idle intent that exists before the first decision
 * @param action what to do
 * @param target at what, where the action has targets
 * @param decision the decision behind it; empty for the idle intent
 * @param issuedNanos when it was issued, on the loop's clock
 * @param leaseNanos how long it holds; {@link Long#MAX_VALUE} for the idle intent
 */
public record Intent(
        long sequence,
        Action action,
        Optional<Target> target,
        Optional<Decision> decision,
        long issuedNanos,
        long leaseNanos) {

    /**
     * Whether the lease has passed: the world has moved on, and the pilot should fall back to idling.
     *
     * @param nowNanos the loop's clock, see {@link ReflexClock#nanos()}
     * @return true from the moment at which the lease ends
     */
    public boolean stale(long nowNanos) {
        return nowNanos - issuedNanos >= leaseNanos;
    }
}
