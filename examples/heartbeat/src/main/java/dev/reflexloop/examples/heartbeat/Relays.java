package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.AlertSink;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Opens the relays that the environment names. */
final class Relays {
    private static final Logger LOG = LoggerFactory.getLogger(Relays.class);

    private Relays() {}

    static AlertSink open(Map<String, String> environment) {
        return alert -> LOG.warn("{}: {}", alert.level(), alert.text());
    }
}
