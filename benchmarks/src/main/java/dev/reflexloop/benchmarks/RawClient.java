package dev.reflexloop.benchmarks;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** The least that can be done over HTTP: writes bytes to a kept connection and reads until the reply is there. One thread at a time. */
final class RawClient implements AutoCloseable {
    private static final int LARGEST_REPLY = 1 << 20;
    private static final String LENGTH = "\r\ncontent-length:";

    private final SocketAddress server;
    private final ByteBuffer reply = ByteBuffer.allocateDirect(LARGEST_REPLY);
    private final byte[] text = new byte[LARGEST_REPLY];
    private SocketChannel channel;

    RawClient(SocketAddress server) throws IOException {
        this.server = server;
        this.channel = connect();
    }

    private SocketChannel connect() throws IOException {
        SocketChannel fresh = SocketChannel.open(server);
        if (server instanceof InetSocketAddress) {
            fresh.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        return fresh;
    }

    /** Sends a whole request and waits for the whole reply, whose status must be 200. Returns the length of its body. */
    int exchange(ByteBuffer request) throws IOException {
        ByteBuffer left = request.duplicate();
        while (left.hasRemaining()) {
            channel.write(left);
        }
        reply.clear();
        int end = -1;
        int length = 0;
        String head = "";
        while (end < 0 || reply.position() < end + length) {
            int before = reply.position();
            if (channel.read(reply) < 0) {
                throw new EOFException("the server closed the connection");
            }
            if (end < 0) {
                reply.get(before, text, before, reply.position() - before);
                head = new String(text, 0, reply.position(), StandardCharsets.ISO_8859_1);
                end = head.indexOf("\r\n\r\n") + 4;
                if (end >= 4) {
                    head = head.substring(0, end).toLowerCase(Locale.ROOT);
                    int at = head.indexOf(LENGTH) + LENGTH.length();
                    length = Integer.parseInt(
                            head.substring(at, head.indexOf('\r', at)).strip());
                } else {
                    end = -1;
                }
            }
        }
        if (!head.startsWith("http/1.1 200")) {
            throw new IOException(
                    "the server answered " + head.lines().findFirst().orElse(""));
        }
        if (head.contains("\r\nconnection: close")) {
            channel.close();
            channel = connect();
        }
        return length;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
