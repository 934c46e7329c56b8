package dev.reflexloop.llm.server;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.Arrays;

/**
 * Has a prompt computed before it is needed. A few tokens at a time, as many as take the server about 50 ms: while it reads one prompt it
 * answers nobody else, and a tick that comes in between must not wait for all of it. Thread-safe; returns at once.
 */
final class PrefixWarmer {
    private static final int FIRST_PIECE = 16;
    private static final int SMALLEST_PIECE = 8;
    private static final int LARGEST_PIECE = 256;
    private static final double PIECE_NANOS = 50e6;
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
        slots.leaseToWarm(entity).ifPresent(lease -> warm(lease, prompt, Math.min(prompt.length, known + FIRST_PIECE)));
    }

    private void warm(SlotTable.Lease lease, int[] prompt, int length) {
        if (!lease.sends(Arrays.copyOf(prompt, length))) {
            return; // a call took the slot over: it computes the rest itself
        }
        client.postAndStream(
                        "/completion",
                        Completion.warm(prompt, length, lease.slot()),
                        Deadline.in(PATIENCE, ReflexClock.system()),
                        CompletionReply::cost)
                .whenComplete((cost, failure) -> {
                    if (failure != null) {
                        if (lease.cut()) {
                            watch.look();
                        }
                    } else if (length == prompt.length) {
                        lease.release();
                    } else {
                        warm(lease, prompt, Math.min(prompt.length, length + nextPiece(cost)));
                    }
                });
    }

    private static int nextPiece(Completion.Cost last) {
        double perToken = (double) last.nanos() / Math.max(1, last.evaluated());
        return (int) Math.max(SMALLEST_PIECE, Math.min(LARGEST_PIECE, PIECE_NANOS / Math.max(1, perToken)));
    }
}
