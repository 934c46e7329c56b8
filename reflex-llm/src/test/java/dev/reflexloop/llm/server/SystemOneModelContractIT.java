package dev.reflexloop.llm.server;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.nano.LlamaServer;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A decision model over TCP. */
final class SystemOneModelContractIT extends ReflexModelContractTest {
    @TempDir
    static Path folder;

    private static @Nullable LlamaServer server;

    @BeforeAll
    static void start() throws Exception {
        ServedModels.requireServer();
        server = ServedModels.serve(
                ServedModels.decision().write(folder.resolve("plain.gguf")), "-np", "4", "-c", "8192");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ReflexModel createModel() {
        return SystemOneModel.builder(Endpoint.of(server.address())).build();
    }
}
