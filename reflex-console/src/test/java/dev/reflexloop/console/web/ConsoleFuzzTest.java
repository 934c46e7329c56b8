package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Question;
import dev.reflexloop.Served;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.console.EscalationDesk;
import dev.reflexloop.console.decisions.DecisionArchive;
import dev.reflexloop.console.decisions.LogSamples;
import dev.reflexloop.console.review.Review;
import dev.reflexloop.escalation.EscalationInbox;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand requests that nobody should send. */
class ConsoleFuzzTest {
    private static final int REQUESTS = 10_000;
    private static final long SEED = 5;
    private static final String[] METHODS = {"HEAD", "PUT", "OPTIONS", "TRACE", "CONNECT", "get", "G\u0000T", "", "PRI"
    };
    private static final String[] PATHS = {
        "/",
        "/state",
        "/logs",
        "/logs/stats",
        "/logs/download",
        "/telemetry",
        "/decisions",
        "/decisions/s-1",
        "/review",
        "/review/labels",
        "/review/undo",
        "/escalations",
        "/escalations/e-1/answer",
        "/v1/systemone",
        "/page/app.js",
        "*",
        "",
        "/page/%2e%2e/x",
        "//",
        "/%",
        "/\u00ff",
        "http://x/",
        "/logs/"
    };
    private static final String[] NAMES = {
        "source", "level", "event", "entity", "tick", "limit", "until", "before", "x", "", "%00", "__proto__"
    };
    private static final String[] VALUES = {
        "",
        "1",
        "-1",
        "info",
        "warn",
        "bot",
        "9223372036854775808",
        "%",
        "%zz",
        "%ff",
        "%00",
        "\u00e9",
        "1e9",
        "NaN",
        "zz",
        "+",
        "a".repeat(3_000)
    };
    private static final String[] HEADERS = {
        "Content-Type: application/json",
        "Content-Type: text/plain",
        "Content-Type: application/json; charset=\u0001",
        "Origin: http://evil.example",
        "Origin: null",
        "Content-Length: 5",
        "Content-Length: -1",
        "Content-Length: 99999999999999999999",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip",
        "Expect: 100-continue",
        "Upgrade: websocket",
        "Upgrade: h2c",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Version: 99",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Key: short",
        "Sec-WebSocket-Extensions: permessage-deflate;x=;",
        "Sec-WebSocket-Protocol: token.%%%",
        "Authorization: Bearer",
        "Range: bytes=0-",
        "Host: evil.example",
        "X",
        ": empty",
        " folded",
        "X: " + "h".repeat(9_000),
        "Cookie: a=b; =;;;",
        "Accept-Encoding: \u0000"
    };
    private static final String[] BODIES = {
        "",
        "{}",
        "[]",
        "null",
        "{",
        "{\"id\":\"s-1\",\"label\":\"chosen\"}",
        "{\"id\":1,\"label\":[]}",
        "{\"option\":1}",
        "{\"option\":\"1\",\"goal\":7}",
        "{\"goal\":\"\"}",
        "{\"state\":1,\"questions\":{\"a\":{\"type\":\"noul\"}}}",
        "{\"state\":{\"\":1,\"a\":[{}]},\"questions\":{\"a\":{\"type\":\"choice\",\"criteria\":{\"\":null,\" \":1,\"\u0000\":{}}}}}",
        "{\"state\":[],\"questions\":{\" \":{\"type\":\"score\",\"criteria\":[1,null]}}}",
        "[".repeat(5_000),
        "\u00ff\u00fe",
        "{\"a\":1,\"a\":2}",
        "1e999999",
        "{\"state\":\"" + "x".repeat(70_000) + "\"}",
        "5\r\n{}\r\n0\r\n\r\n",
        "zz\r\n",
        "\"\\ud800\""
    };

    @TempDir
    private Path folder;

    private final Random random = new Random(SEED);
    private final TelemetryBus bus = TelemetryBus.builder().build();

    private String any(String[] of) {
        return of[random.nextInt(of.length)];
    }

