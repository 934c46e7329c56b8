package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.GuidanceListener;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The register of what was handed over: what waits, what was answered, and what became of the answers. Thread-safe.
 *
 * <pre>{@code
 * EscalationInbox inbox = EscalationInbox.builder(folder.resolve("escalation-inbox.jsonl")).build();
 * ReflexLoop loop = ReflexLoop.builder(schema, model).escalateTo(inbox).onGuidance(inbox)...build();
 * inbox.guides(loop::guide);
 * for (InboxEntry entry : inbox.pending()) ...
 * inbox.answer(entry.id(), StrategistReply.option(2), "console");
 * }</pre>
 *
 * <p><b>What is acknowledged.</b> {@link #submit} writes the escalation into the inbox's file and returns
 * {@link dev.reflexloop.EscalationSink.Receipt#ACCEPTED} when the operating system has it: it then survives the death of this process, and
 * with {@link Builder#force()} that of the machine. What cannot be written is rejected. So it blocks for as long as a write takes, which
 * is why a loop calls it off the tick's thread. A situation that repeats one that waits - the same bot, words and options - is folded into
 * it: it is accepted, counted, and the answer goes to the newest escalation of the fold.
 *
 * <p><b>Answers</b> come through {@link #answer}, from a file ({@link FileEscalationSink}), or from a strategist ({@link StrategistDesk}). The
 * first one that offers something that can be done wins and becomes {@link Guidance} for whoever takes it ({@link #guides(Consumer)}); every
 * other one is refused with a reason. Both are in the file, and so is what the loop did with the guidance if it is told
 * ({@link #ended(Guidance, Guidance.Fate)}).
 *
 * <p><b>The file</b> is append-only JSON lines with a version in its header. At its size limit it is written anew with the last 1,000
 * escalations, and the old one is kept as {@code name.old}. When it was deleted, it is written anew from memory. One process may use it at a
 * time. After a restart what waited still waits, for the rest of its time; its answer then meets a loop that did not ask, which says so.
 */
public final class EscalationInbox implements EscalationSink, GuidanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(EscalationInbox.class);
    private static final int MAX_REASON = 300;
    private static final int MAX_WAITING_FATES = 10_000;
    private static final long CLOSE_SECONDS = 5;

    private record Ending(String guidance, Guidance.Fate fate) {}

    private final Object lock = new Object();
    private final Path file;
    private final ReflexClock clock;
    private final int capacity;
    private final Duration expireAfter;
    private final Duration lease;
    private final InboxLedger ledger;
    private final InboxState state;
    private final Takers takers = new Takers();
    private final Queue<Ending> endings = new ArrayBlockingQueue<>(MAX_WAITING_FATES);
    private final List<Runnable> fronts = new CopyOnWriteArrayList<>();
    private final @Nullable ScheduledThreadPoolExecutor thread;

    private final Map<AnswerVerdict.Kind, Long> refused = new EnumMap<>(AnswerVerdict.Kind.class);
    private final Map<Guidance.Fate, Long> fates = new EnumMap<>(Guidance.Fate.class);
    private long accepted;
    private long folded;
    private long rejected;
    private long answered;
    private long expired;
    private long listenerFailures;
    private boolean closed;

    private EscalationInbox(Builder builder) {
        this.file = builder.file;
        this.clock = builder.clock;
        this.capacity = builder.capacity;
        this.expireAfter = builder.expireAfter;
        this.lease = builder.lease;
        this.ledger =
                new InboxLedger(file, clock, new InboxJournal(file, builder.force, builder.opening), builder.compactAt);
        this.state = ledger.state();
        state.pending().forEach(this::startClock);
        this.thread = builder.watched ? watch(builder.lookEvery) : null;
    }

    private void startClock(InboxState.Held held) {
        Duration waited = Duration.between(held.submitted.at(), clock.instant());
        Duration left = waited.isNegative() ? expireAfter : expireAfter.minus(waited);
        held.expiresNanos = clock.nanos() + left.toNanos();
    }

    private ScheduledThreadPoolExecutor watch(Duration every) {
        ScheduledThreadPoolExecutor executor =
                new ScheduledThreadPoolExecutor(1, ReflexThreads.factory("reflex-inbox"));
        executor.scheduleWithFixedDelay(this::look, 0, every.toNanos(), TimeUnit.NANOSECONDS);
        return executor;
    }

    /**
     * Starts the settings of an inbox.
     *
     * @param file the file; it and its folder are created, and an existing inbox is continued after its torn last line, if any, was cut
     * @return a builder, one thread at a time
     */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    // ---- escalations

    @Override
    public Receipt submit(Escalation escalation) {
        String mission =
                takers.guard(escalation.perception().entity()).mission().id();
        synchronized (lock) {
            Receipt receipt =
                    closed ? Receipt.REJECTED : take(InboxLine.Submitted.of(escalation, clock.instant()), mission);
            rejected += receipt == Receipt.REJECTED ? 1 : 0;
            return receipt;
        }
    }

    private Receipt take(InboxLine.Submitted line, String mission) {
        InboxState.Held known = state.find(line.id());
        if (known != null) {
            boolean isTheSame = !known.id().equals(line.id())
                    || known.submitted.escalatedAt().equals(line.escalatedAt());
            if (isTheSame) {
                return Receipt.REJECTED;
            }
            expire(known); // a new run of the same bot counts its decisions from 1 again
        }
        InboxState.Held same = state.same(line);
        if (same != null) {
            if (!ledger.write(new InboxLine.Repeated(same.id(), line.id(), line.at()))) {
                return Receipt.REJECTED;
            }
            folded++;
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

    private void expireWhatWaitedTooLong() {
        long now = clock.nanos();
        List<InboxState.Held> over = new ArrayList<>();
        for (InboxState.Held each : state.pending()) {
            if (now - each.expiresNanos >= 0) {
                over.add(each);
            }
        }
        over.forEach(this::expire);
    }

    /**
     * What waits for an answer.
     *
     * @return the entries, the oldest first; unmodifiable
     */
    public List<InboxEntry> pending() {
        synchronized (lock) {
            expireWhatWaitedTooLong();
            return state.pending().stream().map(InboxState.Held::entry).toList();
        }
    }

    /**
     * Everything that waits, and the last 1,000 that no longer do.
     *
     * @return the entries, the oldest first; unmodifiable
     */
    public List<InboxEntry> entries() {
        synchronized (lock) {
            expireWhatWaitedTooLong();
            return state.all().stream().map(InboxState.Held::entry).toList();
        }
    }

    /**
     * One escalation.
     *
     * @param escalation its id, or that of one that was folded into it
     * @return the entry; empty when it is unknown or was long ago
     */
    public Optional<InboxEntry> find(String escalation) {
        synchronized (lock) {
            expireWhatWaitedTooLong();
            return Optional.ofNullable(state.find(escalation)).map(InboxState.Held::entry);
        }
    }

    // ---- answers

    /**
     * Says who takes the guidance for all bots that have nobody of their own, usually {@code loop::guide}. Until somebody does, answers are
     * refused and escalations go on waiting.
     *
     * @param to takes guidance, on the thread of whoever answers; what it throws is logged and counted
     */
    public void guides(Consumer<Guidance> to) {
        takers.guide(to);
    }

    /**
     * Says who takes the guidance for one bot, where several share the inbox.
     *
     * @param entity the bot, as in its perceptions
     * @param to takes guidance, on the thread of whoever answers; what it throws is logged and counted
     */
    public void guides(String entity, Consumer<Guidance> to) {
        takers.guide(entity, to);
    }

    /**
     * Says which guard hears the signals of answers for all bots that have none of their own: the guard of the loop that takes their
     * guidance. A signal is about the mission in which the escalation was submitted. Default: {@link LoopGuard#disabled()}.
     *
     * @param to the guard; called on the thread of whoever answers, before the guidance is given
     */
    public void guards(LoopGuard to) {
        takers.guard(to);
    }

    /**
     * Says which guard hears the signals of answers for one bot, where several share the inbox.
     *
     * @param entity the bot, as in its perceptions
     * @param to the guard; called on the thread of whoever answers, before the guidance is given
     */
    public void guards(String entity, LoopGuard to) {
        takers.guard(entity, to);
    }

    /**
     * Answers an escalation. The signal of an answer counts where the escalation waited, whether the answer was taken or not.
     *
     * @param escalation its id, or that of one that was folded into it
     * @param reply an option, a goal, or both
     * @param by who answers, for the record
     * @return whether the answer was taken, and why not; never an exception for what a strategist may say
     */
    public AnswerVerdict answer(String escalation, StrategistReply reply, String by) {
        AnswerVerdict verdict;
        InboxState.Held held;
        boolean waited;
        synchronized (lock) {
            expireWhatWaitedTooLong();
            held = closed ? null : state.find(escalation);
            waited = held != null && held.isPending();
            verdict = held == null ? refuseUnknown(escalation) : judge(held, reply, by);
            if (!verdict.isTaken()) {
                record(Optional.ofNullable(held).map(InboxState.Held::id), verdict, by);
            }
        }
        if (held != null) {
            InboxLine.Submitted asked = held.submitted;
            String mission = held.mission;
            if (waited && !mission.isEmpty()) {
                give(
                        "guard of " + asked.entity(),
                        () -> takers.guard(asked.entity()).signal(mission, reply.signal(), reply.actions()));
            }
            verdict.guidance().ifPresent(guidance -> give(asked.entity(), guidance));
        }
        return verdict;
    }

    private AnswerVerdict refuseUnknown(String escalation) {
        return closed
                ? AnswerVerdict.refused(AnswerVerdict.Kind.CLOSED, "the inbox is closed")
                : AnswerVerdict.refused(
                        AnswerVerdict.Kind.UNKNOWN, "no escalation has the id '" + cut(escalation) + "'");
    }

    private AnswerVerdict judge(InboxState.Held held, StrategistReply reply, String by) {
        boolean somebodyListens = takers.guide(held.submitted.entity()).isPresent();
        Judgement judgement = Judgement.of(held, reply, somebodyListens, lease);
        judgement.verdict().guidance().ifPresent(guidance -> {
            ledger.note(new InboxLine.Answered(
                    held.id(),
                    guidance.id(),
                    judgement.option(),
                    guidance.goal().map(Goal::text),
                    cut(by),
                    clock.instant()));
            answered++;
        });
        return judgement.verdict();
    }

    /** Gives guidance to whoever takes it for a bot. */
    void give(String entity, Guidance guidance) {
        takers.guide(entity).ifPresent(taker -> give("taker of guidance", () -> taker.accept(guidance)));
    }

    /** Refuses an answer that says not what it answers, or that could not be read. */
    AnswerVerdict refuse(Optional<String> entry, AnswerVerdict.Kind kind, String reason, String by) {
        AnswerVerdict verdict = AnswerVerdict.refused(kind, reason);
        synchronized (lock) {
            record(entry, verdict, by);
        }
        return verdict;
    }

    private void record(Optional<String> entry, AnswerVerdict verdict, String by) {
        refused.merge(verdict.kind(), 1L, Long::sum);
        LOG.info("An answer by {} was refused: {}", cut(by), verdict.reason());
        if (!closed) {
            ledger.note(new InboxLine.Refused(entry, verdict.kind(), cut(verdict.reason()), cut(by), clock.instant()));
        }
    }

    private static String cut(String text) {
        return Texts.cut(text, MAX_REASON);
    }

    /**
     * Notes what became of a guidance. Returns at once: the inbox's thread notes it. Guidance that no answer of this inbox became is left
     * out.
     */
    @Override
    public void ended(Guidance guidance, Guidance.Fate fate) {
        if (!endings.offer(new Ending(guidance.id(), fate))) {
            LOG.debug("The fate of guidance {} is not recorded, because too many wait", guidance.id());
        }
    }

    private void noteEndings() {
        for (Ending each = endings.poll(); each != null; each = endings.poll()) {
            if (state.knowsGuidance(each.guidance())) {
                fates.merge(each.fate(), 1L, Long::sum);
                ledger.note(new InboxLine.Ended(each.guidance(), each.fate(), clock.instant()));
            }
        }
    }

    // ---- for the sinks that put what waits somewhere else

    /** Has something run whenever the inbox's thread looks around; never under the inbox's lock. */
    void front(Runnable look) {
        fronts.add(look);
    }

    void removeFront(Runnable look) {
        fronts.remove(look);
    }

    /** The one to show next; empty when all that wait were shown. */
    Optional<InboxEntry> nextToShow() {
        synchronized (lock) {
            expireWhatWaitedTooLong();
            return state.nextToShow().map(InboxState.Held::entry);
        }
    }

    /** Notes that an entry is about to be shown; false if that cannot be written, and so must not happen. */
    boolean showing(String entry) {
        synchronized (lock) {
            return !closed && ledger.write(new InboxLine.Shown(entry, clock.instant()));
        }
    }

    /** What was shown, the last one first. */
    List<InboxEntry> shown() {
        synchronized (lock) {
            expireWhatWaitedTooLong();
            return state.shown().stream().map(InboxState.Held::entry).toList();
        }
    }

    /** When an entry was shown last. */
    Optional<Instant> shownAt(String entry) {
        synchronized (lock) {
            return Optional.ofNullable(state.find(entry)).map(InboxState.Held::shownAt);
        }
    }

    ReflexClock clock() {
        return clock;
    }

    Duration expireAfter() {
        return expireAfter;
    }

    void countFileFailure() {
        synchronized (lock) {
            ledger.countFailure();
        }
    }

    /** One look around. Called by the inbox's thread; by tests that have none, instead of it. */
    void look() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            noteEndings();
            expireWhatWaitedTooLong();
            ledger.mend();
        }
        for (Runnable each : fronts) {
            give("sink of an inbox", each);
        }
    }

    /** Calls what others wrote. */
    void give(String what, Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | LinkageError | AssertionError | StackOverflowError thrown) {
            synchronized (lock) {
                listenerFailures++;
            }
            LOG.warn("The {} of inbox {} threw; the inbox goes on", what, file, thrown);
        }
    }

    /**
     * The counters at this moment.
     *
     * @return a snapshot
     */
    public InboxStats stats() {
        synchronized (lock) {
            return new InboxStats(
                    accepted, folded, rejected, answered, refused, expired, fates, ledger.failures(), listenerFailures);
        }
    }

    /** Notes what is still to be noted and closes the file; waits at most five seconds. Idempotent; answers are refused afterwards. */
    @Override
    public void close() {
        if (thread != null) {
            thread.shutdown();
            try {
                if (!thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("The thread of inbox {} did not end within {} s", file, CLOSE_SECONDS);
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        synchronized (lock) {
            if (!closed) {
                noteEndings();
                closed = true;
                ledger.close();
            }
        }
    }

    @Override
    public String toString() {
        return "EscalationInbox[" + file + "]";
    }

    /** Settings of an inbox. One thread at a time. */
    public static final class Builder {
        private final Path file;
        private int capacity = 1_000;
        private Duration expireAfter = Duration.ofMinutes(10);
        private Duration lease = Duration.ofSeconds(30);
        private Duration lookEvery = Duration.ofMillis(200);
        private long compactAt = 10L << 20;
        private ReflexClock clock = ReflexClock.system();
        private boolean force;
        private boolean watched = true;
        private InboxJournal.Opening opening = path -> new RandomAccessFile(path.toFile(), "rw");

        private Builder(Path file) {
            this.file = file.toAbsolutePath();
            if (this.file.getParent() == null) {
                throw new IllegalArgumentException("file of an inbox is " + file + "; give a file in a folder");
            }
        }

        /**
         * Bounds what waits; what comes beyond is rejected. Default: 1,000.
         *
         * @param escalations 1 or more
         * @return this builder
         */
        public Builder capacity(int escalations) {
            if (escalations < 1) {
                throw new IllegalArgumentException("capacity of an inbox is " + escalations + "; give 1 or more");
            }
            this.capacity = escalations;
            return this;
        }

        /**
         * Sets how long an escalation waits for an answer. Default: 10 minutes.
         *
         * @param duration above zero, from the moment at which it is submitted
         * @return this builder
         */
        public Builder expireAfter(Duration duration) {
            this.expireAfter = positive(duration, "expireAfter");
            return this;
        }

        /**
         * Sets how long the loop may take to carry out an answer. Default: 30 seconds.
         *
         * @param duration above zero; the lease of the guidance
         * @return this builder
         */
        public Builder lease(Duration duration) {
            this.lease = positive(duration, "lease");
            return this;
        }

        /**
         * Sets how often the inbox's thread looks for what expired, and the sinks on top of it for files that changed. Default: 200 ms.
         *
         * @param duration above zero
         * @return this builder
         */
        public Builder lookEvery(Duration duration) {
            this.lookEvery = positive(duration, "lookEvery");
            return this;
        }

        /**
         * Sets the size at which the file is written anew. Default: 10 MiB.
         *
         * @param bytes 4,096 or more
         * @return this builder
         */
        public Builder compactAt(long bytes) {
            if (bytes < 4_096) {
                throw new IllegalArgumentException("compactAt of an inbox is " + bytes + "; give 4096 or more");
            }
            this.compactAt = bytes;
            return this;
        }

        /**
         * Forces every line to the disk before it counts as written. Default: off.
         *
         * @return this builder
         */
        public Builder force() {
            this.force = true;
            return this;
        }

        /**
         * Sets where time comes from. Default: the machine's clocks.
         *
         * @param source the clock
         * @return this builder
         */
        public Builder clock(ReflexClock source) {
            this.clock = source;
            return this;
        }

        /** For tests: no thread looks around. */
        Builder unwatched() {
            this.watched = false;
            return this;
        }

        /** For tests: a disk that fails. */
        Builder opening(InboxJournal.Opening disk) {
            this.opening = disk;
            return this;
        }

        private static Duration positive(Duration duration, String name) {
            if (duration.isZero() || duration.isNegative()) {
                throw new IllegalArgumentException(
                        name + " of an inbox is " + duration + "; give a duration above zero");
            }
            return duration;
        }

        /**
         * Opens the inbox and starts its thread.
         *
         * @return an open inbox, to be closed by the caller
         * @throws EscalationException if the file cannot be created, written, is no inbox, or is used by another one
         */
        public EscalationInbox build() {
            return new EscalationInbox(this);
        }
    }
}
