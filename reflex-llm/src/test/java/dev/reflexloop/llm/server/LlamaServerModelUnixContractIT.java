package dev.reflexloop.llm.server;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.nano.LlamaServer;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** A plain model over a Unix socket. */
final class LlamaServerModelUnixContractIT extends ReflexModelContractTest {
    @TempDir
    static Path folder;

    /** In a folder with a short name: a socket's path has room for about a hundred characters. */
    private static @Nullable Path socket;

    private static @Nullable LlamaServer server;

    @BeforeAll
    static void start() throws Exception {
        ServedModels.requireServer();
        socket = Files.createTempDirectory("reflex").resolve("m.sock");
        server = ServedModels.serve(
                ServedModels.plain().write(folder.resolve("plain.gguf")),
                "-np",
                "4",
                "-c",
                "8192",
                "--host",
                socket.toString());
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
    }

    @Override
    protected ReflexModel createModel() {
        return LlamaServerModel.builder(Endpoint.of("unix:" + socket))
                .schema(schema())
                .build();
    }
}
