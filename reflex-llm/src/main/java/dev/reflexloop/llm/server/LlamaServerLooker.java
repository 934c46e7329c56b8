package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Deadline;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** Asks a llama-server what it serves. Its slots may be hidden ({@code --no-slots}); everything else it has to tell. */
final class LlamaServerLooker implements Looker {
    private final ServerClient client;

    LlamaServerLooker(Endpoint endpoint) {
        this.client = new ServerClient(endpoint, "inventory");
    }

    @Override
    public ModelPlace.Kind kind() {
        return ModelPlace.Kind.LLAMA_SERVER;
    }

    @Override
    public String address() {
        return client.endpoint().toString();
    }

    @Override
    public CompletableFuture<ModelPlace> look(Deadline deadline, Executor threads) {
        CompletableFuture<JsonNode> models = client.get("/v1/models", deadline, reply -> reply);
        CompletableFuture<JsonNode> properties = client.get("/props", deadline, reply -> reply);
        CompletableFuture<OptionalInt> busy =
                client.get("/slots", deadline, LlamaServerLooker::busy).exceptionally(hidden -> OptionalInt.empty());
        return models.thenCombine(properties, (served, set) -> busy.thenApply(count -> place(served, set, count)))
                .thenCompose(place -> place);
    }

    private static OptionalInt busy(JsonNode slots) {
        int busy = 0;
        for (JsonNode slot : slots) {
            busy += slot.path("is_processing").asBoolean() ? 1 : 0;
        }
        return slots.isArray() ? OptionalInt.of(busy) : OptionalInt.empty();
    }

    private ModelPlace place(JsonNode models, JsonNode properties, OptionalInt busy) {
        List<ModelEntry> entries = new ArrayList<>();
        for (JsonNode model : models.path("data")) {
            JsonNode meta = model.path("meta");
            Looker.text(model.path("id"))
                    .ifPresent(name -> entries.add(new ModelEntry(
                            name,
                            true,
                            Optional.empty(),
                            Looker.text(meta.path("ftype")),
                            Looker.size(meta.path("n_params")),
                            OptionalLong.empty(),
                            Looker.size(meta.path("size")),
                            OptionalLong.empty(),
                            Optional.empty(),
                            Looker.size(properties
                                    .path("default_generation_settings")
                                    .path("n_ctx")),
                            Looker.count(properties.path("total_slots")),
                            busy)));
        }
        List<String> problems = busy.isPresent() ? List.of() : List.of("the server does not show its slots");
        return new ModelPlace(kind(), address(), entries, problems);
    }

    @Override
    public void close() {
        client.close();
    }
}
