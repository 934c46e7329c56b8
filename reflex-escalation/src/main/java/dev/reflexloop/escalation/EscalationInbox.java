package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Guidance;
import dev.reflexloop.GuidanceListener;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexThreads;
import dev.reflexloop.Signal;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
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
    private static final long CLOSE_SECONDS = 5;

    private final Object lock = new Object();
    private final Path file;
    private final ReflexClock clock;
    private final Duration expireAfter;
    private final InboxLedger ledger;
    private final InboxRegister register;
    private final InboxAnswers answers;
    private final Takers takers = new Takers();
    private final List<Runnable> fronts = new CopyOnWriteArrayList<>();
    private final @Nullable ScheduledThreadPoolExecutor thread;

    private long listenerFailures;
    private boolean closed;

    private EscalationInbox(Builder builder) {
        this.file = builder.file;
        this.clock = builder.clock;
        this.expireAfter = builder.expireAfter;
        this.ledger =
                new InboxLedger(file, clock, new InboxJournal(file, builder.force, builder.opening), builder.compactAt);
        this.register = new InboxRegister(clock, builder.capacity, expireAfter, ledger);
        this.answers = new InboxAnswers(clock, builder.lease, ledger);
        this.thread = builder.watched ? watch(builder.lookEvery) : null;
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
        return locked(each ->
                closed ? each.reject() : each.submit(InboxLine.Submitted.of(escalation, clock.instant()), mission));
    }

    private <T> T locked(Function<InboxRegister, T> look) {
        synchronized (lock) {
            return look.apply(register);
        }
    }

    /**
     * What waits for an answer.
     *
     * @return the entries, the oldest first; unmodifiable
     */
    public List<InboxEntry> pending() {
        return locked(InboxRegister::pending);
    }

    /**
     * Everything that waits, and the last 1,000 that no longer do.
     *
     * @return the entries, the oldest first; unmodifiable
     */
    public List<InboxEntry> entries() {
        return locked(InboxRegister::entries);
    }

    /**
     * One escalation.
     *
     * @param escalation its id, or that of one that was folded into it
     * @return the entry; empty when it is unknown or was long ago
     */
    public Optional<InboxEntry> find(String escalation) {
        return locked(each -> Optional.ofNullable(each.find(escalation)).map(InboxState.Held::entry));
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
     * guidance. Default: {@link LoopGuard#disabled()}.
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
     * Answers an escalation. The signal of an answer counts where the escalation waited, whether the answer was taken or not; a {@link
     * Signal#FORCED_STOP} counts whenever it comes, and nothing else that is said beside it does. Signals are about the mission in which the
     * escalation was submitted last, or the one that its answer began; a forced stop for an unknown escalation stops whatever all bots do.
     *
     * @param escalation its id, or that of one that was folded into it
     * @param reply an option, a goal, or both
     * @param by who answers, for the record
     * @return whether the answer was taken, and why not; never an exception for what a strategist may say
     */
    public AnswerVerdict answer(String escalation, StrategistReply reply, String by) {
        AnswerVerdict verdict;
        InboxState.Held held;
        String mission;
        boolean waited;
        synchronized (lock) {
            if (closed) {
                return answers.count(AnswerVerdict.refused(AnswerVerdict.Kind.CLOSED, "the inbox is closed"), by);
            }
            held = register.find(escalation);
            mission = held == null ? "" : held.mission;
            waited = held != null && held.isPending();
            verdict = answers.judge(held, escalation, reply, takers, by);
        }
        if (held != null) {
            String entity = held.submitted.entity();
            if (waited || reply.signal() == Signal.FORCED_STOP) {
                give("guard of " + entity, () -> takers.signal(entity, mission, reply));
            }
            verdict.guidance().ifPresent(guidance -> {
                give(entity, guidance);
                guidance.goal().flatMap(goal -> takers.missionOf(entity, goal)).ifPresent(begun -> {
                    synchronized (lock) {
                        held.mission = begun; // what else is said to this escalation is about that one
                    }
                });
            });
        } else if (reply.signal() == Signal.FORCED_STOP) {
            stop(List.of());
        }
        return verdict;
    }

    /** Stops what these bots do now, or what all do where none is named, for a forced stop that is no answer to one escalation. */
    void stop(Collection<String> entities) {
        takers.guards(entities).forEach(each -> give("guard of a stop", () -> each.signal(Signal.FORCED_STOP)));
    }

    /** Gives guidance to whoever takes it for a bot. */
    void give(String entity, Guidance guidance) {
        takers.guide(entity).ifPresent(taker -> give("taker of guidance", () -> taker.accept(guidance)));
    }

    /** Refuses an answer that says not what it answers, or that could not be read. */
    AnswerVerdict refuse(Optional<String> entry, AnswerVerdict.Kind kind, String reason, String by) {
        AnswerVerdict verdict = AnswerVerdict.refused(kind, reason);
        synchronized (lock) {
            return closed ? answers.count(verdict, by) : answers.refuse(entry, verdict, by);
        }
    }

    /**
     * Notes what became of a guidance. Returns at once: the inbox's thread notes it. Guidance that no answer of this inbox became is left
     * out.
     */
    @Override
    public void ended(Guidance guidance, Guidance.Fate fate) {
        answers.ended(guidance, fate);
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
        return locked(InboxRegister::nextToShow);
    }

    /** Notes that an entry is about to be shown; false if that cannot be written, and so must not happen. */
    boolean showing(String entry) {
        return locked(each -> !closed && each.showing(entry));
    }

    /** What was shown, the last one first. */
    List<InboxEntry> shown() {
        return locked(InboxRegister::shown);
    }

    /** When an entry was shown last. */
    Optional<Instant> shownAt(String entry) {
        return locked(each -> each.shownAt(entry));
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
            answers.noteEndings();
            register.expireWhatWaitedTooLong();
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
            return InboxStats.of(register, answers, ledger.failures(), listenerFailures);
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
                answers.noteEndings();
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
         * @throws EscalationException if the file cannot be created, written, is a symbolic link or no inbox, or is used by another one
         */
        public EscalationInbox build() {
            return new EscalationInbox(this);
        }
    }
}
