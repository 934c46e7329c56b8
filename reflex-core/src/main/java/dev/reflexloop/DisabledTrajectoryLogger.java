package dev.reflexloop;

import java.time.Duration;
import java.time.Instant;

/** Records nothing. */
enum DisabledTrajectoryLogger implements TrajectoryLogger {
    INSTANCE;

    @Override
    public boolean header(String session, ActionSchema schema, Instant startedAt) {
        return true;
    }

    @Override
    public boolean step(Step step) {
        return true;
    }

    @Override
    public boolean applied(String step, long tick, Instant at) {
        return true;
    }

    @Override
    public boolean outcome(Outcome outcome) {
        return true;
    }

    @Override
    public long acknowledged() {
        return 0;
    }

    @Override
    public long lost() {
        return 0;
    }

    @Override
    public boolean flush(Duration timeout) {
        return true;
    }

    @Override
    public void close() {}
}
