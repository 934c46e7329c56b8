package dev.reflexloop.console.web;

/** A request that is answered with an error. Expected at any time, so it has no stack trace. */
final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    final int status;

    /**
     * A refusal.
     *
     * @param status the HTTP status
     * @param message what, why and the remedy; for whoever asked
     */
    Refusal(int status, String message) {
        super(message, null, false, false);
        this.status = status;
    }
}
