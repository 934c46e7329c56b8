package dev.reflexloop.examples.morrowind;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.Optional;

/** Reads JSON that another process wrote: bounded in depth, numbers and texts, so that no file can exhaust us. Stateless. */
final class Json {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_NUMBER = 100;
    private static final int MAX_TEXT = 16_384;
    private static final int MAX_NAME = 200;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .maxNumberLength(MAX_NUMBER)
                            .maxStringLength(MAX_TEXT)
                            .maxNameLength(MAX_NAME)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Json() {}

    /** What was written is whole JSON, but nothing that we can use; the message says why. */
    static final class Unusable extends Exception {
        private static final long serialVersionUID = 1L;

        Unusable(String reason) {
            super(reason);
        }
    }

    /** What was written ends too early, or is no JSON: perhaps it is still being written. */
    static final class Torn extends Exception {
        private static final long serialVersionUID = 1L;

        Torn(String reason) {
            super(reason);
        }
    }

    /**
     * Reads one object.
     *
     * @throws Torn if it is no whole JSON
     * @throws Unusable if it is larger or deeper than anything that we would use, or no object
     */
    static JsonNode object(byte[] bytes) throws Torn, Unusable {
        JsonNode node;
        try {
            node = MAPPER.readTree(bytes);
        } catch (StreamConstraintsException tooMuch) {
            throw new Unusable(tooMuch.getOriginalMessage());
        } catch (IOException | ArithmeticException noJson) {
            throw new Torn(
                    noJson instanceof com.fasterxml.jackson.core.JacksonException json
                            ? json.getOriginalMessage()
                            : String.valueOf(noJson.getMessage()));
        }
        if (node == null || node.isMissingNode()) {
            throw new Torn("it is empty");
        }
        if (!node.isObject()) {
            throw new Unusable("it is no object");
        }
        return node;
    }

    /** A text that has to be there, not blank. */
    static String text(JsonNode object, String field, int most) throws Unusable {
        return optionalText(object, field, most)
                .filter(text -> !text.isBlank())
                .orElseThrow(() -> new Unusable("'" + field + "' is missing or blank; give a text"));
    }

    /** A text that may be absent or null. */
    static Optional<String> optionalText(JsonNode object, String field, int most) throws Unusable {
        JsonNode value = object.path(field);
        if (value.isMissingNode() || value.isNull()) {
            return Optional.empty();
        }
        if (!value.isTextual()) {
            throw new Unusable("'" + field + "' is no text");
        }
        if (value.textValue().length() > most) {
            throw new Unusable(
                    "'" + field + "' has " + value.textValue().length() + " characters; give at most " + most);
        }
        return Optional.of(value.textValue());
    }

    /** A whole number that has to be there and fits into 64 bits. */
    static long whole(JsonNode object, String field) throws Unusable {
        JsonNode value = object.path(field);
        if (!value.isIntegralNumber() || !value.canConvertToLong()) {
            throw new Unusable("'" + field + "' is no whole number");
        }
        return value.longValue();
    }

    /** A yes or no that may be absent, which is no. */
    static boolean flag(JsonNode object, String field) throws Unusable {
        JsonNode value = object.path(field);
        if (!value.isMissingNode() && !value.isNull() && !value.isBoolean()) {
            throw new Unusable("'" + field + "' is neither true nor false");
        }
        return value.booleanValue();
    }
}
