package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelBusyException;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.testkit.ManualClock;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ServerClientTest {
    private static final String KEY = "sk-very-secret-0123456789";
    private static final byte[] QUESTION = "{\"ask\":1}".getBytes(StandardCharsets.UTF_8);

    @Test
    void post_toAServerThatAnswers_readsItsJson() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(
                        200,
                        "{\"head\":" + request.head().startsWith("POST /v1/x HTTP/1.1") + ",\"body\":" + request.body()
                                + "}"));
                ServerClient client = client(server.endpoint())) {
            JsonNode reply = get(client.post("/v1/x", QUESTION, soon(), json -> json));
            assertThat(reply.at("/body/ask").asInt()).isEqualTo(1);
            assertThat(reply.path("head").asBoolean()).isTrue();
        }
    }

    @Test
    void post_again_usesTheSameConnection() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client = client(server.endpoint())) {
            for (int i = 0; i < 20; i++) {
                get(client.post("/", QUESTION, soon(), json -> json));
            }
            assertThat(server.connections()).isOne();
            assertThat(client.inFlight()).isZero();
        }
    }

    @Test
    void get_overAUnixSocket_readsItsJson(@TempDir Path folder) throws Exception {
        try (ScriptedServer server = new ScriptedServer(
                        folder.resolve("s"), (request, connection) -> connection.reply(200, "[1,2]"));
                ServerClient client = client(server.endpoint())) {
            assertThat(get(client.get("/props", soon(), JsonNode::size))).isEqualTo(2);
            assertThat(get(client.get("/props", soon(), JsonNode::size))).isEqualTo(2);
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void request_byDefault_carriesTheKeyAndNothingNeedless() throws Exception {
        List<String> heads = new ArrayList<>();
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
                    heads.add(request.head());
                    connection.reply(200, "{}");
                });
                ServerClient client = client(server.endpoint().apiKey(KEY))) {
            get(client.post("/completion", QUESTION, soon(), json -> json));
        }
        assertThat(heads.get(0).lines().map(line -> line.replaceFirst(":.*", "")))
                .containsExactlyInAnyOrder(
                        "POST /completion HTTP/1.1", "Host", "Authorization", "Content-Type", "Content-Length", "");
        assertThat(heads.get(0)).contains("Authorization: Bearer " + KEY);
    }

    // ---- statuses

    @ParameterizedTest
    @ValueSource(ints = {429, 503})
    void status_ofAServerWithoutRoom_isBusy(int status) throws Exception {
        assertThat(failureFor(status, "{\"error\":{\"message\":\"Loading model\",\"code\":503}}"))
                .isInstanceOf(ModelBusyException.class)
                .hasMessageContaining("" + status)
                .hasMessageContaining("Loading model");
    }

    @ParameterizedTest
    @ValueSource(ints = {401, 403})
    void status_ofARefusedKey_saysCheckTheKey(int status) throws Exception {
        assertThat(failureFor(status, "{\"error\":{\"message\":\"Invalid API Key " + KEY + "\"}}"))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("check the API key")
                .hasMessageContaining("Invalid API Key ***")
                .hasMessageNotContaining(KEY);
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 405, 501})
    void status_ofSomethingThatIsMissing_saysThatTheServerLacksIt(int status) throws Exception {
        assertThat(failureFor(status, "{\"error\":\"not here\"}"))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("/path")
                .hasMessageContaining("lacks")
                .hasMessageContaining("not here");
    }

    @ParameterizedTest
    @ValueSource(ints = {201, 204, 400, 500, 502, 599})
    void status_ofAnythingElse_isUnavailable(int status) throws Exception {
        assertThat(failureFor(status, status == 204 ? "" : "boom"))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("answered " + status);
    }

    @ParameterizedTest
    @ValueSource(ints = {301, 302, 303, 307, 308})
    void redirect_anywhere_isNotFollowed(int status) throws Exception {
        try (ScriptedServer elsewhere = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ScriptedServer server = new ScriptedServer(
                        (request, connection) -> connection.write("HTTP/1.1 " + status + " Moved\r\nLocation: "
                                + elsewhere.endpoint() + "/path\r\nContent-Length: 0\r\n\r\n"));
                ServerClient client = client(server.endpoint().apiKey(KEY))) {
            assertThat(failure(client.post("/path", QUESTION, soon(), json -> json)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("redirects are not followed");
            assertThat(server.requests()).isOne();
            assertThat(elsewhere.connections()).isZero();
        }
    }

    @Test
    void errorText_thatIsHostile_isOneShortCleanLine() throws Exception {
        String hostile = "bad\r\n\u001b[31mline\u0000\u202e" + KEY.substring(0, 5) + "\u0007" + KEY.substring(5)
                + "x".repeat(9_000);
        Throwable failure = failureFor(500, hostile);
        assertThat(failure.getMessage())
                .contains("\"bad [31mline***xxx")
                .hasSizeLessThan(450)
                .doesNotContain(KEY)
                .matches("[^\\p{Cntrl}\u202e]*");
    }

    @Test
    void errorBody_ofAHundredMegabytes_isCutAndItsStatusCounts() throws Exception {
        try (ScriptedServer server = new ScriptedServer(ServerClientTest::floodAfter500);
                ServerClient client = client(server.endpoint())) {
            assertThat(failure(client.get("/path", soon(), json -> json)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("answered 500");
            await(() -> client.inFlight() == 0 && client.connections() == 0);
        }
    }

    private static void floodAfter500(ScriptedServer.Request request, ScriptedServer.Connection connection)
            throws java.io.IOException {
        connection.write("HTTP/1.1 500 Said\r\nContent-Length: 100000000\r\n\r\n");
        String piece = "y".repeat(100_000);
        for (int i = 0; i < 1_000; i++) {
            connection.write(piece);
        }
    }

    // ---- what is no whole answer

    @Test
    void reply_longerThanAllowed_isCutWhileItIsRead() throws Exception {
        CountDownLatch cut = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
                    try {
                        connection.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
                        String chunk = "2710\r\n" + "1".repeat(10_000) + "\r\n";
                        for (int i = 0; i < 10_000; i++) {
                            connection.write(chunk);
                        }
                    } finally {
                        cut.countDown();
                    }
                });
                ServerClient client = client(server.endpoint().maxReplyBytes(50_000))) {
            assertThat(failure(client.get("/path", soon(), json -> json)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("longer than 50000 bytes")
                    .hasMessageContaining("maxReplyBytes");
            assertThat(cut.await(10, TimeUnit.SECONDS)).isTrue();
            await(() -> client.inFlight() == 0 && client.connections() == 0);
        }
    }

    @Test
    void reply_asLongAsAllowed_isRead() throws Exception {
        String exact = "[" + "1,".repeat(24_999) + "1]";
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, exact));
                ServerClient client = client(server.endpoint().maxReplyBytes(exact.length()));
                ServerClient strict = client(server.endpoint().maxReplyBytes(exact.length() - 1))) {
            assertThat(get(client.get("/", soon(), JsonNode::size))).isEqualTo(25_000);
            assertThat(failure(strict.get("/", soon(), JsonNode::size))).hasMessageContaining("longer than");
        }
    }

    @Test
    void headers_withoutEnd_areCut() throws Exception {
        assertThat(failureAfter(connection -> {
                    connection.write("HTTP/1.1 200 OK\r\n");
                    for (int i = 0; i < 100_000; i++) {
                        connection.write("x".repeat(1_000));
                    }
                }))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("no sound HTTP answer");
    }

    @Test
    void reply_thatIsTruncated_isUnavailable() throws Exception {
        assertThat(failureAfter(connection -> {
                    connection.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":");
                    connection.close();
                }))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("broke off");
    }

    @Test
    void connection_thatIsReset_isUnavailable() throws Exception {
        assertThat(failureAfter(ScriptedServer.Connection::reset))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("look into the server's log");
    }

    @Test
    void connection_closedWithoutAnswer_isUnavailable() throws Exception {
        assertThat(failureAfter(ScriptedServer.Connection::close))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("without an answer");
    }

    @Test
    void reply_ofAnotherProtocol_isUnavailable() throws Exception {
        assertThat(failureAfter(connection -> {
                    connection.write("SSH-2.0-OpenSSH_9.9\r\n");
                    connection.close();
                }))
                .isInstanceOf(ModelUnavailableException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "<html>",
                "{\"a\":1}x",
                "{\"a\":nul}",
                "\u0000",
                "[1e99999999999999999999999999999999999999999999999999999999999999999999999999999999]"
            })
    void reply_thatIsNoJson_isUnavailable(String body) throws Exception {
        assertThat(failureAfter(connection -> connection.reply(200, body)))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("sent");
    }

    @Test
    void reply_thatNestsDeeply_isUnavailable() throws Exception {
        assertThat(failureAfter(connection -> connection.reply(200, "[".repeat(100_000) + "]".repeat(100_000))))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("no JSON");
    }

    @Test
    void reply_ofAMillionObjects_isUnavailable() throws Exception {
        assertThat(failureAfter(connection -> connection.reply(200, "[" + "{},".repeat(1_000_000) + "{}]")))
                .isInstanceOf(ModelUnavailableException.class)
                .hasMessageContaining("no JSON");
    }

    @Test
    void reply_thatEchoesTheKey_doesNotGetItIntoTheMessage() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, KEY));
                ServerClient client = client(server.endpoint().apiKey(KEY))) {
            Throwable failure = failure(client.get("/path", soon(), json -> json));
            assertThat(failure).hasMessageNotContaining(KEY).hasNoCause();
        }
    }

    @Test
    void reader_thatThrows_makesTheAnswerUnreadable() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client = client(server.endpoint())) {
            CompletableFuture<String> asked = client.get("/path", soon(), json -> {
                throw new IllegalArgumentException("no probability of 'flee'");
            });
            assertThat(failure(asked))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("no probability of 'flee'");
            assertThat(get(client.get("/path", soon(), JsonNode::isObject)).booleanValue())
                    .isTrue();
            assertThat(server.connections()).isOne();
        }
    }

    @Test
    void server_thatIsNotThere_isUnavailableWithARemedy() throws Exception {
        int port;
        try (ServerSocket gone = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = gone.getLocalPort();
        }
        try (ServerClient client = client(Endpoint.of("http://127.0.0.1:" + port))) {
            assertThat(failure(client.get("/", soon(), json -> json)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("nothing listens at http://127.0.0.1:" + port)
                    .hasMessageContaining("start the server")
                    .hasCauseInstanceOf(java.net.ConnectException.class);
            assertThat(client.inFlight()).isZero();
        }
    }

    @Test
    void socket_thatIsNotThere_isUnavailable(@TempDir Path folder) throws Exception {
        try (ServerClient client = client(Endpoint.of("unix:" + folder.resolve("none")))) {
            assertThat(failure(client.get("/", soon(), json -> json)))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("none");
        }
    }

    @Test
    void https_toAServerWithoutIt_isUnavailable() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client =
                        client(Endpoint.of(server.endpoint().toString().replace("http:", "https:")))) {
            CompletableFuture<JsonNode> asked =
                    client.get("/", Deadline.in(Duration.ofMillis(300), ReflexClock.system()), json -> json);
            assertThat(failure(asked)).isInstanceOf(ModelUnavailableException.class);
        }
    }

    // ---- deadlines, cancelling, bounds, closing

    @Test
    void deadline_thatPasses_endsTheCallAndItsConnection() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
                    if (connection.awaitClose()) {
                        closed.countDown();
                    }
                });
                ServerClient client = client(server.endpoint())) {
            CompletableFuture<JsonNode> asked =
                    client.get("/", Deadline.in(Duration.ofMillis(50), ReflexClock.system()), json -> json);
            assertThat(failure(asked))
                    .isInstanceOf(ModelUnavailableException.class)
                    .hasMessageContaining("before the deadline");
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            await(() -> client.inFlight() == 0 && client.connections() == 0);
        }
    }

    @Test
    void deadline_onAManualClock_endsTheCallWhenThatClockIsMoved() throws Exception {
        ManualClock clock = new ManualClock();
        CountDownLatch arrived = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
                    arrived.countDown();
                    connection.awaitClose();
                });
                ServerClient client = client(server.endpoint())) {
            CompletableFuture<JsonNode> asked = client.get("/", Deadline.in(Duration.ofMillis(5), clock), json -> json);
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(asked).isNotDone();
            clock.advance(Duration.ofMillis(6));
            assertThat(failure(asked)).hasMessageContaining("before the deadline");
            await(() -> client.inFlight() == 0);
        }
    }

    @Test
    void calls_thatEndInTime_doNotWakeTheThreadOfDeadlines() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client = new ServerClient(server.endpoint(), "undisturbed")) {
            get(client.get("/", soon(), json -> json));
            Thread watch = Thread.getAllStackTraces().keySet().stream()
                    .filter(thread -> thread.getName().equals("reflex-http-deadline-undisturbed"))
                    .findFirst()
                    .orElseThrow();
            await(() -> watch.getState() == Thread.State.TIMED_WAITING);
            long before = waits(watch);
            for (int i = 0; i < 200; i++) {
                get(client.get("/", soon(), json -> json));
            }
            assertThat(waits(watch)).as("one for its start, perhaps").isBetween(before, before + 1);
        }
    }

    private static long waits(Thread thread) {
        return ManagementFactory.getThreadMXBean().getThreadInfo(thread.getId()).getWaitedCount();
    }

    @Test
    void deadline_thatHasPassed_sendsNothing() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client = client(server.endpoint())) {
            CompletableFuture<JsonNode> late =
                    client.get("/", Deadline.in(Duration.ZERO, ReflexClock.system()), json -> json);
            assertThat(late).isCompletedExceptionally();
            assertThat(server.connections()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "HTTP/1.1 2", "HTTP/1.1 200 OK\r\nContent-", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{"
            })
    void deadline_whileBytesDripIn_isKept(String first) throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
                    connection.write(first);
                    connection.awaitClose();
                });
                ServerClient client = client(server.endpoint())) {
            CompletableFuture<JsonNode> asked =
                    client.get("/", Deadline.in(Duration.ofMillis(100), ReflexClock.system()), json -> json);
            assertThat(failure(asked)).hasMessageContaining("before the deadline");
            await(() -> client.inFlight() == 0 && client.connections() == 0);
        }
    }

    @Test
    void deadline_whileItConnects_freesTheThread() throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Socket> waiting = new ArrayList<>();
            InetSocketAddress address = (InetSocketAddress) full.getLocalSocketAddress();
            while (connects(waiting, address)) {
                // until its backlog is full and further connections hang
            }
            try (ServerClient client = client(Endpoint.of("http://127.0.0.1:" + address.getPort()))) {
                CompletableFuture<JsonNode> asked =
                        client.get("/", Deadline.in(Duration.ofMillis(100), ReflexClock.system()), json -> json);
                assertThat(failure(asked)).hasMessageContaining("before the deadline");
                await(() -> client.inFlight() == 0);
            }
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    private static boolean connects(List<Socket> waiting, InetSocketAddress address) throws Exception {
        Socket socket = new Socket();
        waiting.add(socket);
        try {
            socket.connect(address, 100);
            return waiting.size() < 1_000;
        } catch (java.net.SocketTimeoutException hangs) {
            return false;
        }
    }

    @Test
    void cancel_ofACall_closesItsConnectionAndFreesItsThread() throws Exception {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
                    arrived.countDown();
                    if (connection.awaitClose()) {
                        closed.countDown();
                    }
                });
                ServerClient client = client(server.endpoint())) {
            CompletableFuture<JsonNode> asked = client.get("/", soon(), json -> json);
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            asked.cancel(true);
            assertThat(asked).isCancelled();
            assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
            await(() -> client.inFlight() == 0 && client.connections() == 0);
        }
    }

    @Test
    void cancel_atAnyMoment_leavesTheClientUsable() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client = client(server.endpoint())) {
            for (int i = 0; i < 500; i++) {
                CompletableFuture<JsonNode> asked = client.get("/", soon(), json -> json);
                for (int spin = 0; spin < i * 20 && !asked.isDone(); spin++) {
                    Thread.onSpinWait();
                }
                asked.cancel(true);
            }
            await(() -> client.inFlight() == 0);
            assertThat(get(client.get("/", soon(), JsonNode::isObject)).booleanValue())
                    .isTrue();
            assertThat(client.connections()).isLessThanOrEqualTo(ServerClient.MAX_IN_FLIGHT);
        }
    }

    @Test
    void calls_beyondTheBound_areBusyAtOnce() throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.awaitClose());
                ServerClient client = client(server.endpoint())) {
            List<CompletableFuture<JsonNode>> held = new ArrayList<>();
            for (int i = 0; i < ServerClient.MAX_IN_FLIGHT; i++) {
                held.add(client.get("/", soon(), json -> json));
            }
            CompletableFuture<JsonNode> tooMany = client.get("/", soon(), json -> json);
            assertThat(tooMany).isCompletedExceptionally();
            assertThat(failure(tooMany)).isInstanceOf(ModelBusyException.class).hasMessageContaining("64 calls");
            held.forEach(call -> call.cancel(true));
            await(() -> client.inFlight() == 0 && client.connections() == 0);
        }
    }

    @Test
    void server_thatRestartsBetweenCalls_isUsedAgainWithinASecond() throws Exception {
        ScriptedServer first = new ScriptedServer((request, connection) -> connection.reply(200, "1"));
        int port = first.endpoint().base().getPort();
        try (ServerClient client = client(first.endpoint())) {
            List<CompletableFuture<Integer>> warm = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                warm.add(client.get("/", soon(), JsonNode::asInt));
            }
            for (CompletableFuture<Integer> call : warm) {
                assertThat(get(call)).isOne();
            }
            first.close();
            try (ScriptedServer second =
                    new ScriptedServer(port, (request, connection) -> connection.reply(200, "2"))) {
                long began = System.nanoTime();
                int lost = 0;
                while (true) {
                    CompletableFuture<Integer> call = client.get("/", soon(), JsonNode::asInt);
                    if (failureOrNull(call) == null) {
                        assertThat(call.get()).isEqualTo(2);
                        break;
                    }
                    lost++;
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(1));
                assertThat(lost).as("calls lost on dead connections").isLessThanOrEqualTo(1);
                assertThat(second.requests()).isOne();
            }
        }
    }

    @Test
    void close_withCallsInFlight_endsThemAndLeavesNoThread() throws Exception {
        CountDownLatch arrived = new CountDownLatch(3);
        try (ScriptedServer server = new ScriptedServer((request, connection) -> {
            arrived.countDown();
            connection.awaitClose();
        })) {
            ServerClient client = client(server.endpoint());
            List<CompletableFuture<JsonNode>> calls = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                calls.add(client.get("/", soon(), json -> json));
            }
            assertThat(arrived.await(10, TimeUnit.SECONDS)).isTrue();
            client.close();
            client.close();
            for (CompletableFuture<JsonNode> call : calls) {
                assertThat(failure(call))
                        .isInstanceOf(ModelUnavailableException.class)
                        .hasMessageContaining("closed");
            }
            assertThat(failure(client.get("/", soon(), json -> json))).hasMessageContaining("closed");
            await(() -> client.inFlight() == 0 && client.connections() == 0);
            await(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().startsWith("reflex-http")
                            && thread.getName().contains("testee")));
        }
    }

    @Test
    void threads_ofAClient_areOursAndDaemons() throws Exception {
        List<String> seen = new ArrayList<>();
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(200, "{}"));
                ServerClient client = client(server.endpoint())) {
            get(client.get(
                    "/",
                    soon(),
                    json -> { // on the thread itself: one that has ended has no group any more
                        Thread thread = Thread.currentThread();
                        return seen.add(thread.getThreadGroup().getName() + (thread.isDaemon() ? " daemon" : ""));
                    }));
        }
        assertThat(seen).containsExactly("reflex daemon");
    }

    // ---- helpers

    private static ServerClient client(Endpoint endpoint) {
        return new ServerClient(endpoint, "testee");
    }

    private static Deadline soon() {
        return Deadline.in(Duration.ofSeconds(20), ReflexClock.system());
    }

    private interface Answering {
        void answer(ScriptedServer.Connection connection) throws java.io.IOException;
    }

    private static Throwable failureAfter(Answering answering) throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> answering.answer(connection));
                ServerClient client = client(server.endpoint())) {
            Throwable failure = failure(client.post("/path", QUESTION, soon(), json -> json));
            await(() -> client.inFlight() == 0);
            return failure;
        }
    }

    private static Throwable failureFor(int status, String body) throws Exception {
        try (ScriptedServer server = new ScriptedServer((request, connection) -> connection.reply(status, body));
                ServerClient client = client(server.endpoint().apiKey(KEY))) {
            return failure(client.post("/path", QUESTION, soon(), json -> json));
        }
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(20, TimeUnit.SECONDS);
    }

    private static Throwable failure(CompletableFuture<?> future) throws Exception {
        Throwable failure = failureOrNull(future);
        assertThat(failure).as("the call fails").isNotNull();
        return failure;
    }

    private static Throwable failureOrNull(CompletableFuture<?> future) throws Exception {
        try {
            future.get(20, TimeUnit.SECONDS);
            return null;
        } catch (ExecutionException failure) {
            return failure.getCause();
        }
    }

    /** Waits for something that other threads bring about; the test's time-out ends it when they do not. */
    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            Thread.onSpinWait();
        }
    }
}
