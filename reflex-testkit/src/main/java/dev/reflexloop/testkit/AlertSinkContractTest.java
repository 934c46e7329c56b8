package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Perception;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/**
 * What every {@link AlertSink} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MySinkContractTest extends AlertSinkContractTest {
 *     protected AlertSink createSink() {
 *         return new MySink(queue);
 *     }
 * }
 * }</pre>
 *
 * <p>Each test makes a sink of its own and closes it. That an alert whose id was raised before is not passed on again is for your own tests
 * to show, where the other end can be seen.
 */
public abstract class AlertSinkContractTest {
    private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

    private final AtomicInteger sequence = new AtomicInteger();

    /** For subclasses. */
    protected AlertSinkContractTest() {}

    /**
     * Makes a sink that is ready.
     *
     * @return a new sink; the test closes it
     */
    protected abstract AlertSink createSink();

    private Alert alert(Alert.Level level, String mission, String text) {
        return new Alert("kit-" + sequence.incrementAndGet(), level, mission, text, AT);
    }

    private Alert alert() {
        return alert(Alert.Level.WARNING, "survive", "The bot was stuck.");
    }

    /** Every level is taken. */
    @Test
    public void raise_ofEveryLevel_returns() {
        try (AlertSink sink = createSink()) {
            for (Alert.Level level : Alert.Level.values()) {
                sink.raise(alert(level, "survive", "It is over."));
            }
        }
    }

    /** Text from the game breaks no sink, and neither does its absence or its length. */
    @Test
    public void raise_ofHostileText_returns() {
        try (AlertSink sink = createSink()) {
            for (Perception perception : Samples.perceptions()) {
                perception.facts().forEach((name, fact) -> sink.raise(alert(Alert.Level.INFO, name, fact.toString())));
            }
            sink.raise(alert(Alert.Level.INFO, "", ""));
            sink.raise(alert(Alert.Level.INFO, "m".repeat(100_000), "\uD83D\uDE00".repeat(500_000)));
            sink.raise(new Alert("\uD800\u0000\r\n\"}]", Alert.Level.INFO, "m", "an id that nobody would choose", AT));
            sink.raise(new Alert("x".repeat(100_000), Alert.Level.INFO, "m", "an id without end", Instant.MAX));
        }
    }

    /** Raising an alert again is no error. */
    @Test
    public void raise_ofTheSameAlertTwice_returns() {
        try (AlertSink sink = createSink()) {
            Alert alert = alert();
            sink.raise(alert);
            sink.raise(alert);
        }
    }

    /** Loops share a sink. */
    @Test
    public void raise_fromFourThreads_returnsToEach() throws Exception {
        try (AlertSink sink = createSink()) {
            Together.call(4, () -> {
                for (int i = 0; i < 50; i++) {
                    sink.raise(alert());
                }
                return true;
            });
        }
    }

    /** An interrupt of whoever raises breaks the sink for nobody, and is not swallowed. */
    @Test
    public void raise_fromAnInterruptedThread_keepsTheInterrupt() {
        try (AlertSink sink = createSink()) {
            Thread.currentThread().interrupt();
            sink.raise(alert());
            assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
            sink.raise(alert());
        } finally {
            Thread.interrupted();
        }
    }

    /** Closing while others raise costs nobody an exception. */
    @Test
    public void close_whileThreeThreadsRaise_returnsToEach() throws Exception {
        AlertSink sink = createSink();
        AtomicInteger threads = new AtomicInteger();
        Together.call(4, () -> {
            boolean closes = threads.getAndIncrement() == 0;
            for (int i = 0; i < 50; i++) {
                if (closes && i == 10) {
                    sink.close();
                }
                sink.raise(alert());
            }
            return true;
        });
        sink.close();
    }

    /** Closing is idempotent; alerts that come afterwards are dropped. */
    @Test
    public void raise_afterClose_returns() {
        AlertSink sink = createSink();
        sink.close();
        sink.close();
        assertThatCode(() -> sink.raise(alert())).doesNotThrowAnyException();
    }
}
