package dev.reflexloop;

import java.nio.file.Path;

/**
 * Opens a trajectory log in JSON lines, version 1, beyond the defaults of {@link TrajectoryLogger#file(Path)}.
 *
 * <p>One thread of the log's own writes from a bounded queue. A record is acknowledged when it was handed to the operating system: it then
 * survives the death of this process, and with {@link Builder#force()} that of the machine. A full or broken disk never reaches the loop:
 * records wait in the queue, writing is tried again every second, and what no longer fits is counted as lost. When the file has reached
 * its size it is renamed to {@code name.1.jsonl}, {@code name.2.jsonl} and so on, higher numbers being newer, and a new one is begun, as
 * where somebody deletes or replaces it: what was in it is gone then, and that is logged. Only one process may write a file at a time. A
 * symbolic link in the place of the file is refused.
 */
public final class TrajectoryFile {
    private TrajectoryFile() {}

    /**
     * Starts a log.
     *
     * @param file the file; its folder is created, and an existing log is continued after its torn last line, if any, was cut
     * @return a builder, one thread at a time
     */
    public static Builder builder(Path file) {
        return new Builder(file);
    }

    /** Collects the options of a log. One thread at a time. */
    public static final class Builder {
        final Path file;
        int queueCapacity = 8_192;
        long rotateAtBytes = 50L * 1024 * 1024;
        boolean force;
        LinesFile.Opening opening = LinesFile.Opening.NORMAL;

        private Builder(Path file) {
            this.file = Check.present(file, "file of a trajectory log", "give a path");
        }

        /**
         * Bounds the records that wait to be written; what comes when it is full is lost and counted. Default: 8,192.
         *
         * @param records 1 or more
         * @return this builder
         */
        public Builder queueCapacity(int records) {
            this.queueCapacity = Check.atLeast(1, records, "queue capacity of a trajectory log");
            return this;
        }

        /**
         * Sets the size at which a new file is begun. Default: 50 MB.
         *
         * @param bytes 1,024 or more
         * @return this builder
         */
        public Builder rotateAt(long bytes) {
            if (bytes < 1_024) {
                throw new IllegalArgumentException(
                        "rotation size of a trajectory log is " + bytes + "; give at least 1024");
            }
            this.rotateAtBytes = bytes;
            return this;
        }

        /**
         * Forces every batch to the disk before it is acknowledged. Default: off.
         *
         * @return this builder
         */
        public Builder force() {
            this.force = true;
            return this;
        }

        /**
         * Opens the log.
         *
         * @return an open logger
         * @throws TrajectoryException if the file cannot be created, written, or is written by somebody else
         */
        public TrajectoryLogger build() {
            return new TrajectoryWriter(this);
        }
    }
}
