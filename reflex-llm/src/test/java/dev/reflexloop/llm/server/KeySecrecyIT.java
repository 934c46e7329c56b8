package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Deadline;
import dev.reflexloop.ReflexClock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The key in a JVM of its own that logs everything: the level of a log is fixed when it is first used. */
class KeySecrecyIT {
    private static final String KEY = "sk-very-secret-0123456789";

    @Test
    void key_inAProcessThatLogsEverything_isNeverPrinted() throws Exception {
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=trace",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Child.class.getName())
                .redirectErrorStream(true)
                .start();
        String printed = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).as(printed).isZero();
        assertThat(printed)
                .as("it logged and failed as it should")
                .contains("DEBUG org.apache.hc.client5")
                .contains("answered 401", "is no JSON", "broke off")
                .doesNotContain(KEY)
                .doesNotContain(KEY.substring(3, 12));
    }

    /** Asks a server that sends the key back in every way that it can. */
    static final class Child {
        private Child() {}

        public static void main(String[] arguments) throws Exception {
            try (ScriptedServer server = new ScriptedServer(KeySecrecyIT::echo);
                    ServerClient client = new ServerClient(server.endpoint().apiKey(KEY), "testee")) {
                for (String path : new String[] {"/good", "/401", "/text", "/header"}) {
                    CompletableFuture<String> asked = client.post(
                            path,
                            "{}".getBytes(StandardCharsets.UTF_8),
                            Deadline.in(Duration.ofSeconds(10), ReflexClock.system()),
                            json -> "fine");
                    try {
                        System.out.println(asked.get());
                    } catch (ExecutionException failed) {
                        failed.printStackTrace(System.out);
                    }
                }
            }
        }
    }

    private static void echo(ScriptedServer.Request request, ScriptedServer.Connection connection)
            throws java.io.IOException {
        String head = request.head();
        if (!head.contains(KEY)) {
            throw new IllegalStateException("the key did not arrive");
        }
        if (head.startsWith("POST /good")) {
            connection.reply(200, "{\"you\":\"" + KEY + "\"}");
        } else if (head.startsWith("POST /401")) {
            connection.reply(401, "{\"error\":{\"message\":\"no such key: " + KEY + "\"}}");
        } else if (head.startsWith("POST /text")) {
            connection.reply(200, KEY);
        } else {
            connection.write("HTTP/1.1 200 OK\r\nX-You: " + KEY + "\r\nContent-Length: 100\r\n\r\n" + KEY);
            connection.close();
        }
    }
}
