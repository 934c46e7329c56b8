package dev.reflexloop.escalation;

import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Situation;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What an inbox holds, as the sum of its lines: applying the lines of its file gives the same state as living through them. Confined to
 * the inbox's lock.
 */
final class InboxState {
    private static final int MAX_CLOSED = 1_000;
    private static final int MAX_IDS = 64;

    /** What makes two escalations the same. */
    private record Sameness(String entity, String words, List<Situation.Option> options) {
        static Sameness of(InboxLine.Submitted line) {
            return new Sameness(
                    line.entity(), line.situation().words(), line.situation().options());
        }
    }

    /** One escalation with what became of it. */
    static final class Held {
        final InboxLine.Submitted submitted;
        final List<InboxLine.Repeated> repeats = new ArrayList<>();
        int times = 1;
        long expiresNanos;

        /** The mission in which it was submitted last, or which its answer began; empty after a restart. */
        String mission = "";

        @Nullable
        Instant shownAt;

        InboxLine.@Nullable Answered answered;
        InboxLine.@Nullable Expired expired;
        Guidance.@Nullable Fate fate;

        Held(InboxLine.Submitted submitted) {
            this.submitted = submitted;
        }

        String id() {
            return submitted.id();
        }

        boolean isPending() {
            return answered == null && expired == null;
        }

        /** The id under which the loop waits for an answer now. */
        String latestId() {
            return repeats.isEmpty() ? id() : repeats.get(repeats.size() - 1).id();
        }

        /** When the loop handed it over under one of its ids. */
        Instant escalatedAt(String id) {
            return repeats.stream()
                    .filter(each -> each.id().equals(id))
                    .map(InboxLine.Repeated::escalatedAt)
                    .findFirst()
                    .orElse(submitted.escalatedAt());
        }

        @Nullable
        Instant shownAt() {
            return shownAt;
        }

        Optional<Situation.Option> option(int number) {
            List<Situation.Option> options = submitted.situation().options();
            return number >= 1 && number <= options.size() ? Optional.of(options.get(number - 1)) : Optional.empty();
        }

        InboxEntry entry() {
            InboxLine.Answered by = answered;
            return new InboxEntry(
                    submitted.id(),
                    submitted.entity(),
                    submitted.tick(),
                    submitted.situation(),
                    submitted.goal(),
                    submitted.escalatedAt(),
                    times,
                    by != null
                            ? InboxEntry.State.ANSWERED
                            : expired != null ? InboxEntry.State.EXPIRED : InboxEntry.State.PENDING,
                    Optional.ofNullable(by)
                            .map(line -> new InboxEntry.Response(
                                    line.guidance(),
                                    option(line.option()),
                                    line.goal().map(Goal::of),
                                    line.by(),
                                    line.at(),
                                    Optional.ofNullable(fate))));
        }
    }

    private final LinkedHashMap<String, Held> entries = new LinkedHashMap<>();
    private final Map<String, Held> byId = new HashMap<>();
    private final Map<String, Held> byGuidance = new HashMap<>();
    private final Map<Sameness, Held> pending = new LinkedHashMap<>();

    void apply(InboxLine line) {
        if (line instanceof InboxLine.Submitted each) {
            submitted(each);
        } else if (line instanceof InboxLine.Repeated each) {
            repeated(each);
        } else if (line instanceof InboxLine.Shown each) {
            Held held = byId.get(each.entry());
            if (held != null) {
                held.shownAt = each.at();
            }
        } else if (line instanceof InboxLine.Answered each) {
            Held held = byId.get(each.entry());
            if (held != null && held.isPending()) {
                held.answered = each;
                byGuidance.put(each.guidance(), held);
                closed(held);
            }
        } else if (line instanceof InboxLine.Expired each) {
            Held held = byId.get(each.entry());
            if (held != null && held.isPending()) {
                held.expired = each;
                closed(held);
            }
        } else if (line instanceof InboxLine.Ended each) {
            Held held = byGuidance.get(each.guidance());
            if (held != null && held.fate == null) {
                held.fate = each.fate();
            }
        }
    }

    private void submitted(InboxLine.Submitted line) {
        if (!frees(line.id())) {
            return;
        }
        Sameness sameness = Sameness.of(line);
        if (pending.containsKey(sameness)) { // the lines of a file that others edited
            return;
        }
        Held held = new Held(line);
        entries.put(line.id(), held);
        byId.put(line.id(), held);
        pending.put(sameness, held);
        if (entries.size() - pending.size() > MAX_CLOSED) {
            entries.values().stream()
                    .filter(each -> !each.isPending())
                    .findFirst()
                    .ifPresent(this::forget);
        }
    }

    private void repeated(InboxLine.Repeated line) {
        Held held = byId.get(line.entry());
        if (held != null && held.isPending() && frees(line.id())) {
            held.times++;
            held.repeats.add(line);
            byId.put(line.id(), held);
            if (held.repeats.size() >= MAX_IDS) {
                byId.remove(held.repeats.remove(0).id());
            }
        }
    }

    /** Forgets what had an id before, in an earlier run of the same bot; false if that still waits. */
    private boolean frees(String id) {
        Held before = byId.get(id);
        if (before == null) {
            return true;
        }
        if (before.isPending()) {
            return false;
        }
        forget(before);
        return true;
    }

    private void closed(Held held) {
        pending.remove(Sameness.of(held.submitted), held);
    }

    private void forget(Held held) {
        entries.remove(held.id(), held);
        byId.remove(held.id(), held);
        held.repeats.forEach(each -> byId.remove(each.id(), held));
        if (held.answered != null) {
            byGuidance.remove(held.answered.guidance(), held);
        }
    }

    @Nullable
    Held find(String id) {
        return byId.get(id);
    }

    /** The pending escalation that this one repeats. */
    @Nullable
    Held same(InboxLine.Submitted line) {
        return pending.get(Sameness.of(line));
    }

    boolean knowsGuidance(String id) {
        Held held = byGuidance.get(id);
        return held != null && held.fate == null;
    }

    /** In the order in which they came. */
    Collection<Held> pending() {
        return pending.values();
    }

    Collection<Held> all() {
        return entries.values();
    }

    /** The one that should be shown next: of those that never were, the newest, because that is where a bot waits now. */
    Optional<Held> nextToShow() {
        Held newest = null;
        for (Held each : pending.values()) {
            newest = each.shownAt == null ? each : newest;
        }
        return Optional.ofNullable(newest);
    }

    /** Those that were shown, the last one first. */
    List<Held> shown() {
        return entries.values().stream()
                .filter(each -> each.shownAt != null)
                .sorted(Comparator.comparing(Held::shownAt, Comparator.nullsFirst(Comparator.naturalOrder()))
                        .reversed())
                .toList();
    }

    /** Lines that give this state again. */
    List<InboxLine> lines() {
        List<InboxLine> lines = new ArrayList<>();
        for (Held each : entries.values()) {
            lines.add(each.submitted);
            lines.addAll(each.repeats);
            if (each.shownAt != null) {
                lines.add(new InboxLine.Shown(each.id(), each.shownAt));
            }
            if (each.answered != null) {
                lines.add(each.answered);
            }
            if (each.answered != null && each.fate != null) {
                lines.add(new InboxLine.Ended(each.answered.guidance(), each.fate, each.answered.at()));
            }
            if (each.expired != null) {
                lines.add(each.expired);
            }
        }
        return lines;
    }
}
