package dev.reflexloop.llm.server;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Which entity has which slot of a server, and which slots are at work. Thread-safe.
 *
 * <p>Each entity keeps its slot, and with it the prefix that the server has computed there; the slot that was used least recently is
 * given to a new entity. A slot has one call at a time. A call that was cut goes on inside the server for a while, so its slot is in
 * doubt, and taken, until it is proven free. The entity's next call may wait for that, one at a time: what cut the call was probably
 * something urgent.
 */
final class SlotTable {
    /** More slots than that are not used. */
    static final int MOST_SLOTS = 4_096;

    private static final int[] NOTHING = {};

    private final Map<String, Slot> byEntity = new HashMap<>();
    private final List<Slot> slots = new ArrayList<>();
    private long uses;

    private static final class Slot {
        private final int id;
        private @Nullable String entity;
        private @Nullable Lease holder;
        private @Nullable CompletableFuture<Lease> waiting;
        private boolean inDoubt;
        private long lastUse;
        private int[] prompt = NOTHING;

        Slot(int id) {
            this.id = id;
        }

        boolean isFree() {
            return holder == null && !inDoubt;
        }
    }

    /** The right to use a slot, until it is given back. */
    final class Lease {
        private final Slot slot;
        private final boolean warming;
        private boolean sent;

        private Lease(Slot slot, boolean warming) {
            this.slot = slot;
            this.warming = warming;
        }

        int slot() {
            return slot.id;
        }

        /**
         * Remembers what is going to be sent; from now on the server may be at work.
         *
         * @return false if the slot was given back: nothing may be sent
         */
        boolean sends(int[] prompt) {
            synchronized (SlotTable.this) {
                if (slot.holder != this) {
                    return false;
                }
                sent = true;
                slot.prompt = prompt;
                return true;
            }
        }

        /** Gives the slot back: the server is through with it. */
        void release() {
            synchronized (SlotTable.this) {
                if (slot.holder == this) {
                    slot.holder = null;
                }
            }
        }

        /**
         * Gives the slot back while the server may still be at work.
         *
         * @return whether it is in doubt now; false if it was given back before, or nothing was sent
         */
        boolean cut() {
            synchronized (SlotTable.this) {
                if (slot.holder != this) {
                    return false;
                }
                slot.holder = null;
                slot.inDoubt |= sent;
                return sent;
            }
        }
    }

    /** Sets the number of slots. Slots that stay keep their entities. */
    void resize(int count) {
        List<Slot> gone = new ArrayList<>();
        synchronized (this) {
            while (slots.size() > count) {
                Slot last = slots.remove(slots.size() - 1);
                byEntity.values().remove(last);
                gone.add(last);
            }
            while (slots.size() < count) {
                slots.add(new Slot(slots.size()));
            }
        }
        endWaiting(gone);
    }

    /** Ends the calls that wait for a slot; the model is closed. */
    void endWaiting() {
        List<Slot> all;
        synchronized (this) {
            all = List.copyOf(slots);
        }
        endWaiting(all);
    }

    /** Not under the lock: who waited goes on in this thread, with code of users'. */
    private void endWaiting(List<Slot> those) {
        List<CompletableFuture<Lease>> waiting = new ArrayList<>();
        synchronized (this) {
            for (Slot slot : those) {
                if (slot.waiting != null) {
                    waiting.add(slot.waiting);
                    slot.waiting = null;
                }
            }
        }
        waiting.forEach(each -> each.cancel(false));
    }

    synchronized int size() {
        return slots.size();
    }

    /**
     * A slot for a call. A warming does not count as work.
     *
     * @return a future that is done when the slot is free now, and otherwise when a call that was cut is over; empty when the entity's own
     *     slot, or every one, is at work
     */
    synchronized Optional<CompletableFuture<Lease>> lease(String entity) {
        Slot own = byEntity.get(entity);
        if (own != null && own.holder != null && own.holder.warming) {
            own.holder = null;
        }
        if (own != null && own.holder == null && own.inDoubt && (own.waiting == null || own.waiting.isDone())) {
            CompletableFuture<Lease> waiting = new CompletableFuture<>();
            own.waiting = waiting;
            return Optional.of(waiting);
        }
        return take(own != null ? own : leastRecent(), entity, false).map(CompletableFuture::completedFuture);
    }

    /** A slot to warm a prefix in, or empty when the entity's own one, or every one, is at work. */
    synchronized Optional<Lease> leaseToWarm(String entity) {
        Slot own = byEntity.get(entity);
        return take(own != null ? own : leastRecent(), entity, true);
    }

    private @Nullable Slot leastRecent() {
        Slot best = null;
        for (Slot slot : slots) {
            if (slot.isFree() && (best == null || slot.lastUse < best.lastUse)) {
                best = slot;
            }
        }
        return best;
    }

    private Optional<Lease> take(@Nullable Slot slot, String entity, boolean warming) {
        if (slot == null || !slot.isFree()) {
            return Optional.empty();
        }
        if (!entity.equals(slot.entity)) {
            if (slot.entity != null) {
                byEntity.remove(slot.entity);
            }
            slot.entity = entity;
            byEntity.put(entity, slot);
        }
        slot.lastUse = ++uses;
        Lease lease = new Lease(slot, warming);
        slot.holder = lease;
        return Optional.of(lease);
    }

    /** How many tokens of a prompt are those that were last sent for an entity. */
    synchronized int known(String entity, int[] prompt) {
        Slot own = byEntity.get(entity);
        int[] last = own == null ? NOTHING : own.prompt;
        int same = 0;
        while (same < Math.min(last.length, prompt.length) && last[same] == prompt[same]) {
            same++;
        }
        return same;
    }

    /** Whether an entity's slot is neither at work nor in doubt. */
    synchronized boolean isIdle(String entity) {
        Slot own = byEntity.get(entity);
        return own == null || own.isFree();
    }

    /** What was last sent to a slot. Not copied: nobody changes it. */
    synchronized int[] lastPrompt(int slot) {
        return slot < slots.size() ? slots.get(slot).prompt : NOTHING;
    }

    /** The slots whose call was cut. */
    synchronized BitSet inDoubt() {
        BitSet ids = new BitSet();
        slots.stream().filter(slot -> slot.inDoubt).forEach(slot -> ids.set(slot.id));
        return ids;
    }

    /** Frees slots whose call is known to be over, and gives them to who waits for them. */
    void proven(BitSet free) {
        Map<CompletableFuture<Lease>, Lease> served = new HashMap<>();
        synchronized (this) {
            for (Slot slot : slots) {
                if (free.get(slot.id) && slot.inDoubt) {
                    slot.inDoubt = false;
                    CompletableFuture<Lease> waiting = slot.waiting;
                    slot.waiting = null;
                    if (waiting != null && !waiting.isDone() && slot.entity != null) {
                        take(slot, slot.entity, false).ifPresent(lease -> served.put(waiting, lease));
                    }
                }
            }
        }
        served.forEach((waiting, lease) -> {
            if (!waiting.complete(lease)) {
                lease.release(); // it gave up in this moment
            }
        });
    }
}
