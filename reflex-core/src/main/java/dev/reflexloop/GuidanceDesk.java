package dev.reflexloop;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where guidance arrives and waits for its tick: room for one with an action. Knows which escalations of this loop may still be answered, the
 * last 256 of them, and sees to it that every guidance with an action meets exactly one fate.
 *
 * <p>Thread-safe. Its monitor guards the place and the list, for some instructions at a time, and is only ever taken last; a guidance leaves
 * the place under it, and whoever took it out tells of its fate.
 */
final class GuidanceDesk {
    private static final int REMEMBERED = 256;

    /** A guidance that waits for its tick. */
    static final class Order {
        final Guidance guidance;
        final Action action;
        final @Nullable Occurrence answers;
        private final long arrivedNanos;
        private final long leaseNanos;
        private volatile boolean tried;

        Order(Guidance guidance, Action action, @Nullable Occurrence answers, long nowNanos) {
            this.guidance = guidance;
            this.action = action;
            this.answers = answers;
            this.arrivedNanos = nowNanos;
            this.leaseNanos = Check.nanos(guidance.lease());
        }

        /** It could not be taken in a tick, because its action or its target was not legal there. */
        void tried() {
            tried = true;
        }

        private void leaves(long nowNanos) {
            if (answers != null) {
                answers.answer(nowNanos);
            }
        }

        private Guidance.@Nullable Fate fateAt(long nowNanos) {
            if (nowNanos - arrivedNanos >= leaseNanos) {
                return tried ? Guidance.Fate.ILLEGAL : Guidance.Fate.EXPIRED;
            }
            return answers != null && answers.isOver() ? Guidance.Fate.OUTDATED : null;
        }
    }

    private final LegalMask mask;
    private final GuidanceListener listener;
    private final LoopCounters counters;
    private final Callbacks callbacks;
    private final Background background;
    private final Map<String, Occurrence> open = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Occurrence> eldest) {
            return size() > REMEMBERED;
        }
    };
    private volatile @Nullable Order waiting;
    private volatile boolean closed;

    GuidanceDesk(
            LegalMask mask,
            GuidanceListener listener,
            LoopCounters counters,
            Callbacks callbacks,
            Background background) {
        this.mask = mask;
        this.listener = listener;
        this.counters = counters;
        this.callbacks = callbacks;
        this.background = background;
    }

    /** An escalation that may be answered from now on. */
    synchronized void expect(String escalation, Occurrence occurrence) {
        open.put(escalation, occurrence);
    }

    /** Takes a guidance in; false if nothing of it counts, not even its goal. */
    boolean receive(Guidance guidance, long nowNanos) {
        Occurrence answers;
        Order before = null;
        Guidance.Fate fate = null;
        synchronized (this) {
            String escalation = guidance.escalation().orElse(null);
            answers = escalation == null ? null : open.get(escalation);
            Action action = guidance.action().map(mask::byName).orElse(null);
            if (closed) {
                fate = Guidance.Fate.CLOSED;
            } else if (escalation != null && answers == null) {
                fate = Guidance.Fate.UNKNOWN;
            } else if (answers != null && answers.isOver()) {
                close(answers);
                fate = Guidance.Fate.OUTDATED;
            } else if (guidance.action().isPresent() && (action == null || mask.isAbstain(action))) {
                fate = Guidance.Fate.ILLEGAL;
            } else {
                close(answers);
                if (action == null) {
                    release(answers, nowNanos);
                } else {
                    before = waiting;
                    if (before != null) {
                        before.leaves(nowNanos);
                    }
                    waiting = new Order(guidance, action, answers, nowNanos);
                }
            }
        }
        if (before != null) {
            Guidance.Fate due = before.fateAt(nowNanos);
            ended(before.guidance, due == null ? Guidance.Fate.REPLACED : due);
        }
        if (fate != null) {
            ended(guidance, fate);
        }
        return fate == null || fate == Guidance.Fate.ILLEGAL;
    }

    /** What was asked more than once is answered once. */
    @SuppressWarnings("ReferenceEquality") // this occurrence, not one like it
    private void close(@Nullable Occurrence answered) {
        if (answered != null) {
            open.values().removeIf(each -> each == answered);
        }
    }

    private static void release(@Nullable Occurrence answered, long nowNanos) {
        if (answered != null) {
            answered.release(nowNanos);
        }
    }

    /** What waits to be taken, unless its time is over. */
    @Nullable
    Order due(long nowNanos) {
        Order order = waiting;
        Guidance.Fate fate = order == null ? null : order.fateAt(nowNanos);
        if (order == null || fate == null) {
            return order;
        }
        if (claim(order, nowNanos)) {
            ended(order.guidance, fate);
        }
        return null;
    }

    /** Takes an order out to be served; false if it is gone. Whoever has it says what became of it. */
    @SuppressWarnings("ReferenceEquality") // this order, not one like it
    synchronized boolean claim(Order order, long nowNanos) {
        if (waiting != order) {
            return false;
        }
        waiting = null;
        order.leaves(nowNanos);
        return true;
    }

    /** Ends what waits, and whatever comes from now on. */
    void close(long nowNanos) {
        Order left;
        synchronized (this) {
            closed = true;
            left = waiting;
            waiting = null;
        }
        if (left != null) {
            Guidance.Fate due = left.fateAt(nowNanos);
            ended(left.guidance, due == null ? Guidance.Fate.CLOSED : due);
        }
    }

    void ended(Guidance guidance, Guidance.Fate fate) {
        counters.ended(guidance, fate);
        Runnable telling = () -> callbacks.run("guidance listener", () -> listener.ended(guidance, fate));
        if (!background.run(telling)) {
            if (closed) {
                telling.run(); // not a tick's thread: those take nothing after the end
            } else {
                counters.dropped("fate of a guidance", 1);
            }
        }
    }
}
