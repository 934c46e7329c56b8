package dev.reflexloop;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * Reads a trajectory log of version 1, record by record, with memory for one line only. One thread at a time.
 *
 * <p>A torn last line, which a killed process may leave, is left out and reported by {@link #tornBytes()}. A line that is no record, or one
 * of a type that this version does not know, is left out and reported by {@link #problems()}; the rest of the file stays readable.
 */
public final class TrajectoryReader implements Iterator<TrajectoryRecord>, AutoCloseable {
    private static final int MAX_LINE_BYTES = 16 * 1024 * 1024;
    private static final int MAX_PROBLEMS = 100;
    private static final JsonMapper JSON = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(32)
                            .maxStringLength(MAX_LINE_BYTES)
                            .build())
                    .build())
            .build();

    private final Path file;
    private final InputStream in;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private final List<String> problems = new ArrayList<>();
    private long lineNumber;
    private long skipped;
    private long tornBytes;
    private @Nullable TrajectoryRecord next;
    private boolean ended;

    private TrajectoryReader(Path file, InputStream in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Opens a log.
     *
     * @param file the file
     * @return a reader at the beginning of it
     * @throws TrajectoryException if the file cannot be read, or was written in a newer version of the format
     */
    public static TrajectoryReader open(Path file) {
        try {
            return new TrajectoryReader(file, new BufferedInputStream(Files.newInputStream(file), 1 << 16));
        } catch (IOException failure) {
            throw new TrajectoryException(
                    file.toString(), "cannot be read (" + failure + "); check the path and the permissions", failure);
        }
    }

    /**
     * Reads a whole log into memory.
     *
     * @param file the file
     * @return its records in order
     * @throws TrajectoryException if the file cannot be read, or was written in a newer version of the format
     */
    public static List<TrajectoryRecord> readAll(Path file) {
        try (TrajectoryReader reader = open(file)) {
            List<TrajectoryRecord> records = new ArrayList<>();
            reader.forEachRemaining(records::add);
            return records;
        }
    }

    /**
     * Reads one line, for who follows a log that grows.
     *
     * @param line the line, with or without its end
     * @return its record; empty where it is none, or of a type that this version does not know
     * @throws TrajectoryException if it is the header of a newer version of the format
     */
    public static Optional<TrajectoryRecord> parse(String line) {
        try {
            return Optional.of(record(JSON.readTree(line), "a line of it"));
        } catch (IOException | IllegalArgumentException | DateTimeParseException malformed) {
            return Optional.empty();
        }
    }

    /**
     * What was left out of the file's end because its line was never finished.
     *
     * @return bytes, 0 unless the end was reached and torn
     */
    public long tornBytes() {
        return tornBytes;
    }

    /**
     * How many lines in the middle were left out so far.
     *
     * @return the number of lines
     */
    public long skipped() {
        return skipped;
    }

    /**
     * Why lines were left out, for at most the first {@value #MAX_PROBLEMS} of them.
     *
     * @return one text a line, with its number
     */
    public List<String> problems() {
        return Collections.unmodifiableList(problems);
    }

    @Override
    public boolean hasNext() {
        while (next == null && !ended) {
            next = readRecord();
        }
        return next != null;
    }

    @Override
    public TrajectoryRecord next() {
        if (!hasNext()) {
            throw new NoSuchElementException("the trajectory log " + file + " has ended");
        }
        TrajectoryRecord record = next;
        next = null;
        return Objects.requireNonNull(record);
    }

    private @Nullable TrajectoryRecord readRecord() {
        try {
            if (!readLine()) {
                return null;
            }
        } catch (IOException failure) {
            throw new TrajectoryException(
                    file.toString(), "cannot be read on after line " + lineNumber + " (" + failure + ")", failure);
        }
        if (line.size() == 0) {
            return null;
        }
        try {
            return record(JSON.readTree(line.toByteArray()), file.toString());
        } catch (JsonProcessingException noJson) {
            problem("is no JSON: " + noJson.getOriginalMessage());
        } catch (IOException | IllegalArgumentException | DateTimeParseException malformed) {
            problem("is no record: " + malformed.getMessage());
        }
        return null;
    }

    /** Reads one finished line; false at the end of the file. A line beyond the bound is skipped as a problem and left empty. */
    private boolean readLine() throws IOException {
        line.reset();
        long length = 0;
        int read;
        while ((read = in.read()) != '\n') {
            if (read < 0) {
                ended = true;
                tornBytes = length;
                return false;
            }
            if (++length <= MAX_LINE_BYTES) {
                line.write(read);
            }
        }
        lineNumber++;
        if (length > MAX_LINE_BYTES) {
            line.reset();
            problem("has " + length + " bytes, which is more than any record has");
        }
        return true;
    }

    private void problem(String what) {
        skipped++;
        if (problems.size() < MAX_PROBLEMS) {
            problems.add("line " + lineNumber + " " + what);
        }
    }

    private static TrajectoryRecord record(JsonNode json, String subject) {
        String type = json.path("type").asText();
        switch (type) {
            case "header":
                return header(json, subject);
            case "step":
                return decided(json);
            case "applied":
                return new TrajectoryRecord.Applied(
                        text(json, "step"), json.path("tick").asLong(), instant(json, "at"));
            case "outcome":
                return new TrajectoryRecord.Closed(outcome(json));
            default:
                throw new IllegalArgumentException("unknown type '" + type + "'");
        }
    }

    private static TrajectoryRecord header(JsonNode json, String subject) {
        int version = json.path("version").asInt();
        if (version < 1) {
            throw new IllegalArgumentException("field 'version' is missing or no version");
        }
        if (version > TrajectoryJson.VERSION) {
            throw new TrajectoryException(
                    subject,
                    "has version " + version + " of the format, but this library reads version "
                            + TrajectoryJson.VERSION + "; use the library that wrote it, or a newer one",
                    null);
        }
        List<Action> actions = new ArrayList<>();
        for (JsonNode each : json.path("schema").path("actions")) {
            actions.add(Action.of(text(each, "name"), each.path("description").asText()));
        }
        return new TrajectoryRecord.Header(
                version,
                text(json, "session"),
                json.path("library").asText(),
                json.path("schema").path("name").asText(),
                actions,
                instant(json, "startedAt"));
    }

    private static TrajectoryRecord decided(JsonNode json) {
        List<String> legal = new ArrayList<>();
        json.path("legal").forEach(each -> legal.add(each.asText()));
        Map<String, Double> probabilities = new LinkedHashMap<>();
        json.path("probabilities").properties().forEach(entry -> {
            if (entry.getValue().isNumber()) {
                probabilities.put(entry.getKey(), entry.getValue().asDouble());
            }
        });
        JsonNode mass = json.path("legalMass");
        return new TrajectoryRecord.Decided(
                text(json, "id"),
                text(json, "session"),
                instant(json, "at"),
                perception(json),
                Goal.of(json.path("goal").asText()),
                legal,
                optional(json, "prompt"),
                optional(json, "model"),
                optional(json, "adapter"),
                Collections.unmodifiableMap(probabilities),
                mass.isNumber() ? OptionalDouble.of(mass.asDouble()) : OptionalDouble.empty(),
                text(json, "action"),
                optional(json, "target"),
                Served.valueOf(text(json, "served")),
                known(Cause.class, json, "servedBecause"),
                json.path("latencyMicros").asLong(),
                json.path("escalated").asBoolean(),
                optional(json, "guidance"),
                optional(json, "teacher"),
                known(Situation.Kind.class, json, "situation"));
    }

    private static Perception perception(JsonNode step) {
        JsonNode json = step.path("perception");
        List<String> choices = new ArrayList<>();
        json.path("choices").forEach(each -> choices.add(each.asText()));
        Instant at = json.has("at") ? instant(json, "at") : instant(step, "at");
        Urgency urgency = json.has("urgency") ? Urgency.valueOf(text(json, "urgency")) : Urgency.NORMAL;
        return new Perception(
                text(step, "entity"), step.path("tick").asLong(), at, facts(json.path("facts")), choices, urgency);
    }

    private static Map<String, Fact> facts(JsonNode json) {
        Map<String, Fact> facts = new LinkedHashMap<>();
        json.properties().forEach(entry -> {
            Fact fact = fact(entry.getValue());
            if (fact != null) {
                facts.put(entry.getKey(), fact);
            }
        });
        return facts;
    }

    private static @Nullable Fact fact(JsonNode json) {
        if (json.isTextual()) {
            return Fact.of(json.asText());
        } else if (json.isBoolean()) {
            return Fact.of(json.asBoolean());
        } else if (json.isNumber()) {
            return Fact.of(json.asDouble());
        } else if (json.isArray()) {
            List<Map<String, Fact>> records = new ArrayList<>();
            json.forEach(each -> records.add(facts(each)));
            return Fact.of(records);
        }
        return null;
    }

    private static Outcome outcome(JsonNode json) {
        List<String> reasons = new ArrayList<>();
        json.path("reasons").forEach(each -> reasons.add(each.asText()));
        return new Outcome(
                text(json, "step"),
                json.path("reward").asDouble(),
                optional(json, "label"),
                reasons,
                Outcome.ClosedBy.valueOf(text(json, "closedBy").toUpperCase(Locale.ROOT)),
                instant(json, "at"));
    }

    private static String text(JsonNode json, String field) {
        JsonNode value = json.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("field '" + field + "' is missing or no text");
        }
        return value.asText();
    }

    private static Optional<String> optional(JsonNode json, String field) {
        JsonNode value = json.path(field);
        return value.isTextual() ? Optional.of(value.asText()) : Optional.empty();
    }

    /** Reads a name as far as this version knows it: a later one may have more of them. */
    private static <E extends Enum<E>> Optional<E> known(Class<E> type, JsonNode json, String field) {
        String name = json.path(field).asText();
        return Arrays.stream(type.getEnumConstants())
                .filter(each -> each.name().equals(name))
                .findFirst();
    }

    private static Instant instant(JsonNode json, String field) {
        return Instant.parse(text(json, field));
    }

    @Override
    public void close() {
        ended = true;
        next = null;
        try {
            in.close();
        } catch (IOException failure) {
            throw new TrajectoryException(file.toString(), "did not close (" + failure + ")", failure);
        }
    }
}
