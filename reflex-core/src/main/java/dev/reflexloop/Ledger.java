package dev.reflexloop;

import java.util.List;

/**
 * Where it is recorded what decides. {@code dev.reflexloop.codex.Codex} is one: an append-only, signed file. Thread-safe where loops share it.
 *
 * <p>A loop tells its settings once, while it is built, and never on a tick. So this may block.
 */
@FunctionalInterface
public interface Ledger {

    /**
     * Records what decides from now on. What is as it was when it was last recorded needs no new record.
     *
     * @param session the run of the loop that is being built
     * @param settings what decides in it, each of one kind and subject once
     * @throws ReflexException if it cannot be recorded; then the loop is not built
     */
    void note(String session, List<Setting> settings);

    /**
     * Records nothing.
     *
     * @return the ledger of a loop that was given none
     */
    static Ledger disabled() {
        return (session, settings) -> {};
    }
}
