package dev.reflexloop;

/**
 * Takes situations over from the reflex. Called off the tick's thread; thread-safe. The answer comes back later through
 * {@link ReflexLoop#guide(Guidance)}.
 */
@FunctionalInterface
public interface EscalationSink extends AutoCloseable {
    /** What a sink says at once. */
    enum Receipt {
        /** It will be looked at. */
        ACCEPTED,
        /** It will not: the sink is full, off, or knows this one already. */
        REJECTED
    }

    /**
     * Hands a situation over.
     *
     * @param escalation the situation
     * @return whether it was taken
     */
    Receipt submit(Escalation escalation);

    /** Frees what the sink holds. Idempotent; situations submitted afterwards are rejected. Does nothing by default. */
    @Override
    default void close() {}

    /**
     * Rejects everything. A loop with this sink is one without a sink: it waits for nobody.
     *
     * @return the sink for bots without a strategist
     */
    static EscalationSink disabled() {
        return DisabledSink.INSTANCE;
    }
}
