package dev.reflexloop.testkit;

import dev.reflexloop.EscalationSink;
import org.junit.jupiter.api.Nested;

/** The contract of escalation sinks, run on the ones of the core and of this kit. */
class OurSinksContractTest {

    @Nested
    class DisabledTest extends EscalationSinkContractTest {
        @Override
        protected EscalationSink createSink() {
            return EscalationSink.disabled();
        }
    }

    @Nested
    class RecordingTest extends EscalationSinkContractTest {
        @Override
        protected EscalationSink createSink() {
            return new RecordingSink();
        }
    }
}
