package dev.reflexloop;

/**
 * Hears what became of guidance. Called on a background thread of the loop, one call at a time, and never on a tick's; after the loop was
 * closed, on the thread that goes on guiding it. What it throws is counted. More than 64 calls that wait for a slow listener are dropped and
 * counted as {@link LoopStats#queueDrops()}; the counts of {@link LoopStats#guidances()} are always exact.
 */
@FunctionalInterface
public interface GuidanceListener {

    /**
     * A guidance met its fate. Called once for each guidance with an action; for one without only where its goal was not taken
     * ({@link Guidance.Fate#OUTDATED}, {@link Guidance.Fate#UNKNOWN}, {@link Guidance.Fate#CLOSED}).
     *
     * @param guidance what {@link ReflexLoop#guide(Guidance)} was given
     * @param fate what became of it
     */
    void ended(Guidance guidance, Guidance.Fate fate);

    /**
     * Hears nothing.
     *
     * @return the listener of a loop that was given none
     */
    static GuidanceListener disabled() {
        return (guidance, fate) -> {};
    }
}
