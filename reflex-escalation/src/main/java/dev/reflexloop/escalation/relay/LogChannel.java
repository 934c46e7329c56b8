package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Alerts in the log. */
final class LogChannel implements RelayChannel {
    private static final Logger LOG = LoggerFactory.getLogger("dev.reflexloop.alerts");
    private static final int LONGEST = 2_000;

    @Override
    public Delivery deliver(Alert alert, Deadline deadline) {
        Level level = switch (alert.level()) {
            case INFO -> Level.INFO;
            case WARNING -> Level.WARN;
            case CRITICAL -> Level.ERROR;
        };
        LOG.atLevel(level).log("{}", AlertText.of(alert, LONGEST, Character::toString));
        return Delivery.delivered();
    }

    @Override
    public String toString() {
        return "the log";
    }
}
