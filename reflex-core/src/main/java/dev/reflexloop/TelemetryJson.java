package dev.reflexloop;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events as JSON lines. */
final class TelemetryJson {
    private static final JsonFactory JSON = new JsonFactory();
    private static final JsonMapper MAPPER = new JsonMapper();
    private static final int SHOWN = 80;

    private TelemetryJson() {}

    static String line(TelemetryEvent event) {
        StringWriter text = new StringWriter(256);
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("at", event.at().toString());
            json.writeStringField("level", event.level().name());
            json.writeStringField("source", event.source());
            json.writeStringField("event", event.event());
            json.writeStringField("entity", event.entity());
            json.writeNumberField("tick", event.tick());
            json.writeObjectFieldStart("fields");
            for (Map.Entry<String, Object> each : event.fields().entrySet()) {
                write(json, each.getKey(), each.getValue());
            }
            json.writeEndObject();
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException("a text in memory cannot be written", impossible);
        }
        return text.toString();
    }

    private static void write(JsonGenerator json, String name, Object value) throws IOException {
        if (value instanceof Boolean flag) {
            json.writeBooleanField(name, flag);
        } else if (value instanceof Number number) {
            writeNumber(json, name, number);
        } else if (value instanceof Map<?, ?> map) {
            json.writeObjectFieldStart(name);
            int left = TelemetryFields.MOST_ENTRIES;
            for (Map.Entry<?, ?> each : map.entrySet()) {
                if (left-- > 0 && each.getValue() instanceof Number number) {
                    writeNumber(json, String.valueOf(each.getKey()), number);
                }
            }
            json.writeEndObject();
        } else {
            json.writeStringField(name, value.toString());
        }
    }

    /** JSON has no word for a number that is not finite. */
    private static void writeNumber(JsonGenerator json, String name, Number number) throws IOException {
        if (number instanceof Long whole) {
            json.writeNumberField(name, whole);
        } else if (Double.isFinite(number.doubleValue())) {
            json.writeNumberField(name, number.doubleValue());
        }
    }

    static TelemetryEvent parse(String line) {
        Check.present(line, "line of a telemetry event", "give one JSON object");
        try {
            JsonNode json = MAPPER.readTree(line);
            if (json == null || !json.isObject()) {
                throw new IllegalArgumentException("it is no JSON object");
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            json.path("fields").properties().forEach(each -> fields.put(each.getKey(), value(each.getValue())));
            return new TelemetryEvent(
                    Instant.parse(text(json, "at")),
                    TelemetryEvent.Level.valueOf(text(json, "level")),
                    text(json, "source"),
                    text(json, "event"),
                    json.path("entity").asText(),
                    json.path("tick").asLong(-1),
                    fields);
        } catch (JsonProcessingException broken) {
            throw wrong(line, broken.getOriginalMessage(), broken);
        } catch (DateTimeException | IllegalArgumentException broken) {
            throw wrong(line, String.valueOf(broken.getMessage()), broken);
        }
    }

    private static String text(JsonNode json, String name) {
        JsonNode value = json.path(name);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("it has no text '" + name + "'");
        }
        return value.textValue();
    }

    private static @Nullable Object value(JsonNode json) {
        if (json.isTextual()) {
            return json.textValue();
        } else if (json.isBoolean()) {
            return json.booleanValue();
        } else if (json.isNumber()) {
            return json.numberValue();
        } else if (!json.isObject()) {
            return null;
        }
        Map<String, Object> numbers = new LinkedHashMap<>();
        json.properties()
                .forEach(each -> numbers.put(each.getKey(), each.getValue().numberValue()));
        return numbers;
    }

    private static IllegalArgumentException wrong(String line, String reason, Exception cause) {
        String shown = line.length() <= SHOWN ? line : line.substring(0, SHOWN) + "...";
        return new IllegalArgumentException(
                "no telemetry event: " + reason + "; the line is '" + shown.replaceAll("\\p{Cntrl}", " ") + "'", cause);
    }
}
