package dev.reflexloop.examples.morrowind;

import dev.reflexloop.AlertSink;
import dev.reflexloop.testkit.AlertSinkContractTest;
import dev.reflexloop.testkit.RecordingAlerts;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.AfterEach;

class AlertsContractTest extends AlertSinkContractTest {
    private final Printer printer = new Printer(new PrintStream(OutputStream.nullOutputStream()), true);

    @Override
    protected AlertSink createSink() {
        return new Alerts(new RecordingAlerts(), printer);
    }

    @AfterEach
    void close() {
        printer.close();
    }
}
