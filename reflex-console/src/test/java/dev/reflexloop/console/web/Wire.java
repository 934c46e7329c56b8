package dev.reflexloop.console.web;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection on which a test may send what it likes. */
final class Wire implements AutoCloseable {
    /** The headers that ask for a WebSocket. */
    static final String HANDSHAKE = String.join(
            "\r\n",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            "");

    private final Socket socket;

    Wire(URI console) throws IOException {
        socket = new Socket(InetAddress.getByName(console.getHost().replaceAll("[\\[\\]]", "")), console.getPort());
        socket.setSoTimeout(30_000);
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        try {
            socket.getOutputStream().write(bytes);
        } catch (SocketException refused) {
            // the server has answered and closed already
        }
        return this;
    }

    /** Says that nothing more will be sent. */
    Wire end() throws IOException {
        try {
            socket.shutdownOutput();
        } catch (SocketException closed) {
            // as good
        }
        return this;
    }

    /** Everything until the server closes; {@code ""} for a connection that is cut without a word. */
    String all() throws IOException {
        ByteArrayOutputStream got = new ByteArrayOutputStream();
        byte[] buffer = new byte[8_192];
        try {
            InputStream in = socket.getInputStream();
            for (int length = in.read(buffer); length >= 0; length = in.read(buffer)) {
                got.write(buffer, 0, length);
            }
        } catch (SocketTimeoutException silent) {
            throw new AssertionError("the server neither answers nor closes; so far: " + got, silent);
        } catch (SocketException cut) {
            // what came before counts
        }
        return got.toString(StandardCharsets.ISO_8859_1);
    }

    /** The answer's head. */
    String head() throws IOException {
        StringBuilder head = new StringBuilder();
        InputStream in = socket.getInputStream();
        while (head.indexOf("\r\n\r\n") < 0) {
            int next = in.read();
            if (next < 0) {
                break;
            }
            head.append((char) next);
        }
        return head.toString();
    }

    /** Waits for something to come. */
    String some() throws IOException {
        byte[] buffer = new byte[65_536];
        int length = socket.getInputStream().read(buffer);
        if (length < 0) {
            throw new AssertionError("the server has closed the connection");
        }
        return new String(buffer, 0, length, StandardCharsets.ISO_8859_1);
    }

    static int status(String answer) {
        return answer.startsWith("HTTP/1.1 ") ? Integer.parseInt(answer.substring(9, 12)) : 0;
    }

    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
