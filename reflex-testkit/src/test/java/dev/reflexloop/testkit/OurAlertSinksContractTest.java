package dev.reflexloop.testkit;

import dev.reflexloop.AlertSink;
import org.junit.jupiter.api.Nested;

/** The contract of alert sinks, run on the ones of the core and of this kit. */
class OurAlertSinksContractTest {

    @Nested
    class DisabledTest extends AlertSinkContractTest {
        @Override
        protected AlertSink createSink() {
            return AlertSink.disabled();
        }
    }

    @Nested
    class RecordingTest extends AlertSinkContractTest {
        @Override
        protected AlertSink createSink() {
            return new RecordingAlerts();
        }
    }
}
