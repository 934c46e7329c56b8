package dev.reflexloop.codex;

import java.time.Instant;

/**
 * A change as it stands in the ledger. Immutable.
 *
 * @param sequence its place, 1 for the first change
 * @param at the wall-clock time when it was written
 * @param change the change
 * @param hash its hash, which covers everything before it; noted elsewhere, it is an anchor, see {@link Codex#verify(java.nio.file.Path, String)}
 */
public record CodexEntry(long sequence, Instant at, Change change, String hash) {}
