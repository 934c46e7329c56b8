package dev.reflexloop.console.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.ReflexException;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who is let in, and what cannot be done from outside. One test for each sentence of what was promised. */
class ConsoleSecurityTest {
    private static final String TOKEN = "a+secret/of=32_characters-0123456";

    private final TelemetryBus bus = TelemetryBus.builder().build();
    private final ConsoleServer console = ConsoleServer.builder(bus).start();
    private final ConsoleServer guarded = ConsoleServer.builder(bus)
            .bind("0.0.0.0")
            .name("Bot.lan")
            .token(TOKEN)
            .start();

    @AfterEach
    void close() {
        console.close();
        guarded.close();
    }

    private static String ask(ConsoleServer server, String requestLine, String headers) throws IOException {
        try (Wire wire = new Wire(server.uri())) {
            return wire.send(requestLine + " HTTP/1.1\r\n" + headers + "Connection: close\r\n\r\n")
                    .all();
        }
    }

    private static int status(ConsoleServer server, String path, String headers) throws IOException {
        return Wire.status(ask(server, "GET " + path, headers));
    }

    private String host() {
        return "Host: 127.0.0.1:" + console.uri().getPort() + "\r\n";
    }

    @Test
    void console_byDefault_listensOnTheLoopbackAlone() throws Exception {
        assertThat(InetAddress.getByName(console.uri().getHost()).isLoopbackAddress())
                .isTrue();
        assertThat(console.address().isLoopbackAddress()).isTrue();
    }

