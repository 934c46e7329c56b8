package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells people when the severity changes, and not again while it stays. Worse is told at once; better only when it held for some ticks, so
 * that a rating that flaps is told once. One thread at a time.
 */
final class Alerts {
    private static final Logger LOG = LoggerFactory.getLogger(Alerts.class);

    /**
     * What people know. Immutable.
     *
     * @param severity what they were told last
     * @param betterTicks for how many ticks it has been better since
     */
    record Told(Severity severity, int betterTicks) {
        static Told nothing() {
            return new Told(Severity.OK, 0);
        }
    }

    private final String monitor;
    private final AlertSink sink;
    private final int settleTicks;
    private Told told;
    private long failures;

    Alerts(String monitor, AlertSink sink, int settleTicks, Told told) {
        this.monitor = monitor;
        this.sink = sink;
        this.settleTicks = settleTicks;
        this.told = told;
    }

    /**
     * Hears of a tick's severity.
     *
     * @return whether an alert was raised
     */
    boolean hear(Severity now, String words, String tick, Instant at) {
        Severity before = told.severity();
        if (now == before) {
            told = new Told(before, 0);
            return false;
        }
        int better = now.worseThan(before) ? settleTicks : told.betterTicks() + 1;
        if (better < settleTicks) {
            told = new Told(before, better);
            return false;
        }
        told = new Told(now, 0);
        String news = now == Severity.OK ? "recovered from " + before.label() : "is " + now.label();
        raise(new Alert(tick + '-' + now.label(), now.level(), monitor, monitor + ' ' + news + ". " + words, at));
        return true;
    }

    /** Raises the alert of an action, at least a warning. */
    void page(HookSettings hook, Severity severity, String words, String tick, Instant at) {
        Alert.Level level = severity.orWorse(Severity.WARNING).level();
        raise(new Alert(tick + '-' + hook.name(), level, monitor, hook.description() + ". " + words, at));
    }

    /** Raises an alert; what the sink throws is counted and said once. */
    private void raise(Alert alert) {
        try {
            sink.raise(alert);
        } catch (RuntimeException failure) {
            failures++;
            if (failures == 1) {
                LOG.warn("The alert sink of '{}' threw; ticks go on, and such failures are counted", monitor, failure);
            }
        }
    }

    Told told() {
        return told;
    }

    /** How many alerts the sink threw at. */
    long failures() {
        return failures;
    }
}
