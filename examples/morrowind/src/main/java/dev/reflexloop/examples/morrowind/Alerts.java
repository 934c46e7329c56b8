package dev.reflexloop.examples.morrowind;

import dev.reflexloop.Alert;
import dev.reflexloop.AlertSink;
import java.util.ArrayList;
import java.util.List;

/** Passes alerts on, prints them, and remembers them for {@code stats.json}. Thread-safe. */
final class Alerts implements AlertSink {
    private static final int CAPACITY = 10_000;

    private final AlertSink to;
    private final Printer printer;
    private final List<Alert> raised = new ArrayList<>();

    Alerts(AlertSink to, Printer printer) {
        this.to = to;
        this.printer = printer;
    }

    @Override
    public void raise(Alert alert) {
        to.raise(alert);
        printer.line("alert: " + Printer.printable(alert.text(), 200));
        synchronized (this) {
            if (raised.size() < CAPACITY) {
                raised.add(alert);
            }
        }
    }

    synchronized List<Alert> raised() {
        return List.copyOf(raised);
    }
}
