package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.ReflexClock;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes ticks down, in order, away from the thread that ticks: first asks for the reasoning, within its time, then appends the line. What
 * cannot be written is lost, counted, and said once; the next tick is tried again.
 */
final class Scribe {
    private static final Logger LOG = LoggerFactory.getLogger(Scribe.class);

    private final TickLog log;
    private final Optional<Reasoning> reasoning;
    private final Duration patience;
    private final ReflexClock clock;
    private final Executor thread;
    private final Aside<String> writing;
    private final AtomicLong written = new AtomicLong();
    private final AtomicLong lost = new AtomicLong();
    private final AtomicLong unexplained = new AtomicLong();
    private boolean failing;

    /**
     * A scribe.
     *
     * @param log where ticks go
     * @param reasoning who explains them, if anybody does
     * @param patience how long an explanation may take
     * @param clock the clock to wait by
     * @param thread one thread with a bounded queue; what it refuses is lost
     * @param writers where explanations are written
     */
    Scribe(
            TickLog log,
            Optional<Reasoning> reasoning,
            Duration patience,
            ReflexClock clock,
            Executor thread,
            Executor writers) {
        this.log = log;
        this.reasoning = reasoning;
        this.patience = patience;
        this.clock = clock;
        this.thread = thread;
        this.writing = new Aside<>(writers);
    }

    /** Takes a tick over. Returns at once. */
    void take(Tick tick) {
        try {
            thread.execute(() -> write(tick));
        } catch (RejectedExecutionException full) {
            lost.incrementAndGet();
        }
    }

    private void write(Tick tick) {
        try {
            log.append(tick.at(), tick.json(explain(tick)));
            written.incrementAndGet();
            if (failing) {
                failing = false;
                LOG.info("Ticks are written again to {}", log.file(tick.at()));
            }
        } catch (IOException | RuntimeException failure) {
            lost.incrementAndGet();
            if (!failing) {
                failing = true;
                LOG.error(
                        "Tick {} could not be written to {} ({}); the monitor goes on and counts such ticks, make the"
                                + " folder writable or name another one with --log",
                        tick.id(),
                        log.file(tick.at()),
                        failure.toString());
            }
        }
    }

    private Optional<String> explain(Tick tick) {
        if (reasoning.isEmpty()) {
            return Optional.empty();
        }
        Reasoning writer = reasoning.get();
        String prompt = Reasoning.prompt(tick);
        Optional<String> sentence =
                writing.begin(() -> writer.write(prompt)).flatMap(this::awaited).flatMap(Reasoning::sentence);
        if (sentence.isEmpty()) {
            unexplained.incrementAndGet();
        }
        return sentence;
    }

    private Optional<String> awaited(CompletableFuture<String> words) {
        try {
            clock.await(words, clock.nanos() + patience.toNanos());
            if (words.isDone()) {
                return Optional.of(words.join());
            }
            writing.interrupt();
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        } catch (CompletionException failure) {
            LOG.debug("The reasoning of a tick failed", failure.getCause());
        }
        return Optional.empty();
    }

    /** Ticks that are in the log. */
    long written() {
        return written.get();
    }

    /** Ticks that are not. */
    long lost() {
        return lost.get();
    }

    /** Ticks whose reasoning failed or came too late. */
    long unexplained() {
        return unexplained.get();
    }
}
