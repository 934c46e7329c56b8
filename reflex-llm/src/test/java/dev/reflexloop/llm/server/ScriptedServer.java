package dev.reflexloop.llm.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** A server on a loopback port or a Unix socket whose every byte the test writes. */
final class ScriptedServer implements AutoCloseable {

    /** What it read: the request line and headers as they came, and the body. */
    record Request(String head, String body) {}

    /** Answers one request on a connection. What it throws closes the connection. */
    @FunctionalInterface
    interface Script {
        void answer(Request request, Connection connection) throws IOException;
    }

    /** One client's connection. */
    static final class Connection {
        private final InputStream in;
        private final OutputStream out;
        private final AutoCloseable socket;

        Connection(InputStream in, OutputStream out, AutoCloseable socket) {
            this.in = in;
            this.out = out;
            this.socket = socket;
        }

        void write(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        }

        void reply(int status, String body) throws IOException {
            write("HTTP/1.1 " + status + " Said\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + body);
        }

        /** Blocks until the client closes its side: true; false when it sent something instead. */
        boolean awaitClose() throws IOException {
            try {
                return in.read() < 0;
            } catch (IOException reset) {
                return true;
            }
        }

        /** Closes it so that the client sees a reset. */
        void reset() throws IOException {
            if (socket instanceof Socket tcp) {
                tcp.setSoLinger(true, 0);
            }
            close();
        }

        void close() throws IOException {
            try {
                socket.close();
            } catch (IOException failure) {
                throw failure;
            } catch (Exception strange) {
                throw new IOException(strange);
            }
        }
    }

    private static final long BIND_NANOS = 10_000_000_000L;

    private static final long CLOSE_MILLIS = 10_000;

    private final AutoCloseable listener;
    private final Thread acceptor;
    private final Script script;
    private final String address;
    private final Queue<Connection> open = new ConcurrentLinkedQueue<>();
    private final AtomicInteger connections = new AtomicInteger();
    private final AtomicInteger requests = new AtomicInteger();

    /** On a free loopback port. */
    ScriptedServer(Script script) {
        this(0, script);
    }

    ScriptedServer(int port, Script script) {
        this.script = script;
        try {
            ServerSocket server = bind(port);
            this.listener = server;
            this.address = "http://127.0.0.1:" + server.getLocalPort();
            this.acceptor = start(() -> {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                return new Connection(socket.getInputStream(), socket.getOutputStream(), socket);
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** On a Unix socket. */
    ScriptedServer(Path path, Script script) {
        this.script = script;
        try {
            ServerSocketChannel server =
                    ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(path));
            this.listener = server;
            this.address = "unix:" + path;
            this.acceptor = start(() -> {
                SocketChannel socket = server.accept();
                return new Connection(Channels.newInputStream(socket), Channels.newOutputStream(socket), socket);
            });
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /** A port that was just given up may be held for a moment, by its last connections or by somebody else's. */
    private static ServerSocket bind(int port) throws IOException {
        long until = System.nanoTime() + BIND_NANOS;
        while (true) {
            try {
                return new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
            } catch (BindException taken) {
                if (System.nanoTime() - until > 0) {
                    throw taken;
                }
                Thread.onSpinWait();
            }
        }
    }

    private interface Accept {
        Connection next() throws IOException;
    }

    private Thread start(Accept accept) {
        return daemon("scripted-server", () -> {
            while (true) {
                Connection connection = accept.next();
                open.add(connection);
                connections.incrementAndGet();
                daemon("scripted-server-connection", () -> serve(connection));
            }
        });
    }

    private interface Work {
        void run() throws IOException;
    }

    private static Thread daemon(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // the client or the test closed it
                    }
                },
                name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void serve(Connection connection) throws IOException {
        try {
            while (true) {
                String head = head(connection.in);
                int length = 0;
                for (String line : head.split("\r\n")) {
                    if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                        length = Integer.parseInt(
                                line.substring("content-length:".length()).strip());
                    }
                }
                String body = new String(connection.in.readNBytes(length), StandardCharsets.UTF_8);
                requests.incrementAndGet();
                script.answer(new Request(head, body), connection);
            }
        } finally {
            connection.close();
        }
    }

    private static String head(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("closed");
            }
            head.write(next);
        }
        return head.toString(StandardCharsets.ISO_8859_1);
    }

    Endpoint endpoint() {
        return Endpoint.of(address);
    }

    /** How many connections were ever made to it. */
    int connections() {
        return connections.get();
    }

    /** How many requests it read. */
    int requests() {
        return requests.get();
    }

    /** Stops listening and closes every connection. */
    @Override
    public void close() throws IOException {
        try {
            listener.close();
            acceptor.join(CLOSE_MILLIS); // while it leaves accept(), one more client may get in: those are closed below
        } catch (IOException failure) {
            throw failure;
        } catch (Exception strange) {
            throw new IOException(strange);
        }
        for (Connection connection : open) {
            connection.close();
        }
    }
}
