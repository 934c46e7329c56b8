package dev.reflexloop;

/**
 * The motor layer: the bot's own code that moves, aims and clicks. Under a {@link ReflexRunner} it is handed each intent on one of the
 * runner's threads, one call at a time per loop; it should return within a frame. Pilots with a loop of their own read
 * {@link ReflexLoop#latest()} instead.
 */
@FunctionalInterface
public interface Pilot {
    /**
     * Begins to carry out an intent, and returns. Never called with a stale intent. What it throws is counted and logged; the step is then
     * not recorded as applied.
     *
     * @param intent what to do
     */
    void apply(Intent intent);

    /**
     * Moves nothing.
     *
     * @return the pilot for bots that read {@link ReflexLoop#latest()}
     */
    static Pilot disabled() {
        return intent -> {};
    }
}
