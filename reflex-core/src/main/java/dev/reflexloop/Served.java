package dev.reflexloop;

/** How a decision came about. Every decision has exactly one, and the counters of a loop add up over them. */
public enum Served {
    /** Chosen from a model's answer. */
    MODEL,
    /** Chosen from an earlier answer to the same question. */
    CACHE,
    /** Only one action was legal, so nobody was asked. */
    FORCED,
    /** The fallback that existed before the model was asked; {@link Decision#because()} says why. */
    FALLBACK,
    /** Said by the strategist, and legal now. */
    GUIDANCE,
    /** What the shield put in the place of an action that it vetoed. */
    SHIELD,
    /** Held while the strategist is asked, or because the mission was stopped. */
    HOLD
}
