package dev.reflexloop.examples.heartbeat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.FactOrder;
import dev.reflexloop.llm.PlainRenderer;
import dev.reflexloop.llm.decorator.SideQuestionsModel;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.llm.program.CommandLineModel;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.OllamaModel;
import dev.reflexloop.llm.server.SystemOneModel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** Opens the models that a configuration names. Keys come from the environment only. */
final class Minds {
    /** The environment variable with the key of the rating model's server. */
    static final String MODEL_KEY = "HEARTBEAT_MODEL_KEY";

    /** The environment variable with the key of the chat server that explains. */
    static final String CHAT_KEY = "HEARTBEAT_CHAT_KEY";

    private static final String OLLAMA = "http://127.0.0.1:11434";
    private static final String INSTRUCTION =
            "You watch a computer system. Choose what answers the goal. Answer with its letter.";

    private Minds() {}

    /**
     * The model that rates, and says of each action whether to take it. Building one needs no server.
     *
     * @param spec as {@link Options#USAGE} says
     * @param environment where the key is looked for
     * @throws IllegalArgumentException if there is no such model
     */
    static ReflexModel open(String spec, Map<String, String> environment) {
        int colon = spec.indexOf(':');
        String kind = colon < 0 ? spec : spec.substring(0, colon);
        String rest = spec.substring(colon + 1);
        ReflexModel model = switch (kind) {
            case "none" -> new NoModel();
            case "nano" -> NanoModel.load(Path.of(rest));
            case "llama-server" ->
                LlamaServerModel.builder(endpoint(rest, environment))
                        .renderer(renderer())
                        .build();
            case "ollama" -> ollama(rest, environment);
            case "system-one" -> systemOne(rest, environment);
            default -> throw new IllegalArgumentException("there is no model '" + spec + "'\n" + Options.USAGE);
        };
        return new SideQuestionsModel(model);
    }

    private static PlainRenderer renderer() {
        return PlainRenderer.builder()
                .instruction(INSTRUCTION)
                .order(FactOrder.learned())
                .build();
    }

    private static Endpoint endpoint(String address, Map<String, String> environment) {
        Endpoint endpoint = Endpoint.of(address);
        String key = environment.getOrDefault(MODEL_KEY, "");
        return key.isBlank() ? endpoint : endpoint.apiKey(key.strip());
    }

    private static ReflexModel ollama(String text, Map<String, String> environment) {
        int at = text.indexOf('@');
        String name = at < 0 ? text : text.substring(0, at);
        return OllamaModel.builder(endpoint(at < 0 ? OLLAMA : text.substring(at + 1), environment), name)
                .renderer(renderer())
                .build();
    }

    private static ReflexModel systemOne(String text, Map<String, String> environment) {
        int at = text.indexOf('@');
        return SystemOneModel.builder(endpoint(text.substring(at + 1), environment))
                .model(at < 0 ? "" : text.substring(0, at))
                .instructions("How severe is the state of the watched system?")
                .build();
    }

    /** Who explains; nobody where the configuration names none. */
    static Optional<Reasoning> explaining(
            Configuration.ReasoningEntry entry, Duration patience, Http http, Map<String, String> environment) {
        List<String> program = entry.program() == null ? List.of() : entry.program();
        if ((entry.chat() == null) == program.isEmpty()) {
            throw new IllegalArgumentException("reasoning needs either a chat server or a program, and not both");
        }
        if (entry.chat() != null) {
            String key = environment.getOrDefault(CHAT_KEY, "").strip();
            return Optional.of(new ChatReasoning(
                    http.client(),
                    entry.chat(),
                    entry.model() == null ? "" : entry.model(),
                    key.isEmpty() ? Optional.empty() : Optional.of(key)));
        }
        CommandLineModel model = CommandLineModel.builder(
                        program.get(0), program.subList(1, program.size()).toArray(String[]::new))
                .tag("[heartbeat]")
                .build();
        return Optional.of(new Reasoning() {
            @Override
            public String write(String prompt) throws InterruptedException {
                return model.call(prompt, patience, 0);
            }

            @Override
            public void close() {
                model.close();
            }
        });
    }

    /** Nobody: the rules decide every tick, and every tick says so. */
    private static final class NoModel implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return CompletableFuture.failedFuture(
                    new ModelUnavailableException(id(), "none was chosen; name one with --model", null));
        }

        @Override
        public String id() {
            return "none";
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }
}
