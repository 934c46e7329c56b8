package dev.reflexloop.console.dashboard;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a harness counts of its sessions, in its {@code sessions.json}. Immutable.
 *
 * <p>Harnesses write it in different shapes, none of which is a standard. Read is a list of sessions, or an object whose values are sessions, or
 * either of them as {@code sessions} in an object. Of each session these fields are taken, where they are whole numbers, in either spelling:
 * {@code inputTokens} or {@code prompt_tokens}, {@code outputTokens} or {@code completion_tokens}, {@code totalTokens}; and {@code updatedAt}
 * in seconds or milliseconds since 1970 or as ISO-8601. Whatever else stands there is passed over.
 *
 * @param sessions how many sessions there are
 * @param active how many of them changed in the last minute
 * @param input tokens that were read
 * @param output tokens that were written
 * @param total tokens in all; where only a sum is told, more than input and output together
 */
record Tokens(long sessions, long active, long input, long output, long total) {
    static final Tokens NONE = new Tokens(0, 0, 0, 0, 0);

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long MOST_BYTES = 64L << 20;
    private static final int MOST_SESSIONS = 100_000;
    private static final long LEAST_MILLIS = 100_000_000_000L;
    private static final long ACTIVE_SECONDS = 60;
    private static final List<String> INPUT = List.of("inputTokens", "input_tokens", "promptTokens", "prompt_tokens");
    private static final List<String> OUTPUT =
            List.of("outputTokens", "output_tokens", "completionTokens", "completion_tokens");
    private static final List<String> TOTAL = List.of("totalTokens", "total_tokens");
    private static final List<String> UPDATED = List.of("updatedAt", "updated_at");

    /**
     * Reads a file.
     *
     * @param since sessions that did not change since then do not count
     * @throws IOException if it cannot be read, or is no JSON
     */
    static Tokens read(Path file, Instant since, Instant now) throws IOException {
        if (Files.size(file) > MOST_BYTES) {
            throw new IOException("it has more than " + MOST_BYTES + " bytes, which is no list of sessions");
        }
        JsonNode root = JSON.readTree(Files.readAllBytes(file));
        JsonNode all = root.path("sessions").isContainerNode() ? root.path("sessions") : root;
        List<JsonNode> sessions = new ArrayList<>();
        for (JsonNode each : all) {
            if (each.isObject() && sessions.size() < MOST_SESSIONS) {
                sessions.add(each);
            }
        }
        Tokens sum = NONE;
        for (JsonNode each : sessions) {
            Instant updated = updated(each);
            if (updated == null || !updated.isBefore(since)) {
                sum = sum.plus(one(each, updated != null && updated.isAfter(now.minusSeconds(ACTIVE_SECONDS))));
            }
        }
        return sum;
    }

    private static Tokens one(JsonNode session, boolean active) {
        long input = number(session, INPUT);
        long output = number(session, OUTPUT);
        return new Tokens(1, active ? 1 : 0, input, output, Math.max(input + output, number(session, TOTAL)));
    }

    Tokens plus(Tokens other) {
        return new Tokens(
                sessions + other.sessions,
                active + other.active,
                input + other.input,
                output + other.output,
                total + other.total);
    }

    private static long number(JsonNode session, List<String> names) {
        for (String name : names) {
            JsonNode value = session.path(name);
            if (value.canConvertToLong() && value.asLong() >= 0) {
                return value.asLong();
            }
        }
        return 0;
    }

    private static @Nullable Instant updated(JsonNode session) {
        for (String name : UPDATED) {
            JsonNode value = session.path(name);
            try {
                if (value.isNumber()) {
                    long number = value.asLong();
                    return number < LEAST_MILLIS ? Instant.ofEpochSecond(number) : Instant.ofEpochMilli(number);
                } else if (value.isTextual()) {
                    return OffsetDateTime.parse(value.asText()).toInstant();
                }
            } catch (DateTimeException noTime) {
                return null;
            }
        }
        return null;
    }
}