    @Test
    void otherAddress_withoutAToken_isRefused() {
        for (String address : new String[] {"0.0.0.0", "::", "192.0.2.1"}) {
            assertThatThrownBy(() -> ConsoleServer.builder(bus).bind(address).start())
                    .isInstanceOf(ReflexException.class)
                    .hasMessageContaining(address)
                    .hasMessageContaining("token");
        }
        for (String weak :
                new String[] {"", "short", "with spaces in it, which no header keeps", "ünicode-ünicode-ü"}) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> ConsoleServer.builder(bus).token(weak));
        }
    }

    @Test
    void token_missingOrWrong_opensNothingButThePage() throws Exception {
        Browser browser = new Browser(guarded.uri());
        for (String path : new String[] {"/state", "/logs", "/logs/stats", "/logs/download", "/telemetry"}) {
            assertThat(browser.get(path).status()).as(path).isEqualTo(401);
            assertThat(browser.get(path, "Authorization", "Bearer " + TOKEN + "x")
                            .status())
                    .isEqualTo(401);
            assertThat(browser.get(path, "Authorization", "Bearer ").status()).isEqualTo(401);
            assertThat(browser.get(path, "Authorization", TOKEN).status()).isEqualTo(401);
            assertThat(browser.get(path + "?token=" + TOKEN).status()).isEqualTo(401);
        }
        assertThat(browser.post("/v1/systemone", "{}").status()).isEqualTo(401);
        assertThat(browser.get("/").status()).isEqualTo(200);
        assertThat(browser.get("/page/app.js").status()).isEqualTo(200);
        assertThat(browser.get("/state", "Authorization", "Bearer " + TOKEN).status())
                .isEqualTo(200);
    }

    @Test
    void token_asSubprotocol_opensTheWebSocketAndIsNotEchoed() throws Exception {
        String encoded = Base64.getUrlEncoder().withoutPadding().encodeToString(TOKEN.getBytes(StandardCharsets.UTF_8));
        bus.publish(
                new TelemetryEvent(Instant.EPOCH, TelemetryEvent.Level.INFO, "loop", "decision", "bot", 1, Map.of()));
        try (Reader reader = new Reader(guarded.uri(), "", "reflex.v1", "token." + encoded)) {
            assertThat(reader.protocol()).isEqualTo("reflex.v1");
            assertThat(reader.events(1)).hasSize(1);
        }
        String host = "Host: localhost:" + guarded.uri().getPort() + "\r\n";
        for (String wrong : new String[] {"token.AAAA", "token.", "token.!!!", "reflex.v1", encoded}) {
            assertThat(status(
                            guarded, "/telemetry", host + Wire.HANDSHAKE + "Sec-WebSocket-Protocol: " + wrong + "\r\n"))
                    .as(wrong)
                    .isEqualTo(401);
        }
    }

    @Test
    void host_ofAnotherName_isRefused() throws Exception {
        int port = console.uri().getPort();
        for (String own :
                new String[] {"localhost:" + port, "127.0.0.1:" + port, "[::1]:" + port, "LOCALHOST:" + port}) {
            assertThat(status(console, "/state", "Host: " + own + "\r\n"))
                    .as(own)
                    .isEqualTo(200);
        }
        for (String foreign : new String[] {
            "[::2]:" + port,
            "[evil.example]:" + port,
            "evil.example:" + port,
            "localhost.evil.example:" + port,
            "127.0.0.1.evil.example:" + port,
            "127.0.0.1",
            "127.0.0.1:" + (port + 1),
            "evil.example",
            "user@127.0.0.1:" + port,
            "bot.lan:" + port,
            ":" + port
        }) {
            assertThat(status(console, "/state", "Host: " + foreign + "\r\n"))
                    .as(foreign)
                    .isIn(400, 403);
            assertThat(status(console, "/", "Host: " + foreign + "\r\n")).isIn(400, 403);
            assertThat(status(console, "/telemetry", "Host: " + foreign + "\r\n" + Wire.HANDSHAKE))
                    .isIn(400, 403);
        }
        assertThat(status(console, "/state", "")).isIn(400, 403);
        assertThat(status(console, "/state", host() + "Host: evil.example\r\n")).isIn(400, 403);
        assertThat(status(console, "http://evil.example/state", host())).isIn(400, 403);
        String named = "Host: bot.LAN:" + guarded.uri().getPort() + "\r\nAuthorization: Bearer " + TOKEN + "\r\n";
        assertThat(status(guarded, "/state", named)).isEqualTo(200);
        String behindTls = "Host: bot.lan\r\nOrigin: https://bot.lan\r\nAuthorization: Bearer " + TOKEN + "\r\n";
        assertThat(status(guarded, "/state", behindTls)).isEqualTo(200);
        String foreign = "Host: bot.lan\r\nOrigin: https://evil.example\r\nAuthorization: Bearer " + TOKEN + "\r\n";
        assertThat(status(guarded, "/state", foreign)).isEqualTo(403);
    }

    @Test
    void origin_ofAnotherPage_isRefused() throws Exception {
        String own = "http://127.0.0.1:" + console.uri().getPort();
        assertThat(status(console, "/state", host() + "Origin: " + own + "\r\n"))
                .isEqualTo(200);
        for (String foreign : new String[] {
            "http://evil.example",
            "null",
            "",
            "http://127.0.0.1:1",
            "https://127.0.0.1:" + console.uri().getPort(),
            "http://localhost:" + console.uri().getPort(),
            own + ".evil.example",
            own + "/",
            "file://"
        }) {
            String headers = host() + "Origin: " + foreign + "\r\n";
            assertThat(status(console, "/state", headers)).as(foreign).isEqualTo(403);
            assertThat(status(console, "/telemetry", headers + Wire.HANDSHAKE)).isEqualTo(403);
            assertThat(Wire.status(ask(
                            console,
                            "POST /v1/systemone",
                            headers + "Content-Type: application/json\r\nContent-Length: 2\r\n")))
                    .isEqualTo(403);
        }
        assertThat(console.readers()).isZero();
    }

    @Test
    void post_withoutJson_isRefusedSoThatNoFormOfAnotherPageIsTaken() throws Exception {
        Browser browser = new Browser(console.uri());
        for (String type :
                new String[] {"text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""}) {
            HttpRequest.Builder request = browser.request("/v1/systemone");
            if (!type.isEmpty()) {
                request.header("Content-Type", type);
            }
            assertThat(browser.send(request.POST(HttpRequest.BodyPublishers.ofString("{}"))
                                    .build())
                            .status())
                    .as(type)
                    .isEqualTo(415);
        }
    }

    @Test
    void path_ofTheRequest_neverReachesAFile() throws Exception {
        for (String path : new String[] {
            "/page/../ConsoleServer.class",
            "/page/..%2f..%2f..%2f..%2fetc%2fpasswd",
            "/page/%2e%2e/%2e%2e/etc/passwd",
            "/page/%252e%252e%252fetc%252fpasswd",
            "/page/....//etc/passwd",
            "/page//etc/passwd",
            "/page/%2fetc%2fpasswd",
            "/page/..\\..\\etc\\passwd",
            "/page/..%5c..%5cetc",
            "/page/index.html%00.js",
            "/page/;/../index.html",
            "/page/files.txt",
            "/page/",
            "/page",
            "/../../etc/passwd",
            "//etc/passwd",
            "/etc/passwd",
            "/%c0%ae%c0%ae/etc/passwd",
            "/page/app.js/..",
            "file:///etc/passwd"
        }) {
            String answer = ask(console, "GET " + path, host());
            assertThat(Wire.status(answer)).as(path).isIn(400, 403, 404);
            assertThat(answer).doesNotContain("root:").doesNotContain("class=");
        }
    }

    @Test
    void body_thatIsTooLarge_isRefusedAnnouncedOrNot() throws Exception {
        Browser browser = new Browser(console.uri());
        String announced = "Content-Type: application/json\r\nContent-Length: " + (Site.MOST_BODY + 1) + "\r\n";
        assertThat(Wire.status(ask(console, "POST /v1/systemone", host() + announced)))
                .isEqualTo(413);
        try (Wire wire = new Wire(console.uri())) {
            wire.send("POST /v1/systemone HTTP/1.1\r\n" + host()
                    + "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n");
            for (int i = 0; i < 20; i++) {
                wire.send("1000\r\n" + "y".repeat(4_096) + "\r\n");
            }
            assertThat(Wire.status(wire.send("0\r\n\r\n").all())).isEqualTo(413);
        }
        String fitting = "{\"state\":\"" + "x".repeat(Site.MOST_BODY - 100) + "\"}";
        assertThat(browser.post("/v1/systemone", fitting).status()).isEqualTo(501);
    }

    @Test
    void queryAndHeaders_thatAreTooLarge_areRefused() throws Exception {
        assertThat(status(console, "/logs?entity=" + "x".repeat(Exchange.MOST_QUERY), host()))
                .isEqualTo(414);
        assertThat(status(console, "/" + "x".repeat(20_000), host())).isEqualTo(414);
        assertThat(status(console, "/state", host() + "X: " + "y".repeat(20_000) + "\r\n"))
                .isEqualTo(431);
        assertThat(status(console, "/logs?limit=1001", host())).isEqualTo(400);
        assertThat(status(console, "/logs?limit=1&limit=2", host())).isEqualTo(400);
        assertThat(status(console, "/logs?other=1", host())).isEqualTo(400);
        assertThat(status(console, "/logs?entity=%ff%fe", host())).isEqualTo(400);
        assertThat(status(console, "/logs?until=no-cursor!", host())).isEqualTo(400);
    }

    @Test
    void connections_beyondTheBound_waitUntilOthersEnd() throws Exception {
        List<Wire> open = new ArrayList<>();
        try {
            for (int i = 0; i < ConsoleServer.MOST_CONNECTIONS + 20; i++) {
                open.add(new Wire(console.uri()));
            }
            Eventually.isTrue("the bound is reached", () -> console.connections() >= ConsoleServer.MOST_CONNECTIONS);
            assertThat(console.connections()).isLessThanOrEqualTo(ConsoleServer.MOST_CONNECTIONS + 1);
        } finally {
            for (Wire wire : open) {
                wire.close();
            }
        }
        assertThat(new Browser(console.uri()).get("/state").status()).isEqualTo(200);
        Eventually.isTrue("they are forgotten", () -> console.connections() <= 1);
    }

    @Test
    void readers_beyondTheBound_areRefused() throws Exception {
        List<Reader> readers = new ArrayList<>();
        try {
            for (int i = 0; i < TelemetryPump.MOST_READERS; i++) {
                readers.add(new Reader(console.uri(), ""));
            }
            Eventually.isTrue("all read", () -> console.readers() == TelemetryPump.MOST_READERS);
            assertThat(status(console, "/telemetry", host() + Wire.HANDSHAKE)).isEqualTo(429);
        } finally {
            readers.forEach(Reader::close);
        }
        Eventually.isTrue("all are forgotten", () -> console.readers() == 0);
    }

    @Test
    void answers_ofAnyKind_carryTheHeadersAndNoVersion() throws Exception {
        for (String path :
                new String[] {"/", "/page/app.js", "/state", "/none", "/logs?x=1", "/logs/download", "/%zz"}) {
            String head = ask(console, "GET " + path, host()).split("\r\n\r\n", 2)[0];
            assertThat(head)
                    .as(path)
                    .contains("default-src 'self'")
                    .contains("frame-ancestors 'none'")
                    .contains("X-Content-Type-Options: nosniff")
                    .contains("X-Frame-Options: DENY")
                    .contains("Referrer-Policy: no-referrer")
                    .contains("Cache-Control: no-store")
                    .doesNotContainIgnoringCase("jetty")
                    .doesNotContain("Server:")
                    .doesNotContain("Access-Control");
        }
    }

    @Test
    void errors_ofHostileRequests_echoNothingAndTellNoInside() throws Exception {
        for (String path : new String[] {
            "/logs?level=%3Cscript%3Ealert(1)%3C/script%3E",
            "/%3Cscript%3E",
            "/logs?%3Cb%3E=1",
            "/logs?tick=%00%1b[2J",
            "/%zz"
        }) {
            String answer = ask(console, "GET " + path, host());
            assertThat(Wire.status(answer)).as(path).isIn(400, 404);
            assertThat(answer)
                    .contains("Content-Type: application/json")
                    .contains("{\"error\":\"")
                    .doesNotContain("\tat ")
                    .doesNotContain("Exception")
                    .doesNotContain("org.eclipse")
                    .doesNotContain("\u001b");
        }
    }

    @Test
    void methods_thatAreNotOffered_areRefused() throws Exception {
        for (String method :
                new String[] {"TRACE", "OPTIONS", "PUT", "DELETE", "PATCH", "HEAD", "CONNECT", "BREW", "get"}) {
            String answer = ask(console, method + " /state", host());
            assertThat(Wire.status(answer)).as(method).isIn(400, 405);
            assertThat(answer).doesNotContain("budgetMillis");
        }
        assertThat(Wire.status(ask(console, "OPTIONS *", host()))).isIn(400, 404, 405);
        assertThat(Wire.status(ask(console, "GET /review/labels", host()))).isEqualTo(404);
        assertThat(Wire.status(ask(console, "GET /v1/systemone", host()))).isEqualTo(405);
    }
}
