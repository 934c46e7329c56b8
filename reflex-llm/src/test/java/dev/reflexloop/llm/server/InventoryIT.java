package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.llm.GgufFixture;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real llama-server tells of itself. */
final class InventoryIT {
    @TempDir
    Path folder;

    @BeforeAll
    static void requireServer() {
        ServedModels.requireServer();
    }

    @Test
    void look_realServer_agreesWithTheFileThatItServes() throws Exception {
        Path file = GgufFixture.model(GgufFixture.Shape.tiny(), List.of(), GgufFixture.Type.F32, 1)
                .write(folder.resolve("tiny.gguf"));
        try (LlamaServer server = LlamaServer.builder(file)
                        .threads(1)
                        .slots(3)
                        .context(128)
                        .start();
                Inventory inventory = Inventory.builder()
                        .folder(folder)
                        .llamaServer(server.endpoint())
                        .llamaServer(Endpoint.of(server.endpoint().toString()))
                        .build()) {
            List<ModelPlace> places = inventory.look(Duration.ofSeconds(10));
            ModelEntry stored = places.get(0).models().get(0);
            ModelEntry served = places.get(1).models().get(0);

            assertThat(places.get(1).problems()).isEmpty();
            assertThat(served.name()).isEqualTo(stored.name());
            assertThat(served.loaded()).isTrue();
            assertThat(served.parameters()).isEqualTo(stored.parameters());
            assertThat(served.memoryBytes().orElseThrow()).isPositive();
            assertThat(served.slots()).hasValue(3);
            assertThat(served.busySlots()).hasValue(0);
            assertThat(served.context().orElseThrow()).isBetween(128L, 256L);
            assertThat(places.get(2).problems()).singleElement().asString().contains("401");
        }
    }
}
