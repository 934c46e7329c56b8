package dev.reflexloop.escalation;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Situation;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The lines of an inbox's file, version 1:
 *
 * <pre>{@code
 * {"type":"header","format":"reflex-inbox","version":1,"library":"...","at":"..."}
 * {"type":"submitted","id":"...","decision":"...","entity":"...","tick":12,"kind":"dialogue","words":"...",
 *  "options":[{"text":"...","action":"...","target":null}],"waiting":"idle","goal":"...","escalatedAt":"...","at":"..."}
 * {"type":"repeated","entry":"...","id":"...","escalatedAt":"...","at":"..."}
 * {"type":"shown","entry":"...","at":"..."}
 * {"type":"answered","entry":"...","guidance":"...","option":2,"goal":null,"by":"...","at":"..."}
 * {"type":"refused","entry":null,"because":"not_offered","reason":"...","by":"...","at":"..."}
 * {"type":"expired","entry":"...","at":"..."}
 * {"type":"ended","guidance":"...","fate":"applied","at":"..."}
 * }</pre>
 *
 * <p>Fields are only ever appended.
 */
final class InboxJson {
    static final int VERSION = 1;
    static final String ANY_HEADER = "{\"type\":\"header\",\"format\":\"reflex-inbox\",\"version\":";

    private static final int MAX_DEPTH = 8;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .build();

    private InboxJson() {}

    private interface Fields {
        void to(JsonGenerator json) throws IOException;
    }

    static String header(Instant at) {
        String version = InboxJson.class.getPackage().getImplementationVersion();
        return line("header", at, json -> {
            json.writeStringField("format", "reflex-inbox");
            json.writeNumberField("version", VERSION);
            json.writeStringField("library", "reflex " + (version == null ? "unreleased" : version));
        });
    }

    static String write(InboxLine line) {
        if (line instanceof InboxLine.Submitted each) {
            return line("submitted", each.at(), json -> submitted(json, each));
        } else if (line instanceof InboxLine.Repeated each) {
            return line("repeated", each.at(), json -> {
                json.writeStringField("entry", each.entry());
                json.writeStringField("id", each.id());
                json.writeStringField("escalatedAt", each.escalatedAt().toString());
            });
        } else if (line instanceof InboxLine.Shown each) {
            return line("shown", each.at(), json -> json.writeStringField("entry", each.entry()));
        } else if (line instanceof InboxLine.Answered each) {
            return line("answered", each.at(), json -> {
                json.writeStringField("entry", each.entry());
                json.writeStringField("guidance", each.guidance());
                json.writeNumberField("option", each.option());
                json.writeStringField("goal", each.goal().orElse(null));
                json.writeStringField("by", each.by());
            });
        } else if (line instanceof InboxLine.Refused each) {
            return line("refused", each.at(), json -> {
                json.writeStringField("entry", each.entry().orElse(null));
                json.writeStringField("because", lower(each.because()));
                json.writeStringField("reason", each.reason());
                json.writeStringField("by", each.by());
            });
        } else if (line instanceof InboxLine.Expired each) {
            return line("expired", each.at(), json -> json.writeStringField("entry", each.entry()));
        }
        InboxLine.Ended ended = (InboxLine.Ended) line;
        return line("ended", ended.at(), json -> {
            json.writeStringField("guidance", ended.guidance());
            json.writeStringField("fate", lower(ended.fate()));
        });
    }

    private static void submitted(JsonGenerator json, InboxLine.Submitted each) throws IOException {
        json.writeStringField("id", each.id());
        json.writeStringField("decision", each.decision());
        json.writeStringField("entity", each.entity());
        json.writeNumberField("tick", each.tick());
        json.writeStringField("kind", lower(each.situation().kind()));
        json.writeStringField("words", each.situation().words());
        json.writeArrayFieldStart("options");
        for (Situation.Option option : each.situation().options()) {
            json.writeStartObject();
            json.writeStringField("text", option.text());
            json.writeStringField("action", option.action());
            json.writeStringField("target", option.target().orElse(null));
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeStringField("waiting", lower(each.situation().waiting()));
        json.writeStringField("goal", each.goal().text());
        json.writeStringField("escalatedAt", each.escalatedAt().toString());
    }

    private static String line(String type, Instant at, Fields fields) {
        StringWriter text = new StringWriter(256);
        try (JsonGenerator json = JSON.getFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("type", type);
            fields.to(json);
            json.writeStringField("at", at.toString());
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new IllegalStateException("a line of an inbox could not be written into memory", impossible);
        }
        return text.append('\n').toString();
    }

    private static String lower(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    /** The version in a header. */
    static int version(String line) throws IOException {
        return JSON.readTree(line).path("version").asInt();
    }

    /**
     * Reads a line; empty for a type that this version does not know.
     *
     * @throws IOException if it is no JSON
     * @throws IllegalArgumentException if it is no line of an inbox
     */
    static Optional<InboxLine> read(String line) throws IOException {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JsonProcessingException noJson) {
            throw new IOException("is no JSON: " + noJson.getOriginalMessage(), noJson);
        }
        Instant at = Instant.parse(text(json, "at"));
        return Optional.ofNullable(
                switch (text(json, "type")) {
                    case "submitted" -> submitted(json, at);
                    case "repeated" ->
                        new InboxLine.Repeated(
                                text(json, "entry"),
                                text(json, "id"),
                                optional(json, "escalatedAt")
                                        .map(Instant::parse)
                                        .orElse(at),
                                at);
                    case "shown" -> new InboxLine.Shown(text(json, "entry"), at);
                    case "answered" ->
                        new InboxLine.Answered(
                                text(json, "entry"),
                                text(json, "guidance"),
                                json.path("option").asInt(),
                                optional(json, "goal"),
                                text(json, "by"),
                                at);
                    case "refused" ->
                        new InboxLine.Refused(
                                optional(json, "entry"),
                                constant(AnswerVerdict.Kind.class, json, "because"),
                                text(json, "reason"),
                                text(json, "by"),
                                at);
                    case "expired" -> new InboxLine.Expired(text(json, "entry"), at);
                    case "ended" ->
                        new InboxLine.Ended(text(json, "guidance"), constant(Guidance.Fate.class, json, "fate"), at);
                    default -> null;
                });
    }

    private static InboxLine submitted(JsonNode json, Instant at) {
        List<Situation.Option> options = new ArrayList<>();
        for (JsonNode each : json.path("options")) {
            options.add(new Situation.Option(text(each, "text"), text(each, "action"), optional(each, "target")));
        }
        return new InboxLine.Submitted(
                text(json, "id"),
                text(json, "decision"),
                text(json, "entity"),
                json.path("tick").asLong(),
                new Situation(
                        constant(Situation.Kind.class, json, "kind"),
                        text(json, "words"),
                        options,
                        constant(Situation.Waiting.class, json, "waiting")),
                Goal.of(text(json, "goal")),
                Instant.parse(text(json, "escalatedAt")),
                at);
    }

    private static String text(JsonNode json, String field) {
        return optional(json, field)
                .orElseThrow(() -> new IllegalArgumentException("field '" + field + "' is missing or no text"));
    }

    private static Optional<String> optional(JsonNode json, String field) {
        JsonNode value = json.path(field);
        return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
    }

    private static <E extends Enum<E>> E constant(Class<E> type, JsonNode json, String field) {
        return Enum.valueOf(type, text(json, field).toUpperCase(Locale.ROOT));
    }
}
