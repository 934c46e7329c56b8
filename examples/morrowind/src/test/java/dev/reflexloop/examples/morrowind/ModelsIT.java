package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.UnusableModelException;
import dev.reflexloop.llm.server.LlamaServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two minutes of the scripted game with each place in which a model can be: this JVM, a llama-server, Ollama. */
class ModelsIT {
    private static final String SPEED = "10";
    private static final Duration LONGEST = Duration.ofMinutes(2);

    @TempDir
    Path folder;

    @Test
    void game_withTheEmbeddedModel_isPlayedByIt() throws Exception {
        try (Session session = new Session(folder)) {
            isPlayedByTheModel(session, "nano");
        }
    }

    @Test
    void game_withALlamaServerThatIsStarted_isPlayedByIt() throws Exception {
        llamaServer().close();
        try (Session session = new Session(folder)) {
            isPlayedByTheModel(session, "llama:nano");
        }
    }

    @Test
    void game_withALlamaServerThatRuns_isPlayedByIt() throws Exception {
        try (LlamaServer server = llamaServer();
                Session session = new Session(folder)) {
            isPlayedByTheModel(session, "llama-server:" + server.endpoint(), "--prompt", "nano");
        }
    }

    @Test
    void game_withOllama_isPlayedByIt() throws Exception {
        Path ollama = ollama();
        Files.writeString(folder.resolve("Modelfile"), "FROM " + Models.committed() + "\n");
        Map<String, String> environment = Map.of(
                "HOME", folder.toString(),
                "OLLAMA_MODELS", folder.resolve("models").toString(),
                "OLLAMA_HOST", "127.0.0.1:" + freePort());
        try (Session session = new Session(folder, environment)) {
            Process server = session.start("ollama", List.of(ollama.toString(), "serve"));
            List<String> create = List.of(
                    ollama.toString(),
                    "create",
                    "morrowind",
                    "-f",
                    folder.resolve("Modelfile").toString());
            long end = System.nanoTime() + LONGEST.toNanos();
            while (session.start("create", create).waitFor() != 0) { // it takes a while until it listens
                assertThat(server.isAlive() && System.nanoTime() < end)
                        .as(() -> session.said("ollama") + session.said("create"))
                        .isTrue();
            }
            isPlayedByTheModel(session, "ollama:morrowind", "--prompt", "nano");
        }
    }

    /** Most actions are the model's, and they are those that it was taught. */
    private static void isPlayedByTheModel(Session session, String model, String... more) throws Exception {
        Process bridge = session.bridge(with(more, "--once", "--speed", SPEED, "--poll", "10", "--model", model));
        session.script("strategist", "--think", "0.2");
        session.await("pilot", session.script("pilot", "--speed", SPEED, "--minutes", "2"), LONGEST);
        session.await("bridge", bridge, LONGEST);
        JsonNode served = session.stats().path("served");
        assertThat(served.path("guidance").asLong()).as("%s", served).isEqualTo(1);
        assertThat(served.path("model").asLong())
                .as("%s", session.stats())
                .isGreaterThan(20)
                .isGreaterThan(served.path("fallback").asLong());
        List<JsonNode> steps = session.lines("trajectory.jsonl", "step").stream()
                .filter(step -> step.path("served").asText().equals("MODEL"))
                .toList();
        assertThat(steps.stream()
                        .filter(step -> step.path("action")
                                .asText()
                                .equals(step.path("teacher").asText()))
                        .count())
                .as("what the rule would do, of %d", steps.size())
                .isGreaterThanOrEqualTo(steps.size() * 9L / 10);
    }

    private static String[] with(String[] more, String... options) {
        return Stream.of(options, more).flatMap(Arrays::stream).toArray(String[]::new);
    }

    /** One with the example's model; skips the test where none is installed. */
    private static LlamaServer llamaServer() {
        try {
            return LlamaServer.builder(Models.committed())
                    .threads(1)
                    .withoutApiKey()
                    .start();
        } catch (UnusableModelException missing) {
            String why = String.valueOf(missing.getMessage());
            Assumptions.assumeFalse(why.contains("no llama-server was found"), why);
            throw missing;
        }
    }

    /** What REFLEX_OLLAMA names, or where .ci/install-ollama puts one; skips the test where there is none. */
    private static Path ollama() {
        String named = System.getenv("REFLEX_OLLAMA");
        Path path = named != null && !named.isBlank()
                ? Path.of(named)
                : Path.of(System.getProperty("user.home"), ".cache", "reflex", "ollama", "bin", "ollama");
        Assumptions.assumeTrue(
                Files.isExecutable(path),
                "no Ollama is installed: .ci/install-ollama builds one, or set REFLEX_OLLAMA to one");
        return path;
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }
}
