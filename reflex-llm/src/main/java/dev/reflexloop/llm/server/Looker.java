package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Deadline;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Looks at one place of models. What servers say is hostile: whatever is no sound value is taken for absent. */
interface Looker extends AutoCloseable {
    /** The most characters of a text that a file or a server gave. */
    int MOST_TEXT = 200;

    ModelPlace.Kind kind();

    String address();

    /** Looks; fails as a value. Blocking work is done on the threads given. */
    CompletableFuture<ModelPlace> look(Deadline deadline, Executor threads);

    @Override
    void close();

    /** A text without control characters and of bounded length; empty when it is blank. */
    static Optional<String> text(String given) {
        StringBuilder text = new StringBuilder();
        given.codePoints().limit(MOST_TEXT).forEach(point -> {
            boolean harmful = Character.isISOControl(point) || Character.getType(point) == Character.FORMAT;
            text.appendCodePoint(harmful ? ' ' : point);
        });
        return Optional.of(text.toString().strip()).filter(shown -> !shown.isEmpty());
    }

    static Optional<String> text(JsonNode node) {
        return node.isTextual() ? text(node.asText()) : Optional.empty();
    }

    static OptionalLong size(JsonNode node) {
        return node.canConvertToLong() && node.asLong() >= 0 ? OptionalLong.of(node.asLong()) : OptionalLong.empty();
    }

    static OptionalInt count(JsonNode node) {
        return node.canConvertToInt() && node.asInt() >= 0 ? OptionalInt.of(node.asInt()) : OptionalInt.empty();
    }
}
