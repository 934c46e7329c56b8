package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

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

        @Override
        protected boolean arrived(EscalationSink sink, Escalation escalation) {
            return ((RecordingSink) sink).escalations().contains(escalation);
        }
    }

    /** Says that it accepts, and keeps nothing. */
    private static final class LosingKit extends EscalationSinkContractTest {
        @Override
        protected EscalationSink createSink() {
            return escalation -> EscalationSink.Receipt.ACCEPTED;
        }

        @Override
        protected boolean arrived(EscalationSink sink, Escalation escalation) {
            return false;
        }
    }

    @Test
    void sinkThatLosesWhatItAccepts_failsTheContract() {
        assertThatThrownBy(() -> new LosingKit().submit_ofASituation_returnsAReceipt())
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("was accepted and arrived");
    }
}
