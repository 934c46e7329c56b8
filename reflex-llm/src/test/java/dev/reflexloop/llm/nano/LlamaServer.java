package dev.reflexloop.llm.nano;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A real llama-server, as a child process on a free loopback port or a Unix socket. */
public final class LlamaServer implements AutoCloseable {
    private static final int START_SECONDS = 40;
    private static final int LAST_LINES = 40;

    private final Process process;
    private final URI address;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();
    private final Deque<String> log = new ArrayDeque<>();

    private LlamaServer(Process process, int port) {
        this.process = process;
        this.address = URI.create("http://127.0.0.1:" + port);
    }

    /** Where one is installed: what REFLEX_LLAMA_SERVER says, or the place where the installer puts it. */
    public static Optional<Path> executable() {
        String named = System.getenv("REFLEX_LLAMA_SERVER");
        Path path = named != null && !named.isBlank()
                ? Path.of(named)
                : Path.of(System.getProperty("user.home"), ".cache", "reflex", "llama", "bin", "llama-server");
        return Optional.of(path).filter(Files::isExecutable);
    }

    /**
     * Starts it with 32-bit keys and values and without flash attention, and waits until it listens.
     *
     * @param more further arguments, which win over the usual ones
     */
    public static LlamaServer start(Path executable, Path model, String... more) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        List<String> command = new ArrayList<>(List.of(
                executable.toString(),
                "-m",
                model.toString(),
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "-np",
                "1",
                "-t",
                "1",
                "-c",
                "2048",
                "-b",
                "256",
                "-ub",
                "256",
                "-ctk",
                "f32",
                "-ctv",
                "f32",
                "-fa",
                "off",
                "--cache-ram",
                "0",
                "--no-webui",
                "--no-warmup"));
        command.addAll(List.of(more));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        LlamaServer server = new LlamaServer(process, port);
        CompletableFuture<Void> listening = new CompletableFuture<>();
        Thread reader = new Thread(() -> server.read(listening), "llama-server-log");
        reader.setDaemon(true);
        reader.start();
        try {
            listening.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (Exception failure) {
            server.close();
            throw new IllegalStateException(
                    "llama-server did not start; its last lines:\n" + server.lastLines(), failure);
        }
        return server;
    }

    /** Where it listens, unless a Unix socket was asked for. */
    public String address() {
        return address.toString();
    }

    private void read(CompletableFuture<Void> listening) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                synchronized (log) {
                    log.addLast(line);
                    if (log.size() > LAST_LINES) {
                        log.removeFirst();
                    }
                }
                if (line.contains("listening on ")) {
                    listening.complete(null);
                }
            }
            listening.completeExceptionally(new IllegalStateException("it ended"));
        } catch (IOException closed) {
            listening.completeExceptionally(closed);
        }
    }

    private String lastLines() {
        synchronized (log) {
            return String.join("\n", log);
        }
    }

    /** What the server makes of a text: beginning-of-text token first, special tokens formed. */
    public int[] tokenize(String text) {
        ObjectNode request = json.createObjectNode()
                .put("content", text)
                .put("add_special", true)
                .put("parse_special", true);
        JsonNode tokens = post("/tokenize", request).path("tokens");
        int[] ids = new int[tokens.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = tokens.get(i).asInt();
        }
        return ids;
    }

    /** The softmax over some labels behind a prompt. */
    double[] probabilities(String prompt, int[] labels) {
        ObjectNode request = json.createObjectNode()
                .put("prompt", prompt)
                .put("n_predict", 1)
                .put("cache_prompt", true)
                .put("id_slot", 0)
                .put("temperature", 1)
                .put("top_k", labels.length)
                .put("n_probs", labels.length)
                .put("post_sampling_probs", true);
        request.putArray("samplers").add("top_k").add("temperature");
        for (int label : labels) {
            request.withArray("logit_bias").addArray().add(label).add(100);
        }
        JsonNode answer = post("/completion", request);
        JsonNode top = answer.path("completion_probabilities").path(0).path("top_probs");
        double[] probabilities = new double[labels.length];
        for (JsonNode each : top) {
            for (int i = 0; i < labels.length; i++) {
                if (labels[i] == each.path("id").asInt(-1)) {
                    probabilities[i] = each.path("prob").asDouble();
                }
            }
        }
        if (top.size() != labels.length) {
            throw new IllegalStateException(
                    "the server gave " + top.size() + " of " + labels.length + " probabilities: " + answer);
        }
        return probabilities;
    }

    private JsonNode post(String path, JsonNode body) {
        HttpRequest request = HttpRequest.newBuilder(address.resolve(path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build();
        try {
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IllegalStateException(path + " answered " + response.statusCode() + ": " + response.body());
            }
            return json.readTree(response.body());
        } catch (IOException failure) {
            throw new UncheckedIOException("llama-server is gone; its last lines:\n" + lastLines(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(interrupted);
        }
    }

    /** Stops it; waits until it is gone. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor(5, TimeUnit.SECONDS);
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
