package dev.reflexloop;

/** Takes alerts for people over. Thread-safe; returns at once, because it may be called on a tick's thread. */
@FunctionalInterface
public interface AlertSink extends AutoCloseable {

    /**
     * Hands an alert over. An alert whose id was raised before is not passed on again.
     *
     * @param alert the alert
     */
    void raise(Alert alert);

    /** Frees what the sink holds. Idempotent; alerts raised afterwards are dropped. Does nothing by default. */
    @Override
    default void close() {}

    /**
     * Drops everything.
     *
     * @return the sink for bots that nobody watches
     */
    static AlertSink disabled() {
        return alert -> {};
    }
}
