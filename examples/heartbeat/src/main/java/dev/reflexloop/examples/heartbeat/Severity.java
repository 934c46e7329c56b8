package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import java.util.Locale;
import java.util.Optional;

/** How bad the watched state is, from good to bad. */
enum Severity {
    OK("everything works as it should"),
    WARNING("something needs attention soon, but nothing is broken"),
    CRITICAL("something is broken or about to break");

    private final String description;

    Severity(String description) {
        this.description = description;
    }

    /** The three as actions of a loop, so that a model that scores actions rates a state. */
    static ActionSchema schema() {
        ActionSchema.Builder schema = ActionSchema.builder("severity");
        for (Severity each : values()) {
            schema.action(Action.of(each.label(), each.description));
        }
        return schema.idle(OK.label()).build();
    }

    /** The name in prompts, files and configurations. */
    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The severity of a name in lower case; empty for any other text. */
    static Optional<Severity> of(String label) {
        for (Severity each : values()) {
            if (each.label().equals(label)) {
                return Optional.of(each);
            }
        }
        return Optional.empty();
    }

    boolean worseThan(Severity other) {
        return compareTo(other) > 0;
    }

    Severity orWorse(Severity other) {
        return worseThan(other) ? this : other;
    }

    /** How an alert about it is raised. */
    Alert.Level level() {
        return switch (this) {
            case OK -> Alert.Level.INFO;
            case WARNING -> Alert.Level.WARNING;
            case CRITICAL -> Alert.Level.CRITICAL;
        };
    }
}
