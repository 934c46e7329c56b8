package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Finds out when slots are free again whose call was cut: the server says so at {@code /slots}. Where that is switched off or refused, it is
 * asked to warm what the slot was sent last, which it begins when the slot is free. A server that refuses that too, or is not there any
 * more, works on nothing. Thread-safe; works in the background, and only while there is a slot in doubt.
 */
final class SlotWatch {
    private static final Duration LOOK = Duration.ofMillis(500);
    private static final Duration PROBE = Duration.ofMillis(800);
    private static final long FIRST_PAUSE_MILLIS = 5;
    private static final long LONGEST_PAUSE_MILLIS = 160;

    private final SlotTable slots;
    private final ServerClient client;
    private final ScheduledExecutorService timer;
    private final AtomicBoolean looking = new AtomicBoolean();
    private volatile boolean serverTells = true;

    SlotWatch(SlotTable slots, ServerClient client, ScheduledExecutorService timer) {
        this.slots = slots;
        this.client = client;
        this.timer = timer;
    }

    /** Whether the server answers at {@code /slots}. */
    void serverTells(boolean tells) {
        serverTells = tells;
    }

    /** Looks after a slot that came into doubt. Returns at once. */
    void look() {
        if (looking.compareAndSet(false, true)) {
            lookIn(0);
        }
    }

    private void lookIn(long millis) {
        try {
            timer.schedule(() -> look(millis), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            looking.set(false);
        }
    }

    private void look(long pauseMillis) {
        BitSet inDoubt = slots.inDoubt();
        if (inDoubt.isEmpty()) {
            looking.set(false);
            if (!slots.inDoubt().isEmpty()) {
                look(); // one came into doubt while we stopped, and did not wake us
            }
            return;
        }
        Deadline patience = Deadline.in(LOOK, ReflexClock.system());
        CompletableFuture<BitSet> free =
                serverTells ? client.get("/slots", patience, SlotWatch::idle) : probe(inDoubt.nextSetBit(0));
        free.whenComplete((idle, failure) -> {
            boolean refused = failure != null && !patience.expired();
            if (failure == null) {
                inDoubt.and(idle);
            }
            if (failure == null || (refused && !serverTells)) {
                slots.proven(inDoubt); // who is not there, or refuses everything, works on nothing
            }
            serverTells &= !refused;
            lookIn(Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis)));
        });
    }

    /** The slots that are not at work. */
    private static BitSet idle(JsonNode reply) {
        BitSet idle = new BitSet();
        for (JsonNode slot : reply) {
            int id = slot.path("id").asInt(-1);
            JsonNode atWork = slot.path("is_processing");
            if (id >= 0 && id < SlotTable.MOST_SLOTS && atWork.isBoolean() && !atWork.asBoolean()) {
                idle.set(id);
            }
        }
        return idle;
    }

    private CompletableFuture<BitSet> probe(int slot) {
        int[] prompt = slots.lastPrompt(slot);
        BitSet free = new BitSet();
        free.set(slot);
        if (prompt.length == 0) {
            return CompletableFuture.completedFuture(free); // nothing was ever sent to it
        }
        return client.post(
                "/completion",
                Completion.warm(prompt, prompt.length, slot),
                Deadline.in(PROBE, ReflexClock.system()),
                reply -> free);
    }
}
