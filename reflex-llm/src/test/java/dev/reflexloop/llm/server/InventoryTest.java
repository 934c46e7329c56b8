package dev.reflexloop.llm.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.llm.GgufFixture;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class InventoryTest {
    private static final Duration WITHIN = Duration.ofSeconds(10);

    /** From Ollama's API documentation, docs/api.md of ollama/ollama, "List Local Models" and "List Running Models". */
    private static final Map<String, String> OLLAMA = Map.of("/api/tags", """
            {"models":[{"name":"codellama:13b","modified_at":"2023-11-04T14:56:49.277302595-07:00","size":7365960935,
             "digest":"9f438cb9cd581fc025612d27f7c1a6669ff83a8bb0ed86c94fcf4c5440555697",
             "details":{"format":"gguf","family":"llama","families":null,"parameter_size":"13B","quantization_level":"Q4_0"}},
            {"name":"mistral:latest","modified_at":"2023-12-07T09:32:18.757212583-08:00","size":3825819519,
             "digest":"fe938a131f40e6f6d40083c9f0f430a515233eb2edaa6d72eb85c50d64f2300e",
             "details":{"format":"gguf","family":"llama","families":null,"parameter_size":"7B","quantization_level":"Q4_0"}}]}
            """, "/api/ps", """
            {"models":[{"name":"mistral:latest","model":"mistral:latest","size":5137025024,
             "digest":"2ae6f6dd7a3dd734790bbbf58b8909a606e0e7e97e94b7604e0aa7ae4490e6d8",
             "details":{"parent_model":"","format":"gguf","family":"llama","families":["llama"],"parameter_size":"7.2B",
             "quantization_level":"Q4_0"},"expires_at":"2024-06-04T14:38:31.83753-07:00","size_vram":5137025024}]}
            """);

    @TempDir
    Path folder;

    private static ScriptedServer replying(Map<String, String> replies) throws Exception {
        return new ScriptedServer((request, connection) -> {
            String path = request.head().split(" ", 3)[1];
            connection.reply(replies.containsKey(path) ? 200 : 404, replies.getOrDefault(path, "{}"));
        });
    }

    private static ModelPlace look(Inventory.Builder builder) throws InterruptedException {
        try (Inventory inventory = builder.build()) {
            List<ModelPlace> places = inventory.look(WITHIN);
            assertThat(places).hasSize(1);
            return places.get(0);
        }
    }

    @Test
    void look_recordedOllama_tellsLoadedFromStored() throws Exception {
        try (ScriptedServer server = replying(OLLAMA)) {
            ModelPlace place = look(Inventory.builder().ollama(server.endpoint()));

            assertThat(place.kind()).isEqualTo(ModelPlace.Kind.OLLAMA);
            assertThat(place.problems()).isEmpty();
            assertThat(place.models()).extracting(ModelEntry::name).containsExactly("mistral:latest", "codellama:13b");
            ModelEntry mistral = place.models().get(0);
            assertThat(mistral.loaded()).isTrue();
            assertThat(mistral.diskBytes()).hasValue(3_825_819_519L);
            assertThat(mistral.memoryBytes()).hasValue(5_137_025_024L);
            assertThat(mistral.videoBytes()).hasValue(5_137_025_024L);
            assertThat(mistral.loadedUntil()).contains(Instant.parse("2024-06-04T21:38:31.837530Z"));
            ModelEntry llama = place.models().get(1);
            assertThat(llama.loaded()).isFalse();
            assertThat(llama.architecture()).contains("llama");
            assertThat(llama.quantization()).contains("Q4_0");
            assertThat(llama.parameters()).hasValue(13_000_000_000L);
            assertThat(llama.memoryBytes()).isEmpty();
        }
    }

    @Test
    void look_hostileOllama_takesWhatIsSound() throws Exception {
        String models = """
                {"models":[{"name":"a\\u001b[2J\\u202eb","size":-1,"details":{"parameter_size":"99999999999999B","family":7}},
                {"name":7},{"size":1},null,{"name":"deleted","size":"large","expires_at":"soon","size_vram":1e300,"details":[]}]}
                """;
        try (ScriptedServer server = replying(Map.of("/api/tags", "{\"models\":{}}", "/api/ps", models))) {
            ModelPlace place = look(Inventory.builder().ollama(server.endpoint()));

            assertThat(place.models()).extracting(ModelEntry::name).containsExactly("a [2J b", "deleted");
            assertThat(place.models()).allSatisfy(model -> {
                assertThat(model.loaded()).isTrue();
                assertThat(model.parameters()).isEmpty();
                assertThat(model.memoryBytes()).isEmpty();
                assertThat(model.videoBytes()).isEmpty();
                assertThat(model.loadedUntil()).isEmpty();
                assertThat(model.architecture()).isEmpty();
            });
        }
    }

    @Test
    void look_llamaServerThatHidesItsSlots_saysSo() throws Exception {
        Map<String, String> replies = Map.of(
                "/v1/models",
                "{\"data\":[{\"id\":\"m\",\"meta\":{\"n_params\":5,\"size\":20,\"ftype\":\"all F32\"}}]}",
                "/props",
                "{\"total_slots\":2,\"default_generation_settings\":{\"n_ctx\":512}}");
        try (ScriptedServer server = replying(replies)) {
            ModelPlace place = look(Inventory.builder().llamaServer(server.endpoint()));

            assertThat(place.problems()).containsExactly("the server does not show its slots");
            assertThat(place.models()).singleElement().satisfies(model -> {
                assertThat(model.parameters()).hasValue(5);
                assertThat(model.slots()).hasValue(2);
                assertThat(model.busySlots()).isEmpty();
                assertThat(model.context()).isEqualTo(OptionalLong.of(512));
            });
        }
    }

    @Test
    void look_serversThatAreDown_areReportedBesideTheOthers() throws Exception {
        Endpoint down;
        try (ScriptedServer closed = replying(Map.of())) {
            down = closed.endpoint();
        }
        try (ScriptedServer up = replying(OLLAMA);
                Inventory inventory = Inventory.builder()
                        .ollama(down.apiKey("open-sesame"))
                        .llamaServer(down)
                        .ollama(up.endpoint())
                        .folder(folder.resolve("none"))
                        .build()) {
            List<ModelPlace> places = inventory.look(WITHIN);

            assertThat(places.get(0).problems()).singleElement().asString().contains(down.toString());
            assertThat(places.get(1).problems()).hasSize(1);
            assertThat(places.get(2).models()).hasSize(2);
            assertThat(places.get(3).problems()).singleElement().asString().contains("cannot be read");
            assertThat(places.toString()).doesNotContain("open-sesame");
        }
    }

    @Test
    void look_serverThatNeverAnswers_isGivenUpInTime() throws Exception {
        try (ScriptedServer silent = new ScriptedServer((request, connection) -> connection.awaitClose());
                Inventory inventory =
                        Inventory.builder().ollama(silent.endpoint()).build()) {
            long begun = System.nanoTime();
            List<ModelPlace> places = inventory.look(Duration.ofMillis(200));

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            assertThat(places.get(0).problems()).hasSize(1);
            assertThat(places.get(0).models()).isEmpty();
        }
    }

    @Test
    void look_folder_readsTheHeadsOfItsFiles() throws Exception {
        Path below = Files.createDirectories(folder.resolve("publisher/model"));
        Path file = GgufFixture.model(GgufFixture.Shape.tiny(), List.of(), GgufFixture.Type.Q8_0, 1)
                .write(below.resolve("tiny.GGUF"));
        Files.writeString(folder.resolve("broken.gguf"), "GGUF");
        Files.writeString(folder.resolve("notes.txt"), "GGUF");
        ModelPlace place = look(Inventory.builder().folder(folder));

        assertThat(place.problems()).singleElement().asString().contains("broken.gguf");
        assertThat(place.models()).singleElement().satisfies(model -> {
            assertThat(model.name()).isEqualTo(file.toString());
            assertThat(model.loaded()).isFalse();
            assertThat(model.architecture()).contains("llama");
            assertThat(model.quantization()).contains("Q8_0");
            assertThat(model.diskBytes()).hasValue(Files.size(file));
            assertThat(model.parameters().orElseThrow()).isPositive();
            assertThat(model.context()).hasValue(GgufFixture.Shape.tiny().context());
        });
    }

    @Test
    void look_afterClose_reportsInsteadOfThrowing() throws Exception {
        Inventory inventory = Inventory.builder()
                .ollama(Endpoint.of("http://127.0.0.1:9"))
                .folder(folder)
                .build();
        inventory.close();
        inventory.close();

        assertThat(inventory.look(WITHIN))
                .allSatisfy(place -> assertThat(place.problems()).hasSize(1));
    }

    @Test
    void look_withoutTime_isRefused() {
        try (Inventory inventory = Inventory.builder().build()) {
            assertThatThrownBy(() -> inventory.look(Duration.ZERO)).isInstanceOf(IllegalArgumentException.class);
        }
    }
}
