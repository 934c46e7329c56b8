package dev.reflexloop;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Where steps and their outcomes are recorded. Start from {@link #file(Path)}. Thread-safe: one logger may serve many loops.
 *
 * <p>No method but {@link #flush(Duration)} and {@link #close()} blocks, and none throws: a record that cannot be taken is counted in
 * {@link #lost()} and its method returns false. A record is acknowledged once it was handed to the operating system.
 */
public interface TrajectoryLogger extends AutoCloseable {

    /**
     * Announces a run and its schema; the log writes a header. Called once by each loop before its first step.
     *
     * @param session the run
     * @param schema its actions
     * @param startedAt the wall-clock time
     * @return false if it was lost
     */
    boolean header(String session, ActionSchema schema, Instant startedAt);

    /**
     * Records a decision.
     *
     * @param step the record
     * @return false if it was lost
     */
    boolean step(Step step);

    /**
     * Records that the motor layer began to carry a decision out.
     *
     * @param step the id of the decision
     * @param tick the game's tick in which it landed
     * @param at the wall-clock time
     * @return false if it was lost
     */
    boolean applied(String step, long tick, Instant at);

    /**
     * Records what came of a decision.
     *
     * @param outcome the record
     * @return false if it was lost
     */
    boolean outcome(Outcome outcome);

    /**
     * How many records have been acknowledged.
     *
     * @return records handed to the operating system since the start
     */
    long acknowledged();

    /**
     * How many records were not taken or could not be written: the queue was full, the disk was, or the logger was closed.
     *
     * @return records lost since the start
     */
    long lost();

    /**
     * Waits until everything taken so far is acknowledged or lost.
     *
     * @param timeout how long to wait at most
     * @return true if everything was acknowledged in time and nothing was lost meanwhile
     */
    boolean flush(Duration timeout);

    /** Writes what was taken, at most for some seconds, and frees the file. Idempotent; later records are lost. */
    @Override
    void close();

    /**
     * Records nothing, and loses nothing.
     *
     * @return the logger for bots that need no log
     */
    static TrajectoryLogger disabled() {
        return DisabledTrajectoryLogger.INSTANCE;
    }

    /**
     * A log in JSON lines, version 1, rotated at 50 MB, with the other defaults of {@link TrajectoryFile}.
     *
     * @param file the file; its folder is created, and an existing file is continued
     * @return an open logger
     * @throws TrajectoryException if the file cannot be opened
     */
    static TrajectoryLogger file(Path file) {
        return TrajectoryFile.builder(file).build();
    }
}
