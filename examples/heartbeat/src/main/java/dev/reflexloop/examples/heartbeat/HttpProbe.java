package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Fact;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Gets a health address: the status and how long it took. A redirect is not followed but a fact, so that nobody sends the monitor
 * elsewhere. The body is not read.
 */
final class HttpProbe implements Probe {
    private static final String UP = "up";

    private final String name;
    private final HttpClient client;
    private final HttpRequest request;
    private final Duration slow;

    /**
     * A probe.
     *
     * @param name its name
     * @param client a client that follows no redirects
     * @param address an http or https address
     * @param patience how long an answer may take before the state is {@link Probe#TIMED_OUT}
     * @param slow how long an answer takes that is worth a warning
     */
    HttpProbe(String name, HttpClient client, URI address, Duration patience, Duration slow) {
        this.name = name;
        this.client = client;
        this.request = HttpRequest.newBuilder(address).timeout(patience).build();
        this.slow = slow;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Map<String, Fact> look() throws InterruptedException {
        Map<String, Fact> facts = new LinkedHashMap<>();
        long beganAt = System.nanoTime();
        try {
            HttpResponse<InputStream> response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganAt);
            response.body().close();
            facts.put(STATE, Fact.of(state(response.statusCode())));
            facts.put("status", Fact.of(response.statusCode()));
            facts.put("latency_ms", Fact.of((double) millis));
        } catch (HttpTimeoutException late) {
            facts.put(STATE, Fact.of(TIMED_OUT));
        } catch (IOException unreachable) {
            facts.put(STATE, Fact.of("down"));
            facts.put("problem", Fact.of(unreachable.getClass().getSimpleName()));
        }
        return facts;
    }

    private static String state(int status) {
        return switch (status / 100) {
            case 2 -> UP;
            case 3 -> "redirects";
            case 4 -> "refuses";
            default -> "fails";
        };
    }

    @Override
    public Finding judge(Map<String, Fact> facts) {
        String state = Probe.text(facts, STATE);
        double millis = Probe.number(facts, "latency_ms");
        if (state.equals(UP)) {
            return millis > slow.toMillis()
                    ? new Finding(Severity.WARNING, "answers only after " + (long) millis + " ms")
                    : new Finding(Severity.OK, UP);
        }
        long status = (long) Probe.number(facts, "status");
        return switch (state) {
            case "redirects", "refuses" -> new Finding(Severity.WARNING, state + " with status " + status);
            case "fails" -> new Finding(Severity.CRITICAL, "fails with status " + status);
            case TIMED_OUT -> new Finding(Severity.CRITICAL, "does not answer in time");
            default -> new Finding(Severity.CRITICAL, "cannot be reached");
        };
    }
}
