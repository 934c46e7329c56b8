package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.testkit.FaultProxy.Fault;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class FaultProxyTest {
    private static final String REQUEST = "POST /completion HTTP/1.1\r\nHost: x\r\nContent-Length: 7\r\n\r\n{\"a\":1}";

    private HttpServer server;
    private FaultProxy proxy;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/completion", exchange -> {
            byte[] asked = exchange.getRequestBody().readAllBytes();
            byte[] reply =
                    ("{\"echo\":" + new String(asked, StandardCharsets.UTF_8) + "}").getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, reply.length);
            exchange.getResponseBody().write(reply);
            exchange.close();
        });
        server.createContext("/chunked", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write("{\"chunks\":true}".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
        proxy = FaultProxy.to(server.getAddress());
    }

    @AfterEach
    void stop() {
        proxy.close();
        server.stop(0);
    }

    @Test
    void exchange_withoutFault_passesOnAKeptConnection() throws Exception {
        try (Socket client = connect()) {
            for (int i = 0; i < 3; i++) {
                send(client, REQUEST);
                HttpMessage reply = HttpMessage.readReply(client.getInputStream());
                assertThat(reply.head()).startsWith("HTTP/1.1 200");
                assertThat(text(reply)).isEqualTo("{\"echo\":{\"a\":1}}");
            }
            assertThat(proxy.open()).isOne();
        }
        assertThat(proxy.accepted()).isOne();
        assertThat(proxy.lastRequest()).contains(REQUEST);
        assertThat(proxy.exchanges()).isEqualTo(3);
        assertThat(proxy.injected()).isZero();
        awaitNoneOpen();
    }

    @Test
    void reply_inChunks_passes() throws Exception {
        try (Socket client = connect()) {
            send(client, "POST /chunked HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n");
            assertThat(text(HttpMessage.readReply(client.getInputStream())))
                    .contains("{\"chunks\":true}")
                    .endsWith("0\r\n\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"STATUS_500", "STATUS_503", "STATUS_501", "STATUS_401"})
    void status_always_isSentAndTheConnectionKept(Fault fault) throws Exception {
        proxy.always(fault);
        try (Socket client = connect()) {
            for (int i = 0; i < 2; i++) {
                send(client, REQUEST);
                assertThat(HttpMessage.readReply(client.getInputStream()).head())
                        .startsWith("HTTP/1.1 " + fault.name().substring("STATUS_".length()));
            }
        }
        assertThat(proxy.count(fault)).isEqualTo(2);
        assertThat(proxy.injected()).isEqualTo(2);
    }

    @Test
    void wrongLabels_always_areJsonAndNotJsonIsNone() throws Exception {
        proxy.inTurn(Fault.WRONG_LABELS, Fault.NOT_JSON);
        try (Socket client = connect()) {
            send(client, REQUEST);
            assertThat(text(HttpMessage.readReply(client.getInputStream())))
                    .startsWith("{")
                    .contains("dance")
                    .endsWith("}");
            send(client, REQUEST);
            assertThat(text(HttpMessage.readReply(client.getInputStream()))).startsWith("<html>");
        }
    }

    @Test
    void stall_always_sendsNothingUntilTheClientGivesUp() throws Exception {
        proxy.always(Fault.STALL);
        try (Socket client = connect()) {
            send(client, REQUEST);
            client.setSoTimeout(100);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketTimeoutException.class);
            assertThat(proxy.open()).isOne();
        }
        awaitNoneOpen();
    }

    @Test
    void drip_always_sendsAByteASecond() throws Exception {
        proxy.always(Fault.DRIP);
        try (Socket client = connect()) {
            send(client, REQUEST);
            assertThat(client.getInputStream().read()).isEqualTo('H');
            long began = System.nanoTime();
            assertThat(client.getInputStream().read()).isEqualTo('T');
            assertThat(System.nanoTime() - began).isGreaterThan(500_000_000L);
        }
        awaitNoneOpen();
    }

    @Test
    void reset_always_resetsTheConnection() throws Exception {
        proxy.always(Fault.RESET);
        try (Socket client = connect()) {
            send(client, REQUEST);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void truncate_always_endsWithinTheBody() throws Exception {
        proxy.always(Fault.TRUNCATE);
        try (Socket client = connect()) {
            send(client, REQUEST);
            String all = new String(client.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(all).contains("\r\n\r\n{\"echo").doesNotEndWith("}}");
        }
    }

    @Test
    void die_always_breaksOffWithinTheHeaders() throws Exception {
        proxy.always(Fault.DIE);
        try (Socket client = connect()) {
            send(client, REQUEST);
            assertThatThrownBy(() -> HttpMessage.readReply(client.getInputStream()))
                    .isInstanceOfAny(SocketException.class, EOFException.class);
        }
    }

    @Test
    void huge_always_isAHundredMegabytesOfJson() throws Exception {
        proxy.always(Fault.HUGE);
        try (Socket client = connect()) {
            send(client, REQUEST);
            InputStream in = client.getInputStream();
            byte[] buffer = new byte[1 << 16];
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                head.append((char) in.read());
            }
            assertThat(head).contains("Content-Length: 100000000");
            assertThat(in.read()).isEqualTo('"');
            long length = 1;
            int last = 0;
            while (length < 100_000_000) {
                int count = in.read(buffer);
                assertThat(count).isPositive();
                length += count;
                last = buffer[count - 1];
            }
            assertThat(length).isEqualTo(100_000_000);
            assertThat(last).isEqualTo('"');
        }
    }

    @Test
    void random_withTheSameSeed_isTheSame() throws Exception {
        assertThat(drawn(7)).isEqualTo(drawn(7)).isNotEqualTo(drawn(8));
    }

    @Test
    void choice_byPath_spoilsThatPathOnly() throws Exception {
        proxy.by((path, exchange) -> path.equals("/completion") ? Fault.STATUS_503 : Fault.NONE);
        try (Socket client = connect()) {
            send(client, REQUEST.replace("/completion", "/chunked?x=1"));
            assertThat(HttpMessage.readReply(client.getInputStream()).head()).startsWith("HTTP/1.1 200");
            send(client, REQUEST.replace("/completion", "/completion?x=1"));
            assertThat(HttpMessage.readReply(client.getInputStream()).head()).startsWith("HTTP/1.1 503");
        }
        assertThat(proxy.injected()).isOne();
    }

    private String drawn(long seed) throws IOException {
        proxy.random(seed, Fault.STATUS_500, Fault.STATUS_401, Fault.NONE);
        StringBuilder drawn = new StringBuilder();
        try (Socket client = connect()) {
            for (int i = 0; i < 20; i++) {
                send(client, REQUEST);
                drawn.append(HttpMessage.readReply(client.getInputStream()).head(), 9, 12)
                        .append(' ');
            }
        }
        return drawn.toString();
    }

    @Test
    void server_thatGoesDownAndComesBack_isAtTheSameAddress() throws Exception {
        String address = proxy.address();
        try (Socket client = connect()) {
            send(client, REQUEST);
            HttpMessage.readReply(client.getInputStream());
            proxy.goDown();
            assertThatThrownBy(() -> {
                        if (client.getInputStream().read() < 0) {
                            throw new SocketException("closed");
                        }
                    })
                    .isInstanceOf(SocketException.class);
        }
        assertThatThrownBy(this::connect).isInstanceOf(ConnectException.class);
        proxy.comeBack();
        assertThat(proxy.address()).isEqualTo(address);
        try (Socket client = connect()) {
            send(client, REQUEST);
            assertThat(HttpMessage.readReply(client.getInputStream()).head()).startsWith("HTTP/1.1 200");
        }
    }

    @Test
    void server_thatIsReallyGone_resetsTheClient() throws Exception {
        server.stop(0);
        try (Socket client = connect()) {
            send(client, REQUEST);
            assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
        }
    }

    @Test
    void unixSocket_onTheClientsSide_passesAndIsDeletedAtTheEnd(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("proxy");
        try (FaultProxy local = FaultProxy.to(path, server.getAddress())) {
            assertThat(local.address()).isEqualTo("unix:" + path);
            local.goDown();
            local.comeBack();
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
                client.write(java.nio.ByteBuffer.wrap(REQUEST.getBytes(StandardCharsets.ISO_8859_1)));
                assertThat(text(HttpMessage.readReply(Channels.newInputStream(client))))
                        .isEqualTo("{\"echo\":{\"a\":1}}");
            }
        }
        assertThat(path).doesNotExist();
    }

    @Test
    void unixSocket_onTheServersSide_passes(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("real");
        try (FaultProxy real = FaultProxy.to(path, server.getAddress());
                FaultProxy front = FaultProxy.to(UnixDomainSocketAddress.of(path))) {
            URI address = URI.create(front.address());
            try (Socket client = new Socket(address.getHost(), address.getPort())) {
                send(client, REQUEST);
                assertThat(text(HttpMessage.readReply(client.getInputStream()))).isEqualTo("{\"echo\":{\"a\":1}}");
            }
            assertThat(real.exchanges()).isOne();
        }
    }

    @Test
    void close_withStalledClients_leavesNoThread() throws Exception {
        proxy.always(Fault.STALL);
        try (Socket client = connect()) {
            send(client, REQUEST);
            while (proxy.count(Fault.STALL) == 0) {
                Thread.onSpinWait();
            }
            proxy.close();
            proxy.close();
            awaitNoneOpen();
        }
    }

    private Socket connect() throws IOException {
        URI address = URI.create(proxy.address());
        return new Socket(address.getHost(), address.getPort());
    }

    private static void send(Socket client, String request) throws IOException {
        client.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String text(HttpMessage message) {
        return new String(message.body(), StandardCharsets.UTF_8);
    }

    /** The test's time-out ends it when one stays open. */
    private void awaitNoneOpen() {
        while (proxy.open() > 0) {
            Thread.onSpinWait();
        }
    }
}
