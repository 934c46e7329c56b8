package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Decision;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.llm.decorator.ModelPool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The Java of docs/scaling.md: what stands there is what is compiled and run here. */
class ScalingPageTest {
    private static final Path PAGE = Path.of("../docs/scaling.md");
    private static final Path SOURCE = Path.of("src/test/java/dev/reflexloop/llm/server/ScalingPageTest.java");

    @Test
    void lines_ofThePage_serveFromTheOtherServerWhenOneIsGone() {
        String key = "sesame";
        ActionSchema schema = Asking.SCHEMA;
        try (RecordedServer one = RecordedServer.start();
                RecordedServer two = RecordedServer.start()) {
            String atFirst = one.endpoint().toString();
            String atSecond = two.endpoint().toString();
            // page
            Endpoint first = Endpoint.of(atFirst).apiKey(key);
            Endpoint second = Endpoint.of(atSecond).apiKey(key);
            ReflexModel fleet = ModelPool.of(
                    OpenAiCompatibleModel.vllm(first, "llama-3.2-1b").build(),
                    OpenAiCompatibleModel.vllm(second, "llama-3.2-1b").build());
            ReflexLoop loop = ReflexLoop.builder(schema, fleet)
                    .budget(Duration.ofSeconds(5))
                    .build();
            // end
            try (fleet;
                    loop) {
                assertThat(decide(loop, 80).served()).isEqualTo(Served.MODEL);
                (one.requests().isEmpty() ? two : one).close();
                assertThat(decide(loop, 70).served()).isEqualTo(Served.MODEL);
                assertThat(one.requests()).isNotEmpty();
                assertThat(two.requests()).isNotEmpty();
            }
        }
    }

    private static Decision decide(ReflexLoop loop, int health) {
        return loop.decide(Asking.question(health).perception());
    }

    @Test
    void lines_ofThePage_areThoseThatRun() throws IOException {
        String source = Files.readString(SOURCE);
        String run = source.substring(source.indexOf("// page\n") + 8, source.indexOf("// end\n"))
                .stripIndent()
                .strip()
                .replace("atFirst", "\"http://gpu-1:8000\"")
                .replace("atSecond", "\"http://gpu-2:8000\"")
                .replace("ofSeconds(5)", "ofMillis(200)");
        assertThat(Files.readString(PAGE)).contains("```java\n" + run + "\n```");
    }
}
