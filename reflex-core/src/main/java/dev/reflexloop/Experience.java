package dev.reflexloop;

/**
 * A closed step: what was decided and what came of it. Immutable.
 *
 * @param decision what was decided
 * @param outcome what came of it
 */
public record Experience(Decision decision, Outcome outcome) {}
