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
 * <p>What is accepted has to arrive; override {@link #arrived} so that this is looked at. Each test makes a sink of its own and closes it.
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

    /**
     * Says whether an escalation got to where the sink puts what it accepts: its queue, file or listener. Override it where your test can
     * see that. Default: every receipt is believed.
     *
     * @param sink the sink that {@link #createSink()} made, still open
     * @param escalation what it has just accepted
     * @return true if it is there; a sink that takes a while may be waited for, for a bounded time
     */
    protected boolean arrived(EscalationSink sink, Escalation escalation) {
        return true;
    }

    private void submitTo(EscalationSink sink, Escalation escalation) {
        EscalationSink.Receipt receipt = sink.submit(escalation);
        assertThat(receipt).as("receipt for escalation '%s'", escalation.id()).isNotNull();
        if (receipt == EscalationSink.Receipt.ACCEPTED) {
            assertThat(arrived(sink, escalation))
                    .as("escalation '%s' was accepted and arrived", escalation.id())
                    .isTrue();
        }
    }

    /** A receipt comes at once, whatever it says. */
    @Test
    public void submit_ofASituation_returnsAReceipt() {
        try (EscalationSink sink = createSink()) {
            submitTo(sink, escalation(Samples.ordinary(1)));
        }
    }

    /** Text from the game breaks no sink. */
    @Test
    public void submit_ofHostileTextOrNothing_returnsAReceipt() {
        try (EscalationSink sink = createSink()) {
            submitTo(sink, escalation(Samples.hostile(1)));
            submitTo(sink, escalation(Samples.empty(2)));
        }
    }

    /** The same situation twice is no error. */
    @Test
    public void submit_ofTheSameSituationTwice_returnsAReceiptEachTime() {
        try (EscalationSink sink = createSink()) {
            Escalation escalation = escalation(Samples.ordinary(1));
            submitTo(sink, escalation);
            submitTo(sink, escalation);
        }
    }

    /** Loops share a sink. */
    @Test
    public void submit_fromFourThreads_returnsAReceiptEachTime() throws Exception {
        try (EscalationSink sink = createSink()) {
            Together.call(4, () -> {
                for (int i = 0; i < 50; i++) {
                    submitTo(sink, escalation(Samples.ordinary(i)));
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
            Escalation escalation = escalation(Samples.ordinary(1));
            EscalationSink.Receipt interrupted = sink.submit(escalation);
            assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
            assertThat(interrupted).isNotNull();
            assertThat(interrupted == EscalationSink.Receipt.REJECTED || arrived(sink, escalation))
                    .as("what was accepted from an interrupted thread arrived")
                    .isTrue();
            submitTo(sink, escalation(Samples.ordinary(2)));
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
                "The reflex of '" + perception.entity() + "' abstained at tick " + perception.tick(),
                List.of(
                        new Situation.Option("wait", "wait", Optional.empty()),
                        new Situation.Option("fight", "fight", Optional.empty())),
                Situation.Waiting.LAST_GOOD);
        return new Escalation(
                id + "-e", id, situation, perception, Goal.of("survive"), Instant.parse("2026-01-01T00:00:00Z"));
    }
}
