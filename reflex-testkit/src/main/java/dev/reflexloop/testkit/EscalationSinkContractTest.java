package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Situation;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every {@link EscalationSink} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MySinkContractTest extends EscalationSinkContractTest {
 *     protected EscalationSink createSink() {
 *         return new MySink(queue);
 *     }
 * }
 * }</pre>
 *
 * <p>Each test makes a sink of its own and closes it.
 */
public abstract class EscalationSinkContractTest {
    private final AtomicInteger sequence = new AtomicInteger();

    /** For subclasses. */
    protected EscalationSinkContractTest() {}

    /**
     * Makes a sink that is ready.
     *
     * @return a new sink; the test closes it
     */
    protected abstract EscalationSink createSink();

    /** A receipt comes at once, whatever it says. */
    @Test
    public void submit_ofASituation_returnsAReceipt() {
        try (EscalationSink sink = createSink()) {
            assertThat(sink.submit(escalation(Samples.ordinary(1)))).isNotNull();
        }
    }

    /** Text from the game breaks no sink. */
    @Test
    public void submit_ofHostileTextOrNothing_returnsAReceipt() {
        try (EscalationSink sink = createSink()) {
            assertThat(sink.submit(escalation(Samples.hostile(1)))).isNotNull();
            assertThat(sink.submit(escalation(Samples.empty(2)))).isNotNull();
        }
    }

    /** The same situation twice is no error. */
    @Test
    public void submit_ofTheSameSituationTwice_returnsAReceiptEachTime() {
        try (EscalationSink sink = createSink()) {
            Escalation escalation = escalation(Samples.ordinary(1));
            assertThat(sink.submit(escalation)).isNotNull();
            assertThat(sink.submit(escalation)).isNotNull();
        }
    }

    /** Loops share a sink. */
    @Test
    public void submit_fromFourThreads_returnsAReceiptEachTime() throws Exception {
        try (EscalationSink sink = createSink()) {
            Together.call(4, () -> {
                for (int i = 0; i < 50; i++) {
                    assertThat(sink.submit(escalation(Samples.ordinary(i)))).isNotNull();
                }
                return true;
            });
        }
    }

    /** An interrupt of whoever submits breaks the sink for nobody, and is not swallowed. */
    @Test
    public void submit_fromAnInterruptedThread_returnsAReceiptAndKeepsTheInterrupt() {
        try (EscalationSink sink = createSink()) {
            Thread.currentThread().interrupt();
            EscalationSink.Receipt interrupted = sink.submit(escalation(Samples.ordinary(1)));
            assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
            assertThat(interrupted).isNotNull();
            assertThat(sink.submit(escalation(Samples.ordinary(2)))).isNotNull();
        } finally {
            Thread.interrupted();
        }
    }

    /** Closing while others submit costs nobody an exception. */
    @Test
    public void close_whileThreeThreadsSubmit_returnsAReceiptToEach() throws Exception {
        EscalationSink sink = createSink();
        AtomicInteger threads = new AtomicInteger();
        Together.call(4, () -> {
            boolean closes = threads.getAndIncrement() == 0;
            for (int i = 0; i < 50; i++) {
                if (closes && i == 10) {
                    sink.close();
                }
                assertThat(sink.submit(escalation(Samples.ordinary(i)))).isNotNull();
            }
            return true;
        });
        assertThat(sink.submit(escalation(Samples.ordinary(99)))).isEqualTo(EscalationSink.Receipt.REJECTED);
    }

    /** Closing is idempotent; situations that come afterwards are rejected. */
    @Test
    public void submit_afterClose_isRejected() {
        EscalationSink sink = createSink();
        sink.close();
        sink.close();
        assertThat(sink.submit(escalation(Samples.ordinary(1)))).isEqualTo(EscalationSink.Receipt.REJECTED);
    }

    private Escalation escalation(Perception perception) {
        String id = "kit-run-" + sequence.incrementAndGet();
        Situation situation = new Situation(
                Situation.Kind.ABSTAINED,
                "The reflex of '" + perception.entity() + "' abstained",
                List.of(
                        new Situation.Option("wait", "wait", Optional.empty()),
                        new Situation.Option("fight", "fight", Optional.empty())),
                Situation.Waiting.LAST_GOOD);
        return new Escalation(
                id + "-e", id, situation, perception, Goal.of("survive"), Instant.parse("2026-01-01T00:00:00Z"));
    }
}
