package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.Arrays;

/**
 * Has a prompt computed before it is needed. A few tokens at a time: while a server reads one prompt it answers nobody else, and a tick
 * that comes in between must not wait for all of it. Thread-safe; returns at once.
 */
final class PrefixWarmer {
    private static final int TOKENS_AT_A_TIME = 32;
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final SlotTable slots;
    private final SlotWatch watch;
    private final ServerClient client;

    PrefixWarmer(SlotTable slots, SlotWatch watch, ServerClient client) {
        this.slots = slots;
        this.watch = watch;
        this.client = client;
    }

    /** Warms an entity's slot, unless it is at work. */
    void warm(String entity, int[] prompt) {
        int known = slots.known(entity, prompt);
        slots.leaseToWarm(entity)
                .ifPresent(lease -> warm(lease, prompt, Math.min(prompt.length, known + TOKENS_AT_A_TIME)));
    }

    private void warm(SlotTable.Lease lease, int[] prompt, int length) {
        if (!lease.sends(Arrays.copyOf(prompt, length))) {
            return; // a call took the slot over: it computes the rest itself
        }
        client.post(
                        "/completion",
                        Completion.warm(prompt, length, lease.slot()),
                        Deadline.in(PATIENCE, ReflexClock.system()),
                        reply -> length)
                .whenComplete((done, failure) -> {
                    if (failure != null) {
                        if (lease.cut()) {
                            watch.look();
                        }
                    } else if (length == prompt.length) {
                        lease.release();
                    } else {
                        warm(lease, prompt, Math.min(prompt.length, length + TOKENS_AT_A_TIME));
                    }
                });
    }
}
