package dev.reflexloop.escalation.relay;

import dev.reflexloop.Alert;
import java.time.Instant;

/** Alerts for tests. */
final class Alerts {
    static final Instant AT = Instant.parse("2026-01-01T12:30:00.25Z");
    static final String HOSTILE =
            "@everyone <@1> [x](http://evil) **bold** `code` \\ ||s|| _u_ ~z~ \u0000\u001b[31m\r\n# h\n> q \u202e "
                    + "\ud800 \ud83d\ude00 \"quoted\" {\"json\":1} </script>";

    private Alerts() {}

    static Alert alert(String id) {
        return new Alert(id, Alert.Level.CRITICAL, "find Caius", "the bot walks in circles", AT);
    }

    static Alert saying(String text) {
        return new Alert("a1", Alert.Level.WARNING, "find Caius", text, AT);
    }
}
