/**
 * The codex: an append-only, signed, hash-chained ledger of every change of what decides - schema, policy, model, adapter, guard.
 *
 * <p>The type to start from is {@link dev.reflexloop.codex.Codex}. Nothing here belongs on a tick's thread.
 */
@NullMarked
package dev.reflexloop.codex;

import org.jspecify.annotations.NullMarked;
