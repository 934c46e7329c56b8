package dev.reflexloop.escalation;

import dev.reflexloop.EscalationSink.Receipt;
import dev.reflexloop.ReflexClock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Which escalations an inbox takes, and how long they wait. Confined to the inbox's lock. */
final class InboxRegister {
    private final ReflexClock clock;
    private final int capacity;
    private final Duration expireAfter;
    private final InboxLedger ledger;
    private final InboxState state;
    private long accepted;
    private long folded;
    private long rejected;
    private long expired;

    InboxRegister(ReflexClock clock, int capacity, Duration expireAfter, InboxLedger ledger) {
        this.clock = clock;
        this.capacity = capacity;
        this.expireAfter = expireAfter;
        this.ledger = ledger;
        this.state = ledger.state();
        state.pending().forEach(this::startClock);
    }

    /** What waited when the process before this one ended waits for the rest of its time. */
    private void startClock(InboxState.Held held) {
        Duration waited = Duration.between(held.submitted.at(), clock.instant());
        Duration left = waited.isNegative() ? expireAfter : expireAfter.minus(waited);
        held.expiresNanos = clock.nanos() + left.toNanos();
    }

    Receipt submit(InboxLine.Submitted line, String mission) {
        Receipt receipt = take(line, mission);
        rejected += receipt == Receipt.REJECTED ? 1 : 0;
        return receipt;
    }

    Receipt reject() {
        rejected++;
        return Receipt.REJECTED;
    }

    private Receipt take(InboxLine.Submitted line, String mission) {
        InboxState.Held known = state.find(line.id());
        if (known != null) {
            if (known.escalatedAt(line.id()).equals(line.escalatedAt())) {
                return Receipt.REJECTED;
            }
            expire(known); // a new run of the same bot counts its decisions from 1 again
        }
        InboxState.Held same = state.same(line);
        if (same != null) {
            if (!ledger.write(new InboxLine.Repeated(same.id(), line.id(), line.escalatedAt(), line.at()))) {
                return Receipt.REJECTED;
            }
            folded++;
            same.mission = mission; // the answer goes to the one that waits in this mission
            return Receipt.ACCEPTED;
        }
        if (state.pending().size() >= capacity || !ledger.write(line)) {
            return Receipt.REJECTED;
        }
        accepted++;
        InboxState.Held held = state.find(line.id());
        if (held != null) {
            held.expiresNanos = clock.nanos() + expireAfter.toNanos();
            held.mission = mission;
        }
        return Receipt.ACCEPTED;
    }

    private void expire(InboxState.Held held) {
        if (held.isPending()) {
            ledger.note(new InboxLine.Expired(held.id(), clock.instant()));
            expired++;
        }
    }

    void expireWhatWaitedTooLong() {
        long now = clock.nanos();
        List<InboxState.Held> over = new ArrayList<>();
        for (InboxState.Held each : state.pending()) {
            if (now - each.expiresNanos >= 0) {
                over.add(each);
            }
        }
        over.forEach(this::expire);
    }

    // ---- looking things up; what waited too long is over by then

    InboxState.@Nullable Held find(String escalation) {
        expireWhatWaitedTooLong();
        return state.find(escalation);
    }

    List<InboxEntry> pending() {
        expireWhatWaitedTooLong();
        return state.pending().stream().map(InboxState.Held::entry).toList();
    }

    List<InboxEntry> entries() {
        expireWhatWaitedTooLong();
        return state.all().stream().map(InboxState.Held::entry).toList();
    }

    Optional<InboxEntry> nextToShow() {
        expireWhatWaitedTooLong();
        return state.nextToShow().map(InboxState.Held::entry);
    }

    List<InboxEntry> shown() {
        expireWhatWaitedTooLong();
        return state.shown().stream().map(InboxState.Held::entry).toList();
    }

    Optional<Instant> shownAt(String entry) {
        return Optional.ofNullable(state.find(entry)).map(InboxState.Held::shownAt);
    }

    /** Notes that an entry is about to be shown; false if that cannot be written. */
    boolean showing(String entry) {
        return ledger.write(new InboxLine.Shown(entry, clock.instant()));
    }

    // ---- counters

    long accepted() {
        return accepted;
    }

    long folded() {
        return folded;
    }

    long rejected() {
        return rejected;
    }

    long expired() {
        return expired;
    }
}
