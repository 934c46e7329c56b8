package dev.reflexloop.llm.server;

import com.fasterxml.jackson.databind.JsonNode;
import dev.reflexloop.Deadline;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Asks an Ollama what it has on disk and in memory. */
final class OllamaLooker implements Looker {
    private static final Pattern PARAMETERS = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)([KMBT]?)");

    private final ServerClient client;

    OllamaLooker(Endpoint endpoint) {
        this.client = new ServerClient(endpoint, "inventory");
    }

    @Override
    public ModelPlace.Kind kind() {
        return ModelPlace.Kind.OLLAMA;
    }

    @Override
    public String address() {
        return client.endpoint().toString();
    }

    @Override
    public CompletableFuture<ModelPlace> look(Deadline deadline, Executor threads) {
        return client.get("/api/tags", deadline, OllamaLooker::byName)
                .thenCombine(client.get("/api/ps", deadline, OllamaLooker::byName), this::place);
    }

    private static Map<String, JsonNode> byName(JsonNode reply) {
        Map<String, JsonNode> models = new LinkedHashMap<>();
        for (JsonNode model : reply.path("models")) {
            Looker.text(model.path("name")).ifPresent(name -> models.put(name, model));
        }
        return models;
    }

    private ModelPlace place(Map<String, JsonNode> onDisk, Map<String, JsonNode> loaded) {
        List<ModelEntry> entries = new ArrayList<>();
        onDisk.forEach((name, model) -> entries.add(
                entry(name, model, Looker.size(model.path("size")), Optional.ofNullable(loaded.get(name)))));
        loaded.forEach((name, model) -> {
            if (!onDisk.containsKey(name)) { // deleted while it was in memory
                entries.add(entry(name, model, OptionalLong.empty(), Optional.of(model)));
            }
        });
        return new ModelPlace(kind(), address(), entries, List.of());
    }

    private static ModelEntry entry(String name, JsonNode model, OptionalLong diskBytes, Optional<JsonNode> loaded) {
        JsonNode details = model.path("details");
        return new ModelEntry(
                name,
                loaded.isPresent(),
                Looker.text(details.path("family")),
                Looker.text(details.path("quantization_level")),
                parameters(details.path("parameter_size").asText("")),
                diskBytes,
                loaded.map(running -> Looker.size(running.path("size"))).orElse(OptionalLong.empty()),
                loaded.map(running -> Looker.size(running.path("size_vram"))).orElse(OptionalLong.empty()),
                loaded.flatMap(running -> time(running.path("expires_at").asText(""))),
                loaded.map(running -> Looker.size(running.path("context_length")))
                        .orElse(OptionalLong.empty()),
                OptionalInt.empty(),
                OptionalInt.empty());
    }

    private static OptionalLong parameters(String shown) {
        Matcher number = PARAMETERS.matcher(shown);
        if (!number.matches()) {
            return OptionalLong.empty();
        }
        int zeros = switch (number.group(2)) {
            case "K" -> 3;
            case "M" -> 6;
            case "B" -> 9;
            case "T" -> 12;
            default -> 0;
        };
        return OptionalLong.of(
                new BigDecimal(number.group(1)).movePointRight(zeros).longValue());
    }

    private static Optional<Instant> time(String shown) {
        try {
            return shown.isEmpty()
                    ? Optional.empty()
                    : Optional.of(OffsetDateTime.parse(shown).toInstant());
        } catch (DateTimeException noTime) {
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        client.close();
    }
}
