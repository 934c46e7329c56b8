package dev.reflexloop.console.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import dev.reflexloop.console.PlayingBot;
import dev.reflexloop.console.Reflexloop;
import dev.reflexloop.testkit.Terminal;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DoctorCommandTest {
    @TempDir
    Path folder;

    private final Terminal terminal = new Terminal(Reflexloop::run);

    private List<JsonNode> findings(String what, String... more) throws IOException {
        List<String> words = new ArrayList<>(List.of("doctor", "--json", folder.toString()));
        words.addAll(List.of(more));
        terminal.run(words.toArray(String[]::new));
        List<JsonNode> findings = new ArrayList<>();
        for (JsonNode each : new ObjectMapper().readTree(terminal.out()).path("findings")) {
            if (each.path("what").asText().equals(what)) {
                findings.add(each);
            }
        }
        return findings;
    }

    @Test
    void machine_asked_isToldInLinesWithoutEscapes() {
        terminal.run("doctor", folder.toString());

        assertThat(terminal.out())
                .containsPattern("OK +java +" + Runtime.version().feature() + "\\.")
                .containsPattern("(OK|WARN) +vector api")
                .containsPattern("(OK|WARN) +cores +[1-9]")
                .containsPattern("(OK|WARN|FAIL) +llama-server")
                .containsPattern("(OK|WARN) +libtorch")
                .contains(folder + " can be written")
                .doesNotContain("\u001b");
        assertThat(terminal.out().lines().filter(line -> line.startsWith("WARN") || line.startsWith("FAIL")))
                .hasSameSizeAs(terminal.out()
                        .lines()
                        .filter(line -> line.contains("mend: "))
                        .toList());
    }

    @Test
    void logs_thatAreSound_areCounted() throws IOException {
        try (PlayingBot bot = new PlayingBot(folder, "one")) {
            bot.closed(bot.tick(80), "chosen");
        }
        List<JsonNode> logs = findings("logs");

        assertThat(logs).hasSize(1);
        assertThat(logs.get(0).path("level").asText()).isEqualTo("OK");
        assertThat(logs.get(0).path("found").asText()).contains("3 files").contains("telemetry lines");
        assertThat(findings("log")).isEmpty();
    }

    @Test
    void logs_thatAreDamaged_areNamedWithWhatIsWrong() throws IOException {
        try (PlayingBot bot = new PlayingBot(folder, "one")) {
            bot.tick(80);
        }
        Files.writeString(folder.resolve("trajectory.jsonl"), "no record\n{\"torn", StandardOpenOption.APPEND);
        Files.writeString(folder.resolve("newer.jsonl"), "{\"type\":\"header\",\"version\":99,\"session\":\"s\"}\n");

        assertThat(findings("log"))
                .anySatisfy(each -> {
                    assertThat(each.path("level").asText()).isEqualTo("WARN");
                    assertThat(each.path("found").asText()).contains("trajectory.jsonl: 1 line cannot be read");
                })
                .anySatisfy(each -> assertThat(each.path("found").asText()).contains("not finished (6 bytes)"))
                .anySatisfy(each -> {
                    assertThat(each.path("level").asText()).isEqualTo("FAIL");
                    assertThat(each.path("found").asText())
                            .contains("newer.jsonl")
                            .contains("version 99");
                });
        assertThat(terminal.run("doctor", folder.toString())).isEqualTo(1);
    }

    @Test
    void server_thatWasNamedAndDoesNotAnswer_fails() throws IOException {
        List<JsonNode> servers = findings("Ollama", "--ollama", "http://127.0.0.1:1");

        assertThat(servers).hasSize(1);
        assertThat(servers.get(0).path("level").asText()).isEqualTo("FAIL");
        assertThat(servers.get(0).path("found").asText()).contains("127.0.0.1:1");
        assertThat(servers.get(0).path("remedy").asText()).isNotBlank();
        assertThat(terminal.run("doctor", "--ollama", "http://127.0.0.1:1", folder.toString()))
                .isEqualTo(1);
    }

    @Test
    void server_thatAnswers_isShownWithItsModelsAndItsGpu() throws IOException {
        HttpServer ollama = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        ollama.createContext("/", exchange -> {
            byte[] body = "{\"models\":[{\"name\":\"tiny:1b\",\"size\":720000000,\"size_vram\":1100000000}]}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        ollama.start();
        try {
            String address = "http://127.0.0.1:" + ollama.getAddress().getPort();
            assertThat(findings("Ollama", "--ollama", address)
                            .get(0)
                            .path("found")
                            .asText())
                    .isEqualTo(address + ": tiny:1b (loaded)");
            assertThat(findings("gpu", "--ollama", address).get(0).path("found").asText())
                    .contains("1.1 GB");
        } finally {
            ollama.stop(0);
        }
    }

    @Test
    void address_thatIsNone_isWrongArguments() {
        assertThat(terminal.run("doctor", "--llama-server", "nonsense")).isEqualTo(2);
    }
}
