package dev.reflexloop.llm.server;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A real Ollama, as a child process on a free loopback port, with nothing but what is put into it. */
public final class OllamaServer implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(40);

    private final Process process;
    private final String address;
    private final Path log;
    private final HttpClient http = HttpClient.newHttpClient();

    private OllamaServer(Process process, String address, Path log) {
        this.process = process;
        this.address = address;
        this.log = log;
    }

    /** Where one is installed: what REFLEX_OLLAMA says, or the place where .ci/install-ollama puts it. */
    static Optional<Path> executable() {
        String named = System.getenv("REFLEX_OLLAMA");
        Path path = named != null && !named.isBlank()
                ? Path.of(named)
                : Path.of(System.getProperty("user.home"), ".cache", "reflex", "ollama", "bin", "ollama");
        return Optional.of(path).filter(Files::isExecutable);
    }

    /** Starts it with a home of its own, and waits until it answers; skips the test where none is installed. */
    public static OllamaServer start(Path folder) throws Exception {
        assumeTrue(
                executable().isPresent(),
                "no Ollama is installed: .ci/install-ollama builds one, or set REFLEX_OLLAMA to one");
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path log = folder.resolve("ollama.log");
        ProcessBuilder builder = new ProcessBuilder(executable().orElseThrow().toString(), "serve")
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("HOME", folder.toString());
        builder.environment().put("OLLAMA_MODELS", folder.resolve("models").toString());
        builder.environment().put("OLLAMA_HOST", "127.0.0.1:" + port);
        OllamaServer server = new OllamaServer(builder.start(), "http://127.0.0.1:" + port, log);
        long startedAt = System.nanoTime();
        while (!server.answers()) {
            if (!server.process.isAlive() || System.nanoTime() - startedAt > START_NANOS) {
                String last = server.log();
                server.close();
                throw new IllegalStateException("Ollama did not start:\n" + last);
            }
            Thread.onSpinWait();
        }
        return server;
    }

    private boolean answers() throws InterruptedException {
        try {
            return send(request("/api/version").GET()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    /** Puts a model file into it. */
    public void add(String name, Path gguf) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(gguf));
        String digest = "sha256:" + HexFormat.of().formatHex(hash);
        expect(send(request("/api/blobs/" + digest).POST(HttpRequest.BodyPublishers.ofFile(gguf))), 201);
        expect(
                send(request("/api/create")
                        .POST(HttpRequest.BodyPublishers.ofString("{\"model\":\"" + name
                                + "\",\"stream\":false,\"files\":{\"model.gguf\":\"" + digest + "\"}}"))),
                200);
    }

    /** Its address, for clients of any kind. */
    public String address() {
        return address;
    }

    /** What it wrote so far. */
    String log() throws IOException {
        return Files.readString(log);
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(address + path)).timeout(Duration.ofSeconds(60));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static void expect(HttpResponse<String> response, int status) {
        if (response.statusCode() != status) {
            throw new IllegalStateException(
                    response.uri() + " answered " + response.statusCode() + ": " + response.body());
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
