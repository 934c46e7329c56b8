package dev.reflexloop.examples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelsTest {
    private enum Tactic {
        FIGHT,
        FLEE,
        WAIT
    }

    private final List<Decision> decisions = new ArrayList<>();
    private final Models models = new Models(ActionSchema.of(Tactic.class, Tactic.WAIT), loop -> {
        for (int tick = 0; tick < 3; tick++) {
            decisions.add(loop.decide(
                    Perception.builder("bot", tick).fact("health", 95 - tick).build()));
        }
    });

    @ParameterizedTest
    @CsvSource({
        "llama-server, README.md",
        "Ollama, README.md",
        "vLLM, README.md",
        "custom, README.md",
        "LangChain4j, docs/models.md"
    })
    void page_showsWhatIsCompiledHere(String model, String page) throws IOException {
        String source = Files.readString(Path.of("src/main/java/dev/reflexloop/examples/quickstart/Models.java"))
                .replace("\r\n", "\n");
        String begin = "// README begins: " + model + "\n";
        int from = source.indexOf(begin) + begin.length();
        String shown = source.substring(from, source.indexOf("// README ends: " + model, from))
                .stripTrailing()
                .stripIndent();
        assertThat(shown).isNotBlank();
        assertThat(Files.readString(Path.of("../..", page)).replace("\r\n", "\n"))
                .contains("```java\n" + shown + "\n```");
    }

    @Test
    void custom_model_decides() {
        models.custom();
        assertThat(decisions).hasSize(3).allMatch(decision -> decision.served() == Served.MODEL);
    }

    /** Nobody listens there: the bot plays on with its fallback, on time. */
    @Test
    void servers_thatAreDown_leaveTheBotItsFallback() throws IOException {
        String nobody;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            nobody = "http://127.0.0.1:" + free.getLocalPort();
        }
        models.ollama(nobody);
        models.vllm(nobody, "a-key");
        models.langChain4j(nobody);
        assertThat(decisions)
                .hasSize(9)
                .allMatch(decision -> decision.served() == Served.FALLBACK)
                .extracting(decision -> decision.because().orElseThrow())
                .containsAnyOf(Cause.MODEL_DOWN)
                .isSubsetOf(Cause.MODEL_DOWN, Cause.DEADLINE);
    }
}
