package dev.reflexloop;

import java.util.Optional;

/** Where a {@link ReflexRunner} gets perceptions from, on one of its threads, one call at a time per loop. */
@FunctionalInterface
public interface PerceptionSource {
    /**
     * Looks at the game.
     *
     * @return what the bot sees now, or empty when there is nothing new
     */
    Optional<Perception> perceive();

    /**
     * Sees nothing, for loops that are fed through {@link ReflexLoop#offer(Perception)}.
     *
     * @return the source that is always empty
     */
    static PerceptionSource disabled() {
        return Optional::empty;
    }
}
