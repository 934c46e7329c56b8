package dev.reflexloop.llm.server;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The contract of models, kept over a real Ollama. */
final class OllamaModelContractIT extends ReflexModelContractTest {
    @TempDir
    static Path folder;

    private static @Nullable OllamaServer server;

    private final PromptLayout layout = RobocodeModel.layout();
    private final ActionSchema schema = RobocodeModel.schema();

    @BeforeAll
    static void start() throws Exception {
        server = OllamaServer.start(folder);
        server.add("nano", RobocodeModel.file());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ReflexModel createModel() {
        return OllamaModel.builder(Endpoint.of(server.address()), "nano")
                .renderer(layout)
                .threads(1)
                .build();
    }

    @Override
    protected ActionSchema schema() {
        return schema;
    }

    @Override
    protected Perception perception(long tick) {
        return RobocodeModel.perception(layout, tick);
    }
}
