package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Signal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands escalations over in a file, and reads the answers from another, so that a strategist can be a program in any language.
 * Thread-safe.
 *
 * <pre>{@code
 * FileEscalationSink sink = FileEscalationSink.builder(home.resolve(".timmy/morrowind/escalation.txt")).build();
 * ReflexLoop loop = ReflexLoop.builder(schema, model).escalateTo(sink).onGuidance(sink.inbox())...build();
 * sink.inbox().guides(loop::guide);
 * }</pre>
 *
 * <p><b>The escalation</b> stands in the file as
 *
 * <pre>{@code
 * {"situation": "A guard stops you. Options: 1) Pay the fine, 2) Resist arrest", "timestamp": 1774580000}
 * }</pre>
 *
 * <p>and gets there by an atomic move, so that a reader sees all of it or nothing. Whatever is submitted goes into an
 * {@link EscalationInbox} beside the file first - what is acknowledged is said there - and from the inbox into the file, one at a time: an
 * escalation that nobody has read is never overwritten. It stays until it is answered or expires, and is then taken away; or until the
 * strategist takes it away, which counts as read, and it can still be answered. Then the newest one that was never shown comes next,
 * after a {@link Builder#pause(Duration)}. Each is shown once, also across restarts, unless it is answered or expires before its turn. Two things differ: an escalation whose
 * whole folder vanished is shown again in the new folder, and a file that this sink did not write is left alone until it is as old as an
 * escalation gets.
 *
 * <p><b>The answer</b> is a file beside it ({@code escalation-answer.json} for {@code escalation.txt}), read as {@link StrategistReply}
 * describes: {@code {"answer": 2}}, or a line with a number or an option's words. It is removed once it is read. It may be written
 * slowly: JSON is taken when it is complete, a line when it has ended, and what is neither is refused five seconds after it was last
 * changed. An answer belongs to the escalation whose {@code id} or {@code timestamp} it repeats; one that repeats neither belongs to the
 * only one that was shown and waits. Where several do, it is refused, and so is one that was written before the escalation was shown. A
 * forced stop is heard all the same: one that repeats neither stops whatever the bots that wait do now, or, where none waits, all bots.
 * Symbolic links are not followed. Every refusal is counted and is in the inbox with its reason.
 *
 * <p>All files are worked on by the inbox's thread, five times a second by default; a folder that cannot be written is tried again, and
 * costs nobody else anything.
 */
public final class FileEscalationSink implements EscalationSink {
    private static final Logger LOG = LoggerFactory.getLogger(FileEscalationSink.class);
    private static final Duration COARSE_FILE_TIME = Duration.ofSeconds(1);

    private final Path file;
    private final EscalationInbox inbox;
    private final boolean ownsInbox;
    private final ShownFile shown;
    private final AnswerFile answers;
    private final String by;
    private final Runnable look = this::look;
    private boolean recovered;
    private boolean failing;
    private volatile boolean closed;

    private FileEscalationSink(Builder builder) {
        this.file = builder.file;
        EscalationInbox given = builder.inbox;
        this.inbox = given == null
                ? EscalationInbox.builder(builder.beside("-inbox.jsonl")).build()
                : given;
        this.ownsInbox = given == null;
        Path answerFile = builder.answerFile == null ? builder.beside("-answer.json") : builder.answerFile;
        this.by = String.valueOf(answerFile.getFileName());
        this.shown = new ShownFile(file, inbox, builder.pause);
        this.answers = new AnswerFile(answerFile, inbox, new AnswerFile.Reader() {
            @Override
            public void answered(StrategistReply reply, Instant writtenAt) {
                FileEscalationSink.this.answered(reply, writtenAt);
            }

            @Override
            public void refused(AnswerVerdict.Kind kind, String reason) {
                inbox.refuse(Optional.empty(), kind, reason, by);
            }
        });
        inbox.front(look);
    }

    /**
     * Starts the settings of a sink.
     *
     * @param file the file for escalations; its folder is created
     * @return a builder, one thread at a time
     */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    /**
     * What was submitted, what waits, and how it was answered.
     *
     * @return the inbox
     */
    public EscalationInbox inbox() {
        return inbox;
    }

    @Override
    public Receipt submit(Escalation escalation) {
        return closed ? Receipt.REJECTED : inbox.submit(escalation);
    }

    private void look() {
        if (closed) {
            return;
        }
        boolean works = attempt(answers::look);
        works &= attempt(this::lookAtTheShown);
        if (works && failing) {
            failing = false;
            LOG.info("The files beside {} can be worked on again", file);
        }
    }

    private void lookAtTheShown() throws IOException {
        if (!recovered) {
            shown.recover();
            recovered = true;
        }
        shown.look();
    }

    private interface FileWork {
        void run() throws IOException;
    }

    private boolean attempt(FileWork work) {
        try {
            work.run();
            return true;
        } catch (IOException failure) {
            inbox.countFileFailure();
            if (!failing) {
                failing = true;
                LOG.warn("The files beside {} cannot be worked on ({}); it is tried again", file, failure.toString());
            }
            return false;
        }
    }

    private void answered(StrategistReply reply, Instant writtenAt) {
        if (reply.escalation().isPresent()) {
            inbox.answer(reply.escalation().get(), reply, by);
            return;
        }
        List<InboxEntry> meant = inbox.shown().stream()
                .filter(entry -> reply.timestamp().isEmpty()
                        || entry.at().getEpochSecond() == reply.timestamp().getAsLong())
                .toList();
        List<InboxEntry> waiting = meant.stream()
                .filter(entry -> entry.state() == InboxEntry.State.PENDING)
                .toList();
        boolean namesOne = reply.timestamp().isPresent() && !meant.isEmpty() && waiting.size() < 2;
        if (reply.signal() == Signal.FORCED_STOP && !namesOne) {
            inbox.stop(waiting.stream().map(InboxEntry::entity).toList());
        }
        if (reply.isParseFailure() && waiting.size() != 1) {
            refuse(AnswerVerdict.Kind.UNREADABLE, "the answer is neither one JSON object nor one line");
        } else if (meant.isEmpty()) {
            refuse(AnswerVerdict.Kind.UNKNOWN, "no escalation was shown that this can be the answer to");
        } else if (waiting.size() > 1) {
            refuse(
                    AnswerVerdict.Kind.UNKNOWN,
                    waiting.size() + " escalations were shown and wait; repeat the timestamp of the one that is meant");
        } else if (waiting.isEmpty()) {
            inbox.answer(meant.get(0).id(), reply, by);
        } else if (reply.timestamp().isEmpty() && wasWrittenBefore(waiting.get(0), writtenAt)) {
            refuse(AnswerVerdict.Kind.EXPIRED, "the answer is older than the escalation that is shown");
        } else {
            inbox.answer(waiting.get(0).id(), reply, by);
        }
    }

    private boolean wasWrittenBefore(InboxEntry entry, Instant writtenAt) {
        return inbox.shownAt(entry.id())
                .map(at -> writtenAt.plus(COARSE_FILE_TIME).isBefore(at))
                .orElse(false);
    }

    private void refuse(AnswerVerdict.Kind kind, String reason) {
        inbox.refuse(Optional.empty(), kind, reason, by);
    }

    /** Stops working on the files, and closes the inbox unless it was given to the builder. Idempotent. */
    @Override
    public void close() {
        closed = true;
        inbox.removeFront(look);
        if (ownsInbox) {
            inbox.close();
        }
    }

    @Override
    public String toString() {
        return "FileEscalationSink[" + file + "]";
    }

    /** Settings of a sink. One thread at a time. */
    public static final class Builder {
        private final Path file;
        private @Nullable Path answerFile;
        private @Nullable EscalationInbox inbox;
        private Duration pause = Duration.ofSeconds(1);

        private Builder(Path file) {
            this.file = file.toAbsolutePath();
            if (this.file.getFileName() == null) {
                throw new IllegalArgumentException(
                        "file of an escalation sink is " + file + "; give a file in a folder");
            }
        }

        private Path beside(String ending) {
            String name = String.valueOf(file.getFileName());
            int dot = name.lastIndexOf('.');
            return file.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ending);
        }

        /**
         * Sets where answers are read. Default: {@code NAME-answer.json} beside {@code NAME.txt}.
         *
         * @param path the file; its folder is not created
         * @return this builder
         */
        public Builder answers(Path path) {
            this.answerFile = path.toAbsolutePath();
            return this;
        }

        /**
         * Sets the inbox, to choose its settings or to share it. Default: one of its own with the file
         * {@code NAME-inbox.jsonl} beside {@code NAME.txt}.
         *
         * @param given the inbox, to be closed by the caller after this sink
         * @return this builder
         */
        public Builder inbox(EscalationInbox given) {
            this.inbox = given;
            return this;
        }

        /**
         * Sets how long the file is away between two escalations, so that a second answer to the first one is not taken for an answer to
         * the second. Default: 1 second.
         *
         * @param duration zero or more
         * @return this builder
         */
        public Builder pause(Duration duration) {
            if (duration.isNegative()) {
                throw new IllegalArgumentException(
                        "pause of an escalation sink is " + duration + "; give zero or more");
            }
            this.pause = duration;
            return this;
        }

        /**
         * Starts to work on the files.
         *
         * @return the sink, to be closed by the caller
         * @throws EscalationException if the inbox cannot be opened
         */
        public FileEscalationSink build() {
            return new FileEscalationSink(this);
        }
    }
}
