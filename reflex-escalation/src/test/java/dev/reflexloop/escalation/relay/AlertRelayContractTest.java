package dev.reflexloop.escalation.relay;

import dev.reflexloop.AlertSink;
import dev.reflexloop.testkit.AlertSinkContractTest;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract of alert sinks, run on relays with and without a spool. */
class AlertRelayContractTest {

    @Nested
    class SpooledTest extends AlertSinkContractTest {
        @TempDir
        Path folder;

        @Override
        protected AlertSink createSink() {
            return AlertRelay.builder()
                    .channel("messages", RelayChannel.messageFiles(folder.resolve("messages")))
                    .spool(folder.resolve("spool"))
                    .closeWithin(Duration.ZERO)
                    .build();
        }
    }

    @Nested
    class UnspooledTest extends AlertSinkContractTest {
        @Override
        protected AlertSink createSink() {
            return AlertRelay.builder()
                    .channel("test", new RecordingChannel())
                    .closeWithin(Duration.ZERO)
                    .build();
        }
    }
}
