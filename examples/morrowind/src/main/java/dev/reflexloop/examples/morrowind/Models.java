package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.PromptLayout;
import dev.reflexloop.llm.PromptRenderer;
import dev.reflexloop.llm.gguf.GgufFile;
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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** Makes the model that {@code --model} names, and closes it with what was started for it. Each computes on one thread: the game runs beside it. */
final class Models implements AutoCloseable {
    private static final String COMMITTED = "nano.gguf";
    private static final String LAYOUT = "reflex.prompt.layout";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final ActionSchema schema;
    private final String prompt;
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();

    /**
     * Prepares to open one.
     *
     * @param schema what it is going to be asked about
     * @param prompt the trained model whose prompt a server is asked with, see {@code --prompt}; empty for the plain one
     */
    Models(ActionSchema schema, String prompt) {
        this.schema = schema;
        this.prompt = prompt;
    }

    /**
     * Opens a model. Blocks until it is read, or its server has answered, at most a minute.
     *
     * @param name what {@code --model} says; empty for the default
     * @throws IllegalArgumentException if there is no such kind of model
     * @throws dev.reflexloop.ReflexException if the model cannot be used, or its server does not answer
     */
    ReflexModel open(String name) {
        int colon = name.indexOf(':');
        String kind = colon < 0 ? name : name.substring(0, colon);
        String which = colon < 0 ? "" : name.substring(colon + 1);
        ReflexModel model = switch (kind) {
            case "", "nano" -> nano(which);
            case "rule" -> new Rule(schema).asModel();
            case "random" -> InstantModel.random(1);
            case "always" -> InstantModel.always(schema, given(kind, which, "always:explore"));
            case "llama" -> started(file(given(kind, which, "llama:/path/model.gguf")));
            case "llama-server" ->
                served(Endpoint.of(given(kind, which, "llama-server:http://127.0.0.1:8082")), asked());
            case "ollama" -> ollama(given(kind, which, "ollama:llama3.2:1b"));
            default ->
                throw new IllegalArgumentException("there is no model '" + name
                        + "'; use nano, rule, random, always:ACTION, llama:FILE.gguf, llama-server:ADDRESS or"
                        + " ollama:NAME");
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

    private NanoModel nano(String which) {
        NanoModel.Builder builder =
                which.isEmpty() ? NanoModel.builder(committed()).id("nano") : NanoModel.builder(Path.of(which));
        return builder.threads(1).schema(schema).load();
    }

    private ReflexModel started(Path file) {
        LlamaServer server = LlamaServer.builder(file).slots(1).threads(1).start();
        opened.push(server);
        return served(server.endpoint(), prompt.isEmpty() ? renderer(file) : asked());
    }

    private ReflexModel served(Endpoint endpoint, PromptRenderer renderer) {
        LlamaServerModel model = LlamaServerModel.builder(endpoint)
                .renderer(renderer)
                .schema(schema)
                .build();
        try {
            model.ready(PATIENCE);
            return model;
        } catch (RuntimeException unusable) {
            model.close();
            throw unusable;
        }
    }

    private ReflexModel ollama(String name) {
        OllamaModel model = OllamaModel.builder(Endpoint.of(ollamaAddress(System.getenv("OLLAMA_HOST"))), name)
                .renderer(asked())
                .threads(1)
                .build();
        try {
            model.ready(PATIENCE);
            return model;
        } catch (RuntimeException unusable) {
            model.close();
            throw unusable;
        }
    }

    /** Where Ollama listens, by the variable that its own clients read: an address, a host with a port, or a host. */
    static String ollamaAddress(@Nullable String host) {
        String said = host == null ? "" : host.strip();
        if (said.isEmpty()) {
            return "http://127.0.0.1:11434";
        }
        if (said.contains("://")) {
            return said;
        }
        String reachable = said.startsWith("0.0.0.0") ? "127.0.0.1" + said.substring("0.0.0.0".length()) : said;
        return "http://" + (reachable.matches(".*:\\d+") ? reachable : reachable + ":11434");
    }

    private PromptRenderer asked() {
        return prompt.isEmpty() ? plain() : renderer(file(prompt));
    }

    private static PromptRenderer plain() {
        return PlainRenderer.builder().order(FactOrder.learned()).build();
    }

    /** The prompt that a model was trained with, the plain one for a model that was not trained for this. */
    private static PromptRenderer renderer(Path file) {
        try (GgufFile gguf = GgufFile.open(file)) {
            return gguf.string(LAYOUT)
                    .<PromptRenderer>map(PromptLayout::fromJson)
                    .orElseGet(Models::plain);
        }
    }

    /** The file that an option names; {@code nano} is the example's own model. */
    private static Path file(String named) {
        return named.equals("nano") ? committed() : Path.of(named);
    }

    /** The example's own model as a file, which is deleted when the JVM ends. */
    static Path committed() {
        try (InputStream resource = Models.class.getResourceAsStream(COMMITTED)) {
            if (resource == null) {
                throw new IllegalArgumentException(
                        "the example holds no model of its own; make it with -Ptrain-morrowind, or use --model rule");
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
