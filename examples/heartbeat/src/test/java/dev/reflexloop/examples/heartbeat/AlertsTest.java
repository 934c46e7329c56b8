package dev.reflexloop.examples.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Alert;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AlertsTest {
    private final List<Alert> raised = new ArrayList<>();
    private final Alerts alerts = new Alerts("watched", raised::add, 2, Alerts.Told.nothing());
    private int tick;

    private void hear(Severity... severities) {
        for (Severity each : severities) {
            alerts.hear(each, "api: down", "tick" + ++tick, Instant.EPOCH);
        }
    }

    private List<Alert.Level> levels() {
        return raised.stream().map(Alert::level).toList();
    }

    @Test
    void worse_thatStays_isToldOnceAndAtOnce() {
        hear(Severity.OK, Severity.WARNING, Severity.WARNING, Severity.CRITICAL, Severity.CRITICAL);

        assertThat(levels()).containsExactly(Alert.Level.WARNING, Alert.Level.CRITICAL);
        assertThat(raised.get(1).id()).isEqualTo("tick4-critical");
        assertThat(raised.get(1).mission()).isEqualTo("watched");
        assertThat(raised.get(1).text()).isEqualTo("watched is critical. api: down");
    }

    @Test
    void better_thatHolds_isToldOnceAsRecovered() {
        hear(Severity.CRITICAL, Severity.OK, Severity.OK, Severity.OK);

        assertThat(levels()).containsExactly(Alert.Level.CRITICAL, Alert.Level.INFO);
        assertThat(raised.get(1).text()).contains("recovered from critical");
    }

    @Test
    void better_onlyInPart_isToldAsWhatIsLeft() {
        hear(Severity.CRITICAL, Severity.WARNING, Severity.WARNING, Severity.OK, Severity.OK);

        assertThat(levels()).containsExactly(Alert.Level.CRITICAL, Alert.Level.WARNING, Alert.Level.INFO);
    }

    @Test
    void flapping_overManyTicks_isToldOnce() {
        for (int i = 0; i < 50; i++) {
            hear(Severity.WARNING, Severity.OK);
        }
        assertThat(levels()).containsExactly(Alert.Level.WARNING);
    }

    @Test
    void sink_thatThrows_isCountedAndForgiven() {
        Alerts broken = new Alerts(
                "watched",
                alert -> {
                    throw new IllegalStateException("no relay");
                },
                1,
                Alerts.Told.nothing());
        broken.hear(Severity.CRITICAL, "", "tick1", Instant.EPOCH);
        broken.hear(Severity.OK, "", "tick2", Instant.EPOCH);

        assertThat(broken.failures()).isEqualTo(2);
        assertThat(broken.told().severity()).isEqualTo(Severity.OK);
    }
}
