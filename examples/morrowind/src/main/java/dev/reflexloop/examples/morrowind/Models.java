package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.OllamaModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayDeque;
import java.util.Deque;

/** Makes the model that {@code --model} names, and closes it with what was started for it. */
final class Models implements AutoCloseable {
    private static final String COMMITTED = "nano.gguf";
    private static final String OLLAMA = "http://127.0.0.1:11434";

    private final ActionSchema schema;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    Models(ActionSchema schema) {
        this.schema = schema;
    }

    /**
     * Opens a model. Blocks until it is read or its server was started.
     *
     * @param name what {@code --model} says; empty for the default
     * @throws IllegalArgumentException if there is no such kind of model
     */
    ReflexModel open(String name) {
        int colon = name.indexOf(':');
        String kind = colon < 0 ? name : name.substring(0, colon);
        String which = colon < 0 ? "" : name.substring(colon + 1);
        ReflexModel model = switch (kind) {
            case "" -> hasCommitted() ? nano(committed()) : new Rule(schema).asModel();
            case "nano" -> nano(which.isEmpty() ? committed() : Path.of(which));
            case "rule" -> new Rule(schema).asModel();
            case "llama" -> {
                LlamaServer server = LlamaServer.builder(Path.of(given(kind, which, "llama:/path/model.gguf")))
                        .start();
                opened.push(server);
                yield LlamaServerModel.builder(server.endpoint()).build();
            }
            case "llama-server" ->
                LlamaServerModel.builder(Endpoint.of(given(kind, which, "llama-server:http://127.0.0.1:8082")))
                        .build();
            case "ollama" ->
                OllamaModel.builder(Endpoint.of(OLLAMA), given(kind, which, "ollama:llama3.2:1b"))
                        .build();
            default ->
                throw new IllegalArgumentException("there is no model '" + name
                        + "'; use nano, rule, llama:FILE.gguf, llama-server:ADDRESS or ollama:NAME");
        };
        opened.push(model);
        return model;
    }

    private static String given(String kind, String which, String example) {
        if (which.isBlank()) {
            throw new IllegalArgumentException(
                    "--model " + kind + " does not say which; write for instance " + example);
        }
        return which;
    }

    private NanoModel nano(Path file) {
        return NanoModel.builder(file).schema(schema).load();
    }

    /** Whether this example holds a model of its own. */
    static boolean hasCommitted() {
        return Models.class.getResource(COMMITTED) != null;
    }

    /** The example's own model as a file, which is deleted when the JVM ends. */
    private static Path committed() {
        try (InputStream resource = Models.class.getResourceAsStream(COMMITTED)) {
            if (resource == null) {
                throw new IllegalArgumentException(
                        "the example holds no model of its own; write nano:FILE.gguf, or rule");
            }
            Path copy = Files.createTempFile("reflex-morrowind-", ".gguf");
            copy.toFile().deleteOnExit();
            Files.copy(resource, copy, StandardCopyOption.REPLACE_EXISTING);
            return copy;
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "cannot copy the model into the temporary folder; point java.io.tmpdir to a writable folder", e);
        }
    }

    @Override
    public void close() {
        for (AutoCloseable each : opened) {
            try {
                each.close();
            } catch (Exception failure) {
                System.err.println("closing a model failed: " + failure);
            }
        }
        opened.clear();
    }
}
