package dev.reflexloop;

/** The sink of a bot without a strategist, known by sight, so that its loop waits for nobody. */
enum DisabledSink implements EscalationSink {
    INSTANCE;

    @Override
    public Receipt submit(Escalation escalation) {
        return Receipt.REJECTED;
    }
}
