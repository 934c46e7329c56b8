package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real Ollama tells of its models, before and after one is loaded. */
final class InventoryOllamaIT {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void look_realOllama_tellsWhatIsOnDiskAndWhatIsLoaded() throws Exception {
        try (OllamaServer server = OllamaServer.start(folder)) {
            server.add("nano", RobocodeModel.file());
            Endpoint endpoint = Endpoint.of(server.address());
            try (Inventory inventory = Inventory.builder().ollama(endpoint).build();
                    OllamaModel model = OllamaModel.builder(endpoint, "nano")
                            .renderer(RobocodeModel.layout())
                            .threads(1)
                            .build()) {
                ModelEntry stored = entry(inventory);
                assertThat(stored.name()).isEqualTo("nano:latest");
                assertThat(stored.loaded()).isFalse();
                assertThat(stored.architecture()).contains("llama");
                assertThat(stored.diskBytes().orElseThrow()).isGreaterThanOrEqualTo(Files.size(RobocodeModel.file()));
                assertThat(stored.parameters().orElseThrow()).isPositive();
                assertThat(stored.memoryBytes()).isEmpty();

                model.ready(PATIENCE);
                ModelEntry loaded = entry(inventory);
                assertThat(loaded.loaded()).isTrue();
                assertThat(loaded.memoryBytes().orElseThrow()).isPositive();
                assertThat(loaded.videoBytes()).isNotEmpty();
                assertThat(loaded.loadedUntil().orElseThrow())
                        .isAfter(Instant.now().plus(Duration.ofDays(1)));
                System.out.println("Ollama shows " + loaded);
            }
        }
    }

    private static ModelEntry entry(Inventory inventory) throws InterruptedException {
        List<ModelPlace> places = inventory.look(PATIENCE);
        assertThat(places.get(0).problems()).isEmpty();
        assertThat(places.get(0).models()).hasSize(1);
        return places.get(0).models().get(0);
    }
}
