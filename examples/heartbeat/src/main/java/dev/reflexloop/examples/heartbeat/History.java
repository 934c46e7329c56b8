package dev.reflexloop.examples.heartbeat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a monitor remembers of its ticks over a restart, read from the logs of yesterday and today: without it, a monitor that is started
 * every minute would raise the same alert every minute.
 *
 * @param severity how the last tick was rated, by a model or by the rules; empty text when there was none
 * @param actions the actions of the last tick
 * @param told what people know
 * @param taken when each action was last taken
 */
record History(String severity, List<String> actions, Alerts.Told told, Map<String, Instant> taken) {
    private static final Logger LOG = LoggerFactory.getLogger(History.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    static History none() {
        return new History("", List.of(), Alerts.Told.nothing(), Map.of());
    }

    /** Reads the logs. Lines that are no ticks, such as a torn last one, are left out; a log that cannot be read counts as none. */
    static History read(TickLog log, Instant now) {
        Reading reading = new Reading();
        for (Path file : List.of(log.file(now.minus(Duration.ofDays(1))), log.file(now))) {
            // Decoded leniently: a torn line may end within a character.
            try (BufferedReader lines =
                    new BufferedReader(new InputStreamReader(Files.newInputStream(file), StandardCharsets.UTF_8))) {
                lines.lines().forEach(reading::add);
            } catch (NoSuchFileException none) {
                // no ticks on that day
            } catch (IOException | RuntimeException failure) {
                LOG.warn("{} cannot be read; the monitor begins as if it were empty", file, failure);
            }
        }
        return reading.result();
    }

    /** Goes through the lines, and keeps what the last ones say. */
    private static final class Reading {
        private String severity = "";
        private List<String> actions = List.of();
        private Alerts.Told told = Alerts.Told.nothing();
        private final Map<String, Instant> taken = new LinkedHashMap<>();

        void add(String line) {
            try {
                JsonNode tick = JSON.readTree(line);
                JsonNode decision = tick.path("decision");
                if (!decision.path("severity").isTextual()) {
                    return;
                }
                Instant at = Instant.parse(tick.path("at").asText());
                severity = Severity.of(decision.path("severity").asText())
                        .map(Severity::label)
                        .orElse(decision.path("rule_severity").asText());
                actions = decision.path("actions")
                        .valueStream()
                        .map(JsonNode::asText)
                        .toList();
                told = new Alerts.Told(
                        Severity.of(tick.at("/alert/told").asText()).orElse(Severity.OK),
                        tick.at("/alert/better_ticks").asInt());
                decision.path("taken").propertyStream().forEach(each -> remember(each, at));
            } catch (JsonProcessingException | DateTimeException torn) {
                LOG.debug("A line of a tick log is no tick and was left out", torn);
            }
        }

        private void remember(Map.Entry<String, JsonNode> each, Instant at) {
            String what = each.getValue().asText();
            if (what.equals("started") || what.equals("dry_run")) {
                taken.put(each.getKey(), at);
            }
        }

        History result() {
            return new History(severity, actions, told, Map.copyOf(taken));
        }
    }
}
