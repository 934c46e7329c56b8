package dev.reflexloop.escalation.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Deadline;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/**
 * Makes a {@link Delivery} of what an HTTP server answers to an alert. Its reasons never hold the secrets: not the address, not the headers, and
 * not where the server sends them back. For one thread, except for {@link #close}.
 */
final class HttpDelivery implements AutoCloseable {
    static final ObjectMapper JSON = new ObjectMapper();
    private static final int EXCERPT = 200;
    private static final int SHORTEST_SECRET = 6;
    private static final Duration LONGEST_PAUSE = Duration.ofDays(1);
    private static final Pattern SECONDS = Pattern.compile("\\d{1,9}(\\.\\d{1,9})?");

    private final String to;
    private final HttpPost post;
    private final String pausePointer;
    private final List<String> hidden;

    /**
     * @param to whom the alerts go to, for messages, without a secret
     * @param post the exchange
     * @param pausePointer where a reply's JSON says how many seconds to wait
     * @param secrets what must not be shown; their parts are hidden, too
     */
    HttpDelivery(String to, HttpPost post, String pausePointer, List<String> secrets) {
        this.to = to + " at " + post.host();
        this.post = post;
        this.pausePointer = pausePointer;
        this.hidden = secrets.stream()
                .flatMap(secret -> Stream.concat(Stream.of(secret), Stream.of(secret.split("[/?&=: ]"))))
                .filter(part -> part.length() >= SHORTEST_SECRET && !post.host().contains(part))
                .distinct()
                .sorted(Comparator.comparingInt(String::length).reversed())
                .toList();
    }

    Delivery deliver(JsonNode body, Deadline deadline) {
        try {
            return judge(post.post(body.toString().getBytes(StandardCharsets.UTF_8), deadline), deadline);
        } catch (UnknownHostException unknown) {
            return Delivery.retry("the host of " + to + " is unknown; check the address and the network");
        } catch (ConnectException refused) {
            return Delivery.retry("nothing listens for " + to + "; check the address and the network");
        } catch (SSLException unsafe) {
            return Delivery.retry("no secure connection to " + to + " (" + shown(String.valueOf(unsafe.getMessage()))
                    + "); check its certificate, and that it speaks https");
        } catch (IOException failure) {
            return Delivery.retry(
                    deadline.expired()
                            ? to + " did not answer in time; look whether it works, or raise the relay's time-out"
                            : to + " broke off (" + shown(String.valueOf(failure.getMessage()))
                                    + "); check that it works");
        }
    }

    private Delivery judge(HttpPost.Reply reply, Deadline deadline) {
        int status = reply.status();
        if (status >= 200 && status < 300) {
            return Delivery.delivered();
        }
        JsonNode json = json(reply.body());
        String said = to + " answered " + status + quoted(reply.body(), json);
        if (status >= 300 && status < 400) {
            return Delivery.retry(said + "; redirects are not followed: give the address where the server itself is");
        }
        return switch (status) {
            case 400, 413, 422 -> Delivery.refused(said + "; it does not take this alert");
            case 401, 403, 404, 410 -> Delivery.retry(said + "; check the token, the address and whom it may write to");
            case 429, 503 ->
                Delivery.retryAfter(said + "; it asks to be left alone for a while", pause(reply, json, deadline));
            default -> Delivery.retry(said + "; look whether it works");
        };
    }

    /** The longer of what its header and its JSON ask for. */
    private Duration pause(HttpPost.Reply reply, JsonNode json, Deadline deadline) {
        JsonNode field = json.at(pausePointer);
        Duration asked = field.isNumber() ? seconds(field.asText()).orElse(Duration.ZERO) : Duration.ZERO;
        Duration header = reply.header("Retry-After")
                .flatMap(text -> seconds(text).or(() -> until(text, deadline)))
                .orElse(Duration.ZERO);
        Duration longer = asked.compareTo(header) > 0 ? asked : header;
        return longer.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : longer;
    }

    private static Optional<Duration> seconds(String text) {
        return SECONDS.matcher(text).matches()
                ? Optional.of(
                        Duration.ofNanos(new BigDecimal(text).movePointRight(9).longValue()))
                : Optional.empty();
    }

    private static Optional<Duration> until(String text, Deadline deadline) {
        try {
            Duration left = Duration.between(
                    deadline.clock().instant(),
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME)
                            .toInstant());
            return left.isNegative() ? Optional.empty() : Optional.of(left);
        } catch (DateTimeParseException neither) {
            return Optional.empty();
        }
    }

    private static JsonNode json(String body) {
        try {
            return JSON.readTree(body);
        } catch (IOException none) {
            return JSON.missingNode();
        }
    }

    /** What the server says about it, from the usual places in its JSON. */
    private String quoted(String body, JsonNode json) {
        String text = Stream.of("/message", "/description", "/error", "/detail")
                .map(json::at)
                .filter(JsonNode::isTextual)
                .map(JsonNode::textValue)
                .findFirst()
                .orElse(body);
        String said = shown(text);
        return said.isEmpty() ? "" : " (\"" + said + "\")";
    }

    /** One short line without the secrets. */
    private String shown(String text) {
        String line = text;
        for (String secret : hidden) {
            line = line.replace(secret, "***");
        }
        return AlertText.line(line, EXCERPT).strip();
    }

    @Override
    public String toString() {
        return to;
    }

    @Override
    public void close() {
        post.close();
    }
}
