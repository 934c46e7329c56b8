package dev.reflexloop.escalation.relay;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a relay has done since it was built. Immutable; the counts were read one after the other while the relay worked on.
 *
 * @param raised alerts handed to the relay
 * @param acknowledged alerts that are safe in the spool, whatever happens to this process
 * @param duplicates alerts that were raised before, and therefore not passed on again
 * @param dropped alerts that are lost: raised when the relay was full or closed, or left over when it was closed, and not in a
 *     spool
 * @param waiting alerts that some channel still has to deliver
 * @param channels by a channel's name, what it did
 */
public record RelayStats(
        long raised, long acknowledged, long duplicates, long dropped, long waiting, Map<String, Channel> channels) {
    /**
     * What one channel did.
     *
     * @param delivered alerts that arrived
     * @param retried attempts that failed and were or will be repeated
     * @param failed alerts that were given up: refused by the other side, or too old
     */
    public record Channel(long delivered, long retried, long failed) {}

    /** Copies the channels. */
    public RelayStats {
        channels = Collections.unmodifiableMap(new LinkedHashMap<>(channels));
    }
}
