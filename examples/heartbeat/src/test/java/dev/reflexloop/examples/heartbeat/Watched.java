package dev.reflexloop.examples.heartbeat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A real service to watch: a server that can go down and come back at its address, and a process. */
final class Watched implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    final Path folder;
    private final Process worker;
    private final int port;
    private volatile int status = 200;
    private HttpServer server;

    Watched(Path folder) throws IOException {
        this.folder = folder;
        this.worker = Child.hanging();
        Files.writeString(folder.resolve("worker.pid"), String.valueOf(worker.pid()));
        this.server = serve(0);
        this.port = server.getAddress().getPort();
    }

    private HttpServer serve(int where) throws IOException {
        HttpServer made = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), where), 0);
        made.createContext("/health", exchange -> {
            byte[] body = "fine".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        made.start();
        return made;
    }

    void goesDown() {
        server.stop(0);
    }

    void comesBack() throws IOException {
        server = serve(port);
    }

    void answers(int newStatus) {
        this.status = newStatus;
    }

    void workerDies() throws InterruptedException {
        worker.destroyForcibly().waitFor();
    }

    /** A configuration that watches it, with more entries. */
    Configuration configuration(String... more) throws IOException {
        return Configuration.parse(json(more));
    }

    String json(String... more) {
        String entries =
                String.join("", List.of(more).stream().map(each -> "," + each).toList());
        return """
                {"name":"shop","interval_s":120,"probe_s":30,"budget_s":30,"settle_ticks":1,"log":"%s",
                 "probes":[{"type":"http","name":"api","url":"http://127.0.0.1:%d/health","slow_s":25},
                           {"type":"process","name":"worker","pid_file":"%s"},
                           {"type":"disk","name":"disk","path":"%s"}]%s}""".formatted(folder.resolve("ticks"), port, folder.resolve("worker.pid"), folder, entries);
    }

    /** The ticks in its log; a line that is none is left out when the writer was killed. */
    List<JsonNode> logged() throws IOException {
        List<JsonNode> ticks = new ArrayList<>();
        if (!Files.exists(folder.resolve("ticks"))) {
            return ticks;
        }
        try (Stream<Path> files = Files.list(folder.resolve("ticks"))) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String text = Files.readString(file);
                for (String line :
                        text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
                    ticks.add(JSON.readTree(line));
                }
            }
        }
        return ticks;
    }

    @Override
    public void close() {
        server.stop(0);
        worker.destroyForcibly();
    }
}
