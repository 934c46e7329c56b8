package dev.reflexloop.escalation.relay;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Stands in for Discord, Telegram and others on a loopback port: keeps every request as it came, and answers what the test says. */
final class FakeService implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    /** The request line and headers as they came, and the body. */
    record Request(String head, String body) {
        String line() {
            return head.substring(0, head.indexOf("\r\n"));
        }

        String header(String name) {
            for (String line : head.split("\r\n")) {
                if (line.toLowerCase(Locale.ROOT).startsWith(name.toLowerCase(Locale.ROOT) + ":")) {
                    return line.substring(name.length() + 1).strip();
                }
            }
            return "";
        }
    }

    /** Answers one request. */
    @FunctionalInterface
    interface Script {
        void answer(Request request, Socket socket) throws IOException;
    }

    private final ServerSocket listener;
    private final Thread accepting;
    private final BlockingQueue<Request> requests = new LinkedBlockingQueue<>();
    private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
    private final Queue<Script> scripts = new ConcurrentLinkedQueue<>();
    private final Script otherwise;

    /** @param otherwise what it answers when nothing else was said with {@link #next} */
    FakeService(Script otherwise) {
        this.otherwise = otherwise;
        try {
            this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        this.accepting = daemon(() -> {
            while (true) {
                Socket socket = listener.accept();
                sockets.add(socket);
                daemon(() -> serve(socket));
            }
        });
    }

    /** A reply with this status, headers and JSON body. */
    static Script says(int status, String body, String... headers) {
        return (request, socket) -> {
            StringBuilder head = new StringBuilder("HTTP/1.1 " + status + " Said\r\n");
            for (String header : headers) {
                head.append(header).append("\r\n");
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(bytes.length)
                    .append("\r\n\r\n");
            socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.ISO_8859_1));
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
        };
    }

    static Script silent() {
        return (request, socket) -> {
            if (socket.getInputStream().read() >= 0) {
                throw new IOException("sent more than one request");
            }
        };
    }

    /** What it answers next, once. */
    FakeService next(Script script) {
        scripts.add(script);
        return this;
    }

    private interface Work {
        void run() throws IOException;
    }

    private static Thread daemon(Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (IOException closed) {
                        // the relay or the test closed it
                    }
                },
                "fake-service");
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void serve(Socket socket) throws IOException {
        try (socket) {
            InputStream in = socket.getInputStream();
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            while (!bytes.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
                int next = in.read();
                if (next < 0) {
                    return;
                }
                bytes.write(next);
            }
            String head = bytes.toString(StandardCharsets.ISO_8859_1);
            int length = Integer.parseInt(new Request(head, "").header("Content-Length"));
            Request request = new Request(head, new String(in.readNBytes(length), StandardCharsets.UTF_8));
            Script script = scripts.poll();
            requests.add(request);
            (script == null ? otherwise : script).answer(request, socket);
        }
    }

    Request take() {
        try {
            Request request = requests.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            if (request == null) {
                throw new AssertionError("no request came in " + PATIENCE_SECONDS + " s");
            }
            return request;
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /** Those that came and were not taken. */
    int left() {
        return requests.size();
    }

    String address() {
        return "http://127.0.0.1:" + listener.getLocalPort();
    }

    Secret at(String path) {
        return Secret.of(address() + path);
    }

    @Override
    public void close() {
        try {
            listener.close();
            accepting.join(); // the system may still give a connection to who was waiting for one
            for (Socket socket : sockets) {
                socket.close();
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }
}
