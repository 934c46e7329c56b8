package dev.reflexloop.escalation;

import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an inbox holds, in memory and in its file. Confined to the inbox's lock.
 *
 * <p>A line that has to be acknowledged is applied only when it was written. One that merely happened is applied in any case; if it cannot
 * be written, the whole file is written anew once that is possible, tried every second.
 */
final class InboxLedger {
    private static final Logger LOG = LoggerFactory.getLogger(EscalationInbox.class);
    private static final long RETRY_NANOS = 1_000_000_000;

    private final Path file;
    private final ReflexClock clock;
    private final InboxJournal journal;
    private final long compactAt;
    private final InboxState state = new InboxState();
    private long compactAtSize;
    private long failures;
    private boolean failing;
    private boolean incomplete;
    private long retryNanos;

    InboxLedger(Path file, ReflexClock clock, InboxJournal journal, long compactAt) {
        this.file = file;
        this.clock = clock;
        this.journal = journal;
        this.compactAt = compactAt;
        this.compactAtSize = compactAt;
        try {
            journal.open(clock.instant()).forEach(state::apply);
        } catch (IOException failure) {
            throw new EscalationException(
                    file.toString(),
                    "cannot be opened (" + failure + "); choose a file, no link, in a folder that you may write",
                    failure);
        }
    }

    InboxState state() {
        return state;
    }

    long failures() {
        return failures;
    }

    void countFailure() {
        failures++;
    }

    /** Applies what happened, and writes it now or later. */
    void note(InboxLine line) {
        if (!write(line)) {
            if (!incomplete) {
                incomplete = true;
                retryNanos = clock.nanos() + RETRY_NANOS;
            }
            state.apply(line);
        }
    }

    /** Writes a line and applies it; false, and nothing is applied, if it cannot be written. */
    boolean write(InboxLine line) {
        if (!mend()) {
            return false;
        }
        try {
            journal.append(line);
        } catch (IOException failure) {
            failed(failure);
            return false;
        }
        works();
        state.apply(line);
        if (journal.size() >= compactAtSize) {
            compact();
        }
        return true;
    }

    /** Makes the file smaller; where there is no room for that, there may still be some to go on. */
    private void compact() {
        try {
            journal.rewrite(state.lines(), clock.instant(), true);
        } catch (IOException failure) {
            failures++;
            LOG.warn("Inbox {} cannot be made smaller ({}); it goes on growing", file, failure.toString());
        }
        compactAtSize = Math.max(compactAt, journal.size() + compactAt / 2);
    }

    /** Writes the file anew if it lacks something or is gone; false if it still does or is. */
    boolean mend() {
        if (!incomplete && journal.isInPlace()) {
            return true;
        }
        if (incomplete && clock.nanos() - retryNanos < 0) {
            return false;
        }
        try {
            journal.rewrite(state.lines(), clock.instant(), false);
        } catch (IOException failure) {
            incomplete = true;
            retryNanos = clock.nanos() + RETRY_NANOS;
            failed(failure);
            return false;
        }
        incomplete = false;
        works();
        LOG.info("Inbox {} was written anew", file);
        return true;
    }

    private void failed(IOException failure) {
        failures++;
        if (failing) {
            LOG.debug("Inbox {} cannot be written", file, failure);
        } else {
            failing = true;
            LOG.warn(
                    "Inbox {} cannot be written ({}); escalations are rejected until it can be",
                    file,
                    failure.toString());
        }
    }

    private void works() {
        if (failing) {
            failing = false;
            LOG.info("Inbox {} can be written again", file);
        }
    }

    void close() {
        journal.close();
    }
}
