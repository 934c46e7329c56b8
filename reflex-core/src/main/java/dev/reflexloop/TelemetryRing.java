package dev.reflexloop;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The newest events, in a ring that any thread puts into without waiting and any number of readers follow, each with a place of its own:
 * what a reader costs is paid by the reader. Whoever falls behind by a whole round loses what was overwritten, and knows how much.
 *
 * <p>An event is put in by three steps: a number is claimed, the slot of that number is written, and by this published. A reader therefore
 * waits at a slot that was claimed and not yet written. A publisher that was held up between the steps for a whole round finds a newer event
 * in its slot and gives its own up; readers count it as overwritten.
 */
final class TelemetryRing {
    private static final class Slot {
        final TelemetryEvent event;
        long number; // written before the slot is published

        Slot(TelemetryEvent event) {
            this.event = event;
        }
    }

    private final AtomicReferenceArray<@Nullable Slot> slots;
    private final AtomicLong next = new AtomicLong();
    private final int mask;

    /** A ring for at least so many events. */
    TelemetryRing(int atLeast) {
        int capacity = Integer.highestOneBit(Math.max(2, atLeast) - 1) << 1;
        this.slots = new AtomicReferenceArray<>(capacity);
        this.mask = capacity - 1;
    }

    void add(TelemetryEvent event) {
        Slot slot = new Slot(event);
        long number = next.getAndIncrement();
        slot.number = number;
        int index = (int) (number & mask);
        Slot before;
        do {
            before = slots.get(index);
            if (before != null && before.number > number) {
                return;
            }
        } while (!slots.compareAndSet(index, before, slot));
    }

    /** How many were ever put in. */
    long count() {
        return next.get();
    }

    /** A reader that begins with the newest {@code before} events, as far as they are there. */
    Reader reader(long before) {
        long now = next.get();
        return new Reader(Math.max(0, now - Math.min(before, slots.length())));
    }

    /**
     * Goes back from a number, without a place of its own. What came after an event that is still being put in is left for later, as a reader
     * leaves it.
     *
     * @param until the number above the first one to look at
     * @param oldest the number at which to stop
     * @param most after how many to stop
     * @param into for those that fit, the newest first
     * @return the number of the last one that was looked at
     */
    long backwards(long until, long oldest, int most, TelemetryQuery query, List<TelemetryEvent> into) {
        long place = until;
        while (place > oldest && into.size() < most) {
            Slot slot = slots.get((int) ((place - 1) & mask));
            if (slot != null && slot.number > place - 1) {
                return oldest; // overwritten, and what is older will be at once
            }
            place--;
            if (slot == null || slot.number < place) {
                into.clear();
            } else if (query.fits(slot.event)) {
                into.add(slot.event);
            }
        }
        return place;
    }

    /** One reader's place. Confined to one thread at a time. */
    final class Reader {
        private long place;
        private volatile long lost;

        private Reader(long place) {
            this.place = place;
        }

        /** The next event; null if there is none yet. */
        @Nullable
        TelemetryEvent take() {
            while (true) {
                long until = next.get();
                if (place >= until) {
                    return null;
                }
                Slot slot = slots.get((int) (place & mask));
                if (slot == null || slot.number < place) {
                    return null;
                }
                if (slot.number == place) {
                    place++;
                    return slot.event;
                }
                long oldest = Math.max(place + 1, until - slots.length());
                lost = lost + oldest - place;
                place = oldest;
            }
        }

        /** How many events were overwritten before they were taken. */
        long lost() {
            return lost;
        }

        /** The number that the next event to be published will have. */
        long end() {
            return next.get();
        }

        /** The number of the next event to be taken. */
        long place() {
            return place;
        }
    }
}
