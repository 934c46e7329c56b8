package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.TrajectoryFile;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract of trajectory loggers, run on the ones of the core and of this kit. */
class OurLoggersContractTest {

    abstract static class FileTest extends TrajectoryLoggerContractTest {
        @TempDir
        Path folder;

        Path file() {
            return folder.resolve("deep/er/trajectory.jsonl");
        }

        @Override
        protected Optional<List<TrajectoryRecord>> readBack() {
            try (TrajectoryReader reader = TrajectoryReader.open(file())) {
                List<TrajectoryRecord> records = new ArrayList<>();
                reader.forEachRemaining(records::add);
                assertThat(reader.problems()).isEmpty();
                assertThat(reader.tornBytes()).isZero();
                return Optional.of(records);
            }
        }
    }

    @Nested
    class FileWithDefaultsTest extends FileTest {
        @Override
        protected TrajectoryLogger createLogger() {
            return TrajectoryLogger.file(file());
        }
    }

    @Nested
    class FileForcedToDiskTest extends FileTest {
        @Override
        protected TrajectoryLogger createLogger() {
            return TrajectoryFile.builder(file()).force().build();
        }
    }

    @Nested
    class DisabledTest extends TrajectoryLoggerContractTest {
        @Override
        protected TrajectoryLogger createLogger() {
            return TrajectoryLogger.disabled();
        }
    }

    @Nested
    class RecordingTest extends TrajectoryLoggerContractTest {
        @Override
        protected TrajectoryLogger createLogger() {
            return new RecordingLogger();
        }
    }
}
