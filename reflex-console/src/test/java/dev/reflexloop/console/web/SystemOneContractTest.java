package dev.reflexloop.console.web;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.SystemOneModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The embedded model behind the console, asked by our own System One client. */
final class SystemOneContractTest extends ReflexModelContractTest {
    @TempDir
    static Path folder;

    private static @Nullable NanoModel nano;
    private static @Nullable ConsoleServer console;

    @BeforeAll
    static void start() throws Exception {
        nano = NanoGame.load(folder);
        console = ConsoleServer.builder(TelemetryBus.off()).model(nano).start();
    }

    @AfterAll
    static void stop() {
        console.close();
        nano.close();
    }

    @Override
    protected ReflexModel createModel() {
        return SystemOneModel.builder(Endpoint.of(console.uri().toString())).build();
    }

    @Override
    protected ActionSchema schema() {
        return NanoGame.schema();
    }

    @Override
    protected Perception perception(long tick) {
        return NanoGame.perception(tick);
    }
}