    private boolean oneIn(int many) {
        return random.nextInt(many) == 0;
    }

    /** A request that is right in most places and wrong in some. */
    private byte[] request(int port) {
        boolean post = oneIn(3);
        StringBuilder text = new StringBuilder(oneIn(8) ? any(METHODS) : post ? "POST" : "GET")
                .append(' ')
                .append(any(PATHS));
        for (int i = random.nextInt(4) - 1; i > 0; i--) {
            text.append(text.indexOf("?") < 0 ? '?' : '&')
                    .append(any(NAMES))
                    .append('=')
                    .append(any(VALUES));
        }
        text.append(oneIn(40) ? any(VALUES) : " HTTP/1.1").append("\r\n");
        if (!oneIn(40)) {
            text.append("Host: 127.0.0.1:").append(port).append("\r\n");
        }
        if (oneIn(4)) {
            text.append(Wire.HANDSHAKE);
        }
        for (int i = random.nextInt(6) - 3; i > 0; i--) {
            text.append(any(HEADERS)).append(oneIn(20) ? "\n" : "\r\n");
        }
        String body = post ? any(BODIES) : oneIn(20) ? any(BODIES) : "";
        if (post && !oneIn(10)) {
            text.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(oneIn(20) ? random.nextInt(100) : body.length())
                    .append("\r\n");
        }
        text.append(oneIn(40) ? "" : "\r\n").append(body);
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int i = oneIn(10) ? random.nextInt(8) : 0; i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    private int send(ConsoleServer console, byte[] request) throws IOException {
        try (Wire wire = new Wire(console.uri())) {
            if (oneIn(20)) {
                wire.send(request).reset();
                return 0;
            }
            return Wire.status(wire.send(request).end().all());
        }
    }

    private static CompletableFuture<Answer> even(Question question) {
        Map<String, Double> shares = new LinkedHashMap<>();
        question.legal()
                .forEach(each -> shares.put(each.name(), 1.0 / question.legal().size()));
        return CompletableFuture.completedFuture(Answer.of("even", shares));
    }

    @Test
    void requests_ofAnyKind_areAnsweredWithoutA500AndLeaveNothingBehind() throws Exception {
        LogSamples.write(
                folder.resolve("bot.jsonl"), log -> log.step(LogSamples.step("s", 1, "bot", Served.MODEL, 0.9)));
        DecisionArchive archive = DecisionArchive.open(List.of(folder));
        for (int tick = 0; tick < 50; tick++) {
            bus.publish(new TelemetryEvent(
                    Instant.EPOCH, TelemetryEvent.Level.INFO, "loop", "decision", "bot", tick, Map.of()));
        }
        Map<Integer, Integer> statuses = new TreeMap<>();
        try (EscalationInbox inbox =
                        EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
                ConsoleServer console = ConsoleServer.builder(bus)
                        .escalations(EscalationDesk.of(inbox))
                        .decisions(archive)
                        .review(Review.of(archive))
                        .model((question, deadline) -> even(question))
                        .start()) {
            int port = console.uri().getPort();
            for (int i = 0; i < REQUESTS; i++) {
                byte[] request = request(port);
                int status = send(console, request);
                assertThat(status)
                        .as(() -> "answer to " + new String(request, StandardCharsets.ISO_8859_1))
                        .satisfies(each -> assertThat(each < 500 || each == 501 || each == 505)
                                .isTrue());
                statuses.merge(status, 1, Integer::sum);
            }
            assertThat(statuses).containsKeys(101, 200, 400, 403, 404, 405, 413, 414, 415, 431);
            Eventually.isTrue("no connection is left", () -> console.connections() == 0);
            Eventually.isTrue("no reader is left", () -> console.readers() == 0);
            assertThat(new Browser(console.uri()).get("/state").status()).isEqualTo(200);
        }
        Eventually.isTrue(
                "no thread is left",
                () -> Thread.getAllStackTraces().keySet().stream()
                        .noneMatch(each -> each.getName().startsWith("reflex-console")));
    }
}
