package dev.reflexloop;

import org.jspecify.annotations.Nullable;

/** The gate that a loop asks through, and whether the loop has to release it. Changed in the loop's turn; {@link #gate()} on any thread. */
final class GateClaim {
    private volatile ModelGate gate;
    private @Nullable ModelGate claimed;

    GateClaim(ReflexModel model, int maxInFlight) {
        this.gate = ModelGate.around(model, maxInFlight);
        this.claimed = model instanceof ModelGate ? null : gate;
    }

    ModelGate gate() {
        return gate;
    }

    /** Takes the gate of other loops of the same model. False if it has no user any more, or this loop was given a gate of the user's. */
    boolean share(ModelGate shared) {
        ModelGate before = claimed;
        if (shared == gate) {
            return true;
        }
        if (before == null || !shared.retain()) {
            return false;
        }
        claimed = shared;
        gate = shared;
        before.release();
        return true;
    }

    void release() {
        ModelGate mine = claimed;
        claimed = null;
        if (mine != null) {
            mine.release();
        }
    }
}
