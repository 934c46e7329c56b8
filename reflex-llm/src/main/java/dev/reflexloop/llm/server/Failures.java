package dev.reflexloop.llm.server;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.function.IntFunction;
import javax.net.ssl.SSLException;
import org.apache.hc.core5.http.ConnectionClosedException;
import org.apache.hc.core5.http.NoHttpResponseException;

/**
 * Turns everything that goes wrong in an exchange into one of our exceptions: the endpoint, the reason, the remedy. Immutable.
 *
 * <p>No failure has a stack trace, because it may come in every tick, and none but the one of a refused connection has a cause, because a
 * foreign message may hold what the server sent. What is quoted from the server is cut, without control characters, and without the key, which a server may send back.
 */
final class Failures {
    private static final int EXCERPT = 200;
    private static final int MOST_CLEANED = 20_000;

    private final Endpoint endpoint;
    private final String subject;
    private final ObjectMapper json;
    private final IntFunction<String> remedy;

    Failures(Endpoint endpoint, String subject, ObjectMapper json, IntFunction<String> remedy) {
        this.endpoint = endpoint;
        this.subject = subject;
        this.json = json;
        this.remedy = remedy;
    }

    ModelUnavailableException closed() {
        return unavailable("its client was closed; make a new model");
    }

    ModelUnavailableException late() {
        return unavailable(endpoint + " did not answer before the deadline; use a smaller model, a shorter prompt or"
                + " a larger budget, or look whether the server hangs");
    }

    ModelUnavailableException noThread() {
        return unavailable(
                "no thread could be started for a call to " + endpoint + "; the machine is out of threads or memory");
    }

    ModelBusyException full(int maxInFlight) {
        return new ModelBusyException(
                subject,
                maxInFlight + " calls to " + endpoint
                        + " are in flight; tick less often, or share the load between servers");
    }

    /** A status that is not 200. */
    ReflexException refused(Reply reply, String path) {
        int status = reply.status();
        String answered = endpoint + " answered " + status + " to " + path + quoted(reply);
        String known = remedy.apply(status);
        if (!known.isEmpty()) {
            return unavailable(answered + "; " + known);
        }
        switch (status) {
            case 401, 403:
                return unavailable(answered
                        + (endpoint.key().isPresent()
                                ? "; check the API key of the endpoint"
                                : "; it wants an API key: set one with Endpoint.apiKey"));
            case 404, 405, 501:
                return unavailable(
                        answered + "; the server, or the model that it serves, lacks this: use a version that"
                                + " has it, or another kind of model");
            case 429:
                return new ModelBusyException(
                        subject, answered + "; tick less often, or share the load between servers");
            case 503:
                return new ModelBusyException(subject, answered + "; it is loading its model, or has no free slot");
            default:
                return unavailable(
                        status >= 300 && status < 400
                                ? answered + "; redirects are not followed: give the address where the server itself is"
                                : answered + "; look into the server's log");
        }
    }

    /** No whole reply. */
    ModelUnavailableException broken(Exception failure) {
        if (failure instanceof Transport.TooLongException) {
            return unavailable("cannot take the answer of " + endpoint + ": " + failure.getMessage()
                    + "; this is not the server that was expected, or raise Endpoint.maxReplyBytes");
        }
        if (failure instanceof UnknownHostException) {
            return unavailable("the host of " + endpoint + " is unknown; check the address");
        }
        if (failure instanceof ConnectException || failure instanceof NoRouteToHostException) {
            return new ModelUnavailableException(
                    subject,
                    "nothing listens at " + endpoint + because(failure) + "; start the server, or check the address",
                    failure);
        }
        if (failure instanceof SocketTimeoutException) {
            return unavailable(endpoint + " took too long to connect" + because(failure) + "; check the address");
        }
        if (failure instanceof SSLException) {
            return unavailable("no secure connection to " + endpoint + because(failure)
                    + "; check its certificate, and that it speaks https");
        }
        if (failure instanceof NoHttpResponseException) {
            return unavailable(endpoint + " closed the connection without an answer; look whether the server runs");
        }
        if (failure instanceof ConnectionClosedException || failure instanceof SocketException) {
            return unavailable(endpoint + " broke off in the middle of the exchange" + because(failure)
                    + "; look into the server's log");
        }
        return unavailable("what " + endpoint + " sent is no sound HTTP answer" + because(failure)
                + "; check that a model server listens there");
    }

    /** A reply that is no JSON, or not the JSON that was asked for. */
    ModelUnavailableException unreadable(Exception failure) {
        String what = failure instanceof JacksonException
                ? "what " + endpoint + " sent is no JSON that can be read" + because(failure)
                : "what " + endpoint + " sent is not an answer to what was asked" + because(failure);
        return unavailable(what + "; check that the server is of the kind that this model is made for");
    }

    private ModelUnavailableException unavailable(String reason) {
        return new ModelUnavailableException(subject, reason, null);
    }

    private String because(Exception failure) {
        String message = failure instanceof JsonProcessingException parsing
                ? parsing.getOriginalMessage()
                : failure.getMessage();
        boolean ours = failure instanceof IOException || failure instanceof IllegalArgumentException;
        StackTraceElement[] trace = failure.getStackTrace();
        String where =
                ours || trace.length == 0 ? "" : " at " + trace[0].getClassName() + ":" + trace[0].getLineNumber();
        return message == null || message.isBlank()
                ? " (" + failure.getClass().getSimpleName() + where + ")"
                : " (" + clean(message) + where + ")";
    }

    /** What an error reply says, from the usual places in its JSON, or its text. */
    private String quoted(Reply reply) {
        String text = new String(reply.body(), StandardCharsets.UTF_8);
        try {
            JsonNode body = json.readTree(reply.body());
            for (String pointer : new String[] {"/error/message", "/error", "/message", "/detail"}) {
                JsonNode found = body.at(pointer);
                if (found.isTextual()) {
                    text = found.textValue();
                    break;
                }
            }
        } catch (IOException notJson) {
            // then its text says what there is to say
        }
        String said = clean(text);
        return said.isEmpty() ? "" : " (\"" + said + "\")";
    }

    /** One short line without the key. */
    private String clean(String text) {
        StringBuilder line = new StringBuilder();
        text.codePoints()
                .limit(MOST_CLEANED)
                .map(character -> Character.isWhitespace(character) ? ' ' : character)
                .filter(Failures::isShown)
                .filter(character -> character != ' ' || !endsWithSpace(line))
                .forEachOrdered(line::appendCodePoint);
        String shown = endpoint.key()
                .map(key -> line.toString().replace(key, "***"))
                .orElseGet(line::toString)
                .strip();
        return shown.codePointCount(0, shown.length()) <= EXCERPT
                ? shown
                : shown.substring(0, shown.offsetByCodePoints(0, EXCERPT)) + "...";
    }

    private static boolean endsWithSpace(StringBuilder line) {
        return line.isEmpty() || line.charAt(line.length() - 1) == ' ';
    }

    /** Neither control characters nor what changes the direction of text or cannot be seen. */
    private static boolean isShown(int character) {
        int type = Character.getType(character);
        return type != Character.CONTROL
                && type != Character.FORMAT
                && type != Character.SURROGATE
                && type != Character.UNASSIGNED
                && type != Character.LINE_SEPARATOR
                && type != Character.PARAGRAPH_SEPARATOR
                && type != Character.PRIVATE_USE;
    }
}
