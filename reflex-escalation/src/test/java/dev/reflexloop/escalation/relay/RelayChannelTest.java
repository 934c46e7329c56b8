package dev.reflexloop.escalation.relay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reflexloop.Alert;
import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.testkit.ManualClock;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The exact requests, and what is made of the answers. */
class RelayChannelTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String HOOK = "/api/webhooks/123/to-ken_Secret";
    private static final String TOKEN = "123456:AAF-secret_Token";
    private static final Duration SOON = Duration.ofSeconds(20);

    private final FakeService service = new FakeService(FakeService.says(200, "{\"ok\":true}"));

    @AfterEach
    void close() {
        service.close();
    }

    private static Delivery deliver(RelayChannel channel, Alert alert) {
        try (channel) {
            return channel.deliver(alert, Deadline.in(SOON, ReflexClock.system()));
        }
    }

    private RelayChannel discord() {
        return RelayChannel.discord(service.at(HOOK));
    }

    private RelayChannel telegram() {
        return RelayChannel.telegram(Secret.of(TOKEN), "-1001", URI.create(service.address()));
    }

    private static String head(String line, FakeService service, FakeService.Request request) {
        return line + "\r\nHost: " + service.address().substring("http://".length())
                + "\r\nUser-Agent: Reflex\r\nAccept: application/json\r\nConnection: close\r\nContent-Type: application/json"
                + "\r\nContent-Length: " + request.body().getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n";
    }

    @Test
    void discord_anAlert_sendsExactlyThisRequest() {
        service.next(FakeService.says(204, ""));

        assertThat(deliver(discord(), Alerts.alert("a1"))).isEqualTo(Delivery.delivered());

        FakeService.Request request = service.take();
        assertThat(request.body())
                .isEqualTo("{\"content\":\"\\\\[CRITICAL\\\\] find Caius: the bot walks in circles\","
                        + "\"allowed_mentions\":{\"parse\":[]}}");
        assertThat(request.head()).isEqualTo(head("POST " + HOOK + "?wait=true HTTP/1.1", service, request));
    }

    @Test
    void telegram_anAlert_sendsExactlyThisRequest() {
        assertThat(deliver(telegram(), Alerts.alert("a1"))).isEqualTo(Delivery.delivered());

        FakeService.Request request = service.take();
        assertThat(request.body())
                .isEqualTo("{\"chat_id\":\"-1001\",\"text\":\"[CRITICAL] find Caius: the bot walks in circles\"}");
        assertThat(request.head()).isEqualTo(head("POST /bot" + TOKEN + "/sendMessage HTTP/1.1", service, request));
    }

    @Test
    void webhook_anAlertWithAHeader_sendsExactlyThisRequest() {
        RelayChannel channel =
                RelayChannel.webhook(service.at("/hook?to=ops"), "Authorization", Secret.of("Bearer abc"));

        assertThat(deliver(channel, Alerts.alert("a1"))).isEqualTo(Delivery.delivered());

        FakeService.Request request = service.take();
        assertThat(request.body())
                .isEqualTo("{\"id\":\"a1\",\"level\":\"CRITICAL\",\"mission\":\"find Caius\","
                        + "\"text\":\"the bot walks in circles\",\"at\":\"2026-01-01T12:30:00.250Z\"}");
        assertThat(request.line()).isEqualTo("POST /hook?to=ops HTTP/1.1");
        assertThat(request.header("Authorization")).isEqualTo("Bearer abc");
    }

    @Test
    void discord_hostileText_mentionsNobodyAndHasNoMarkup() throws IOException {
        deliver(discord(), Alerts.saying(Alerts.HOSTILE));

        JsonNode body = JSON.readTree(service.take().body());
        assertThat(body.at("/allowed_mentions/parse").isArray()).isTrue();
        assertThat(body.at("/allowed_mentions/parse").size()).isZero();
        assertThat(body.path("content").textValue())
                .isEqualTo(
                        "\\[WARNING\\] find Caius: \\@everyone \\<\\@1> \\[x\\](http://evil) \\*\\*bold\\*\\* \\`code\\` \\\\ "
                                + "\\|\\|s\\|\\| \\_u\\_ \\~z\\~   \\[31m  # h > q   \ufffd \ud83d\ude00 \"quoted\" {\"json\":1} \\</script>");
    }

    @Test
    void telegram_hostileText_isPlainAndMentionsNobody() throws IOException {
        deliver(telegram(), Alerts.saying(Alerts.HOSTILE));

        JsonNode body = JSON.readTree(service.take().body());
        assertThat(body.has("parse_mode")).isFalse();
        assertThat(body.path("text").textValue())
                .startsWith("[WARNING] find Caius: @\u200beveryone <@\u200b1> [x](http://evil) **bold** `code` ")
                .doesNotContain("\n", "\r", "\u0000", "\u001b", "\u202e");
    }

    @Test
    void text_ofAMegabyte_isCutToWhatTheOtherSideTakes() throws IOException {
        Alert alert = Alerts.saying("*\ud83d\ude00".repeat(350_000));

        deliver(discord(), alert);
        String content = JSON.readTree(service.take().body()).path("content").textValue();
        assertThat(content).hasSizeBetween(1_990, 2_000).endsWith("\u2026").doesNotContain("\ufffd");
        assertThat(content.replace("\\*", "").replace("\ud83d\ude00", "")).endsWith("find Caius: \u2026");

        deliver(telegram(), alert);
        assertThat(JSON.readTree(service.take().body()).path("text").textValue())
                .hasSizeBetween(4_090, 4_096)
                .endsWith("\u2026");
    }

    @Test
    void text_thatFitsExactly_isNotCut() {
        String text = "x".repeat(2_000 - "[INFO] ".length());
        Alert alert = new Alert("a", Alert.Level.INFO, "", text, Alerts.AT);
        assertThat(AlertText.of(alert, 2_000, Character::toString)).isEqualTo("[INFO] " + text);
        assertThat(AlertText.of(alert, 1_999, Character::toString))
                .hasSize(1_999)
                .endsWith("x\u2026");
    }

    @Test
    void discord_429_asksForThePauseInItsJson() {
        service.next(FakeService.says(
                429,
                "{\"message\":\"You are being rate limited.\",\"retry_after\":1.337,\"global\":false}",
                "Retry-After: 1"));

        Delivery delivery = deliver(discord(), Alerts.alert("a1"));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.pause()).isEqualTo(Duration.ofMillis(1_337));
        assertThat(delivery.reason()).contains("429", "You are being rate limited.");
    }

    @Test
    void relay_toAWebhookThatSays429And500_deliversOnceItMay() {
        service.next(FakeService.says(429, "{\"retry_after\":0.05}")).next(FakeService.says(500, ""));
        AlertRelay relay = AlertRelay.builder()
                .channel("discord", discord())
                .pauses(Duration.ofMillis(1), Duration.ofMillis(1))
                .closeWithin(SOON)
                .build();
        long begun = System.nanoTime();
        relay.raise(Alerts.alert("a1"));
        relay.close();

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
        assertThat(service.take().body())
                .isEqualTo(service.take().body())
                .isEqualTo(service.take().body());
        assertThat(service.left()).isZero();
        assertThat(relay.stats().channels().get("discord")).isEqualTo(new RelayStats.Channel(1, 2, 0));
    }

    @Test
    void telegram_429_asksForThePauseInItsParameters() {
        service.next(FakeService.says(
                429,
                "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 15\","
                        + "\"parameters\":{\"retry_after\":15}}"));

        assertThat(deliver(telegram(), Alerts.alert("a1")).pause()).isEqualTo(Duration.ofSeconds(15));
    }

    @Test
    void webhook_retryAfterInSecondsOrAsADate_isThePause() {
        RelayChannel channel = RelayChannel.webhook(service.at("/"));
        ManualClock clock = new ManualClock(Instant.parse("2026-01-01T00:00:00Z"));
        Deadline deadline = Deadline.in(SOON, clock);

        service.next(FakeService.says(503, "", "Retry-After: 120"));
        assertThat(channel.deliver(Alerts.alert("a"), deadline).pause()).isEqualTo(Duration.ofMinutes(2));

        service.next(FakeService.says(429, "", "Retry-After: Thu, 01 Jan 2026 00:05:00 GMT"));
        assertThat(channel.deliver(Alerts.alert("a"), deadline).pause()).isEqualTo(Duration.ofMinutes(5));
        channel.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "-5",
                "soon",
                "1e99",
                "99999999999999999999",
                "Thu, 01 Jan 1970 00:00:00 GMT",
                "Infinity",
                "",
                "0x10"
            })
    void webhook_retryAfterThatIsNonsense_isNoPause(String nonsense) {
        service.next(FakeService.says(429, "{\"retry_after\":\"" + nonsense + "\"}", "Retry-After: " + nonsense));

        Delivery delivery = deliver(RelayChannel.webhook(service.at("/")), Alerts.alert("a1"));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.pause()).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 413, 422})
    void status_ofAnAlertThatIsNotTaken_isRefused(int status) {
        service.next(FakeService.says(status, "{\"description\":\"Bad Request: text is too long\"}"));

        Delivery delivery = deliver(telegram(), Alerts.alert("a1"));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.REFUSED);
        assertThat(delivery.reason()).contains("" + status, "Bad Request: text is too long");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403, 404, 408, 429, 500, 502, 503, 599})
    void status_ofATroubleThatMayPass_isRetried(int status) {
        service.next(FakeService.says(status, "no JSON"));

        assertThat(deliver(discord(), Alerts.alert("a1")).result()).isEqualTo(Delivery.Result.RETRY);
    }

    @Test
    void redirect_toAnotherHost_isNotFollowed() {
        try (FakeService other = new FakeService(FakeService.says(200, "{}"))) {
            service.next(FakeService.says(307, "", "Location: " + other.address() + "/stolen"));

            Delivery delivery = deliver(discord(), Alerts.alert("a1"));

            assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
            assertThat(delivery.reason()).contains("307", "redirects are not followed");
            assertThat(other.left()).isZero();
        }
    }

    @Test
    void service_thatNeverAnswers_isGivenUpAtTheDeadline() {
        service.next(FakeService.silent());
        RelayChannel channel = discord();

        Delivery delivery =
                channel.deliver(Alerts.alert("a1"), Deadline.in(Duration.ofMillis(50), ReflexClock.system()));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.reason()).contains("did not answer in time");
        channel.close();
    }

    @Test
    void service_thatDripsItsAnswer_isGivenUpAtTheDeadline() {
        service.next((request, socket) -> {
            for (byte drop : ("HTTP/1.1 200 OK\r\nX: " + "x".repeat(16_000)).getBytes(StandardCharsets.UTF_8)) {
                socket.getOutputStream().write(drop); // every byte would start a time-out of the socket anew
                LockSupport.parkNanos(10_000_000);
            }
        });
        RelayChannel channel = telegram();

        Delivery delivery =
                channel.deliver(Alerts.alert("a1"), Deadline.in(Duration.ofMillis(200), ReflexClock.system()));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.reason()).contains("did not answer in time");
        channel.close();
    }

    @Test
    void service_thatAnswersWithoutEnd_isHeardAsFarAsItMatters() {
        service.next((request, socket) -> {
            socket.getOutputStream()
                    .write("HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n".getBytes(StandardCharsets.UTF_8));
            while (true) {
                socket.getOutputStream().write(new byte[8_192]);
            }
        });

        assertThat(deliver(telegram(), Alerts.alert("a1"))).isEqualTo(Delivery.delivered());
    }

    @Test
    void service_thatIsNotThere_isRetried() {
        RelayChannel channel = discord();
        service.close();

        Delivery delivery = deliver(channel, Alerts.alert("a1"));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.reason()).contains("nothing listens for Discord at 127.0.0.1:");
    }

    @ParameterizedTest
    @ValueSource(strings = {"garbage\r\n\r\n", "", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"})
    void service_thatBreaksTheProtocol_isRetried(String answer) {
        service.next((request, socket) -> socket.getOutputStream().write(answer.getBytes(StandardCharsets.UTF_8)));

        Delivery delivery = deliver(discord(), Alerts.alert("a1"));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        assertThat(delivery.reason()).contains("broke off");
    }

    @Test
    void close_whileDelivering_endsTheDelivery() throws InterruptedException {
        CountDownLatch asked = new CountDownLatch(1);
        service.next((request, socket) -> {
            asked.countDown();
            FakeService.silent().answer(request, socket);
        });
        RelayChannel channel = telegram();
        Thread closer = new Thread(() -> {
            try {
                if (asked.await(20, TimeUnit.SECONDS)) {
                    channel.close();
                }
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        closer.start();

        Delivery delivery =
                channel.deliver(Alerts.alert("a1"), Deadline.in(Duration.ofMinutes(10), ReflexClock.system()));

        assertThat(delivery.result()).isEqualTo(Delivery.Result.RETRY);
        closer.join();
        assertThat(deliver(channel, Alerts.alert("a1")).result()).isEqualTo(Delivery.Result.RETRY);
    }

    @Test
    void secrets_thatTheServerSendsBack_areNotInTheReason() {
        echoed(discord(), HOOK, "to-ken_Secret");
        echoed(telegram(), TOKEN + " " + TOKEN.substring(7), "AAF-secret_Token");
        String query = "/path/hidden-path?key=hidden-key";
        echoed(
                RelayChannel.webhook(service.at(query), "X-Auth", Secret.of("Bearer hidden-header")),
                query + " hidden-key hidden-header",
                "hidden");
    }

    private void echoed(RelayChannel channel, String echo, String secret) {
        for (int status : new int[] {400, 401, 429, 500, 302}) {
            for (String body : new String[] {"{\"message\":\"said " + echo + "\"}", "said " + echo}) {
                service.next(FakeService.says(status, body));
                Delivery delivery = channel.deliver(Alerts.alert("a"), Deadline.in(SOON, ReflexClock.system()));
                assertThat(delivery.reason()).contains("" + status, "said ").doesNotContain(secret);
            }
        }
        assertThat(channel.toString()).doesNotContain(secret);
        channel.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "no address of ours",
                "ftp://h/x-hush",
                "/path-hush",
                "http:///hush",
                "http://u:hush@h/",
                "http://a b/hush"
            })
    void address_thatIsNone_isRefusedWithoutShowingIt(String address) {
        assertThatThrownBy(() -> RelayChannel.discord(Secret.of(address)))
                .isInstanceOf(RelayException.class)
                .hasMessageContaining("https://host/path")
                .hasNoCause()
                .message()
                .doesNotContain("hush", "of ours");
    }

    @Test
    void telegramToken_thatIsNone_isRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> RelayChannel.telegram(Secret.of("../hush/x"), "1"))
                .isInstanceOf(RelayException.class)
                .message()
                .doesNotContain("hush");
    }

    @Test
    void discordAddress_asDiscordHandsItOut_namesTheVersionThatCountsSeconds() {
        assertThat(DiscordChannel.exact(URI.create("https://discord.com/api/webhooks/1/t?thread_id=2")))
                .hasToString("https://discord.com/api/v10/webhooks/1/t?thread_id=2&wait=true");
        assertThat(DiscordChannel.exact(URI.create("https://discord.com/api/v9/webhooks/1/t?wait=true")))
                .hasToString("https://discord.com/api/v9/webhooks/1/t?wait=true");
    }
}
