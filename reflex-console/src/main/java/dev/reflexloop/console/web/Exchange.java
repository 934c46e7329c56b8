package dev.reflexloop.console.web;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.Fields;
import org.jspecify.annotations.Nullable;

/** One admitted request and its answer. Belongs to one thread at a time. */
final class Exchange {
    static final int MOST_QUERY = 2_048;
    private static final int LONGEST_SHOWN = 200;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    final Request request;
    final Response response;
    final Callback callback;
    private final String variable;
    private final byte[] body;

    /**
     * An exchange.
     *
     * @param variable the part of the path that the route leaves open, decoded; empty where it leaves none
     * @param body the whole body
     */
    Exchange(Request request, Response response, Callback callback, String variable, byte[] body) {
        this.request = request;
        this.response = response;
        this.callback = callback;
        this.variable = variable;
        this.body = body;
    }

    String variable() {
        return variable;
    }

    /** The query's parameters, each of which must be known and given once; those without a value are left out. */
    Map<String, String> parameters(Set<String> known) {
        String query = request.getHttpURI().getQuery();
        if (query == null || query.isEmpty()) {
            return Map.of();
        }
        if (query.length() > MOST_QUERY) {
            throw new Refusal(414, "the query has " + query.length() + " characters; give at most " + MOST_QUERY);
        }
        Fields fields;
        try {
            fields = Request.extractQueryParameters(request, StandardCharsets.UTF_8);
        } catch (RuntimeException malformed) {
            throw new Refusal(400, "the query is no URL-encoded UTF-8; encode the values");
        }
        Map<String, String> given = new HashMap<>();
        for (Fields.Field field : fields) {
            if (!known.contains(field.getName())) {
                throw new Refusal(
                        400,
                        "parameter '" + shown(field.getName()) + "' is unknown; there are "
                                + known.stream().sorted().toList());
            }
            if (field.hasMultipleValues()) {
                throw new Refusal(400, "parameter '" + field.getName() + "' is given more than once; give it once");
            }
            if (!field.getValue().isEmpty()) {
                given.put(field.getName(), field.getValue());
            }
        }
        return given;
    }

    /** A whole number among the parameters; a refusal if it is out of range. */
    static OptionalLong number(Map<String, String> parameters, String name, long least, long most) {
        String text = parameters.get(name);
        if (text == null) {
            return OptionalLong.empty();
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return OptionalLong.of(number);
            }
        } catch (NumberFormatException none) {
            // told below
        }
        throw new Refusal(400, name + " is '" + shown(text) + "'; give a whole number from " + least + " to " + most);
    }

    /** What somebody sent, as it can be shown in a message. */
    static String shown(String text) {
        String line = text.replaceAll("[^\\p{Print}]", "?");
        return line.length() <= LONGEST_SHOWN ? line : line.substring(0, LONGEST_SHOWN) + "...";
    }

    /** The body, which must be a JSON object. */
    ObjectNode object() {
        try {
            JsonNode json = JSON.readTree(body);
            if (json instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException broken) {
            throw new Refusal(400, "the body is no JSON: " + shown(broken.getOriginalMessage()));
        } catch (IOException impossible) {
            throw new Refusal(400, "the body cannot be read");
        }
        throw new Refusal(400, "the body is no JSON object; send one");
    }

    /** The body, which must be a JSON object of these fields and no others. */
    ObjectNode object(Set<String> known) {
        ObjectNode object = object();
        object.fieldNames().forEachRemaining(name -> {
            if (!known.contains(name)) {
                throw new Refusal(
                        400,
                        "field '" + shown(name) + "' is unknown; there are "
                                + known.stream().sorted().toList());
            }
        });
        return object;
    }

    /** A JSON object in a text; null if it is none. */
    static @Nullable JsonNode parsed(String text) {
        try {
            return JSON.readTree(text) instanceof ObjectNode object ? object : null;
        } catch (JsonProcessingException none) {
            return null;
        }
    }

    static ObjectNode newObject() {
        return JSON.createObjectNode();
    }

    void answer(int status, JsonNode json) {
        answer(status, json.toString());
    }

    /** Answers with JSON that is rendered already. */
    void answer(int status, String json) {
        answer(response, callback, status, "application/json", json.getBytes(StandardCharsets.UTF_8));
    }

    void answer(String contentType, byte[] content) {
        answer(response, callback, 200, contentType, content);
    }

    static void refuse(Response response, Callback callback, int status, String message) {
        byte[] json = newObject().put("error", message).toString().getBytes(StandardCharsets.UTF_8);
        answer(response, callback, status, "application/json", json);
    }

    private static void answer(Response response, Callback callback, int status, String contentType, byte[] content) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, contentType);
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, content.length);
        response.write(true, ByteBuffer.wrap(content), callback);
    }
}
