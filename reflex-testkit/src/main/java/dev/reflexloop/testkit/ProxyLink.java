package dev.reflexloop.testkit;

import dev.reflexloop.testkit.FaultProxy.Fault;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One client's connection to a {@link FaultProxy}, and the one to the server that belongs to it. Its thread alone reads and writes; any may reset it. */
final class ProxyLink implements Runnable {
    private static final int HUGE_BYTES = 100_000_000;
    private static final int PIECE = 1 << 16;
    private static final long DRIP_MILLIS = 1_000;

    /** An answer in the form of every server that we know, about an action that nobody asked for. */
    private static final String WRONG =
            "{\"model\":\"m\",\"answers\":{\"action\":{\"type\":\"choice\",\"choice\":\"dance\","
                    + "\"probabilities\":{\"dance\":1.0},\"confidence\":1.0}},"
                    + "\"completion_probabilities\":[{\"id\":7,\"token\":\"dance\","
                    + "\"top_probs\":[{\"id\":7,\"token\":\"dance\",\"prob\":1.0}],"
                    + "\"top_logprobs\":[{\"id\":7,\"token\":\"dance\",\"logprob\":0.0}]}],"
                    + "\"response\":\"dance\",\"done\":true,"
                    + "\"logprobs\":[{\"token\":\"dance\",\"logprob\":0.0,"
                    + "\"top_logprobs\":[{\"token\":\"dance\",\"logprob\":0.0}]}],"
                    + "\"choices\":[{\"text\":\"dance\",\"message\":{\"role\":\"assistant\",\"content\":\"dance\"},"
                    + "\"logprobs\":{\"top_logprobs\":[{\"dance\":0.0}]}}],\"scores\":[[\"dance\"]]}";

    private record Upstream(SocketChannel channel, InputStream replies) {}

    private final SocketChannel client;
    private final SocketAddress upstream;
    private final Function<HttpMessage, Fault> faults;
    private final Consumer<ProxyLink> onEnd;
    private @Nullable Upstream server;

    ProxyLink(
            SocketChannel client,
            SocketAddress upstream,
            Function<HttpMessage, Fault> faults,
            Consumer<ProxyLink> onEnd) {
        this.client = client;
        this.upstream = upstream;
        this.faults = faults;
        this.onEnd = onEnd;
    }

    @Override
    public void run() {
        try {
            noDelay(client);
            InputStream fromClient = new BufferedInputStream(Channels.newInputStream(client));
            boolean goesOn = true;
            while (goesOn) {
                HttpMessage request = HttpMessage.readRequest(fromClient);
                goesOn = request != null && play(faults.apply(request), request, fromClient);
            }
        } catch (IOException | RuntimeException broken) {
            reset(); // by the client, the server or the proxy's owner; the other side learns of it
        } finally {
            FaultProxy.closeQuietly(client);
            if (server != null) {
                FaultProxy.closeQuietly(server.channel());
            }
            onEnd.accept(this);
        }
    }

    /** Resets the client's connection, which ends this link. */
    void reset() {
        try {
            if (client.isOpen() && client.getLocalAddress() instanceof InetSocketAddress) {
                client.setOption(StandardSocketOptions.SO_LINGER, 0);
            }
        } catch (IOException closedMeanwhile) {
            // so it is over anyhow
        }
        FaultProxy.closeQuietly(client);
    }

    /** Plays one exchange; false when the connection is over. */
    private boolean play(Fault fault, HttpMessage request, InputStream fromClient) throws IOException {
        switch (fault) {
            case NONE:
                HttpMessage sound = ask(request);
                send(sound.bytes());
                return !sound.isLast();
            case STALL:
                while (fromClient.read() >= 0) {
                    // until the client gives up
                }
                return false;
            case DRIP:
                drip(ask(request).bytes());
                return false;
            case RESET:
                reset();
                return false;
            case TRUNCATE:
                HttpMessage whole = ask(request);
                send(Arrays.copyOf(whole.bytes(), whole.head().length() + whole.body().length / 2));
                return false;
            case DIE:
                HttpMessage last = ask(request);
                send(Arrays.copyOf(last.bytes(), last.head().length() / 2));
                reset();
                return false;
            case HUGE:
                flood();
                return true;
            default:
                send(reply(fault));
                return true;
        }
    }

    private static byte[] reply(Fault fault) {
        return switch (fault) {
            case STATUS_500 -> reply("500 Internal Server Error", "Segmentation fault\n at 0x00\u0007");
            case STATUS_503 -> reply("503 Service Unavailable", error(503, "Loading model", "unavailable_error"));
            case STATUS_501 ->
                reply("501 Not Implemented", error(501, "This model does not support it", "not_supported_error"));
            case STATUS_401 -> reply("401 Unauthorized", error(401, "Invalid API Key", "authentication_error"));
            case NOT_JSON -> reply("200 OK", "<html><body>It works!</body></html>");
            default -> reply("200 OK", WRONG);
        };
    }

    private static String error(int code, String message, String type) {
        return "{\"error\":{\"code\":" + code + ",\"message\":\"" + message + "\",\"type\":\"" + type + "\"}}";
    }

    private static byte[] reply(String status, String body) {
        return (head(status, body.length()) + body).getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String head(String status, int length) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: application/json\r\nContent-Length: " + length + "\r\n\r\n";
    }

    private void flood() throws IOException {
        send(head("200 OK", HUGE_BYTES).getBytes(StandardCharsets.ISO_8859_1));
        byte[] piece = new byte[PIECE];
        Arrays.fill(piece, (byte) 'a');
        piece[0] = '"';
        for (int left = HUGE_BYTES; left > 0; left -= PIECE) {
            if (left <= PIECE) {
                piece = Arrays.copyOf(piece, left);
                piece[left - 1] = '"';
            }
            send(piece);
            piece[0] = 'a';
        }
    }

    /** Sends byte after byte, and waits in between for the client to give up. */
    private void drip(byte[] bytes) throws IOException {
        client.configureBlocking(false);
        try (Selector selector = Selector.open()) {
            client.register(selector, SelectionKey.OP_READ);
            for (byte each : bytes) {
                client.write(ByteBuffer.wrap(new byte[] {each}));
                if (selector.select(DRIP_MILLIS) > 0 || !client.isOpen()) {
                    return; // it closed; nothing else can come from it before it has the reply
                }
            }
        }
    }

    private void send(byte[] bytes) throws IOException {
        writeAll(client, bytes);
    }

    private static void writeAll(SocketChannel channel, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }

    /** Asks the server, once more over a new connection when the kept one turns out to be closed. */
    private HttpMessage ask(HttpMessage request) throws IOException {
        Upstream kept = server;
        if (kept != null) {
            try {
                return askOnce(request, kept);
            } catch (IOException stale) {
                FaultProxy.closeQuietly(kept.channel());
            }
        }
        SocketChannel channel = SocketChannel.open(upstream);
        noDelay(channel);
        Upstream fresh = new Upstream(channel, new BufferedInputStream(Channels.newInputStream(channel)));
        server = fresh;
        return askOnce(request, fresh);
    }

    private HttpMessage askOnce(HttpMessage request, Upstream kept) throws IOException {
        writeAll(kept.channel(), request.bytes());
        HttpMessage reply = HttpMessage.readReply(kept.replies());
        if (reply.isLast()) {
            kept.channel().close();
            server = null;
        }
        return reply;
    }

    private static void noDelay(SocketChannel channel) throws IOException {
        if (channel.getRemoteAddress() instanceof InetSocketAddress) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }
}
