package dev.reflexloop.console.replay;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.llm.nano.NanoModel;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.LlamaServerModel;
import dev.reflexloop.llm.server.OllamaModel;
import dev.reflexloop.llm.server.SystemOneModel;
import java.nio.file.Path;
import java.util.Map;

/** Opens the model that a person names. */
public final class OtherModel {
    /** The environment variable with the key of the model's server. */
    public static final String KEY = "REFLEX_MODEL_KEY";

    /** What a person may name. */
    public static final String SPELLING =
            "FILE.gguf, llama-server:URL, ollama:NAME[@URL], system-one:[NAME@]URL, or always:ACTION";

    private static final String OLLAMA = "http://127.0.0.1:11434";

    private OtherModel() {}

    /**
     * Opens a model. A file is loaded; a server need not be there yet.
     *
     * @param spec as {@link #SPELLING} says
     * @param environment where {@link #KEY} is looked for
     * @return the model, to be closed by the caller
     * @throws IllegalArgumentException if there is no such kind of model
     * @throws dev.reflexloop.ReflexException if the file cannot be loaded
     */
    public static ReflexModel open(String spec, Map<String, String> environment) {
        int colon = spec.indexOf(':');
        String rest = spec.substring(colon + 1);
        int at = rest.indexOf('@');
        String name = at < 0 ? "" : rest.substring(0, at);
        String address = rest.substring(at + 1);
        switch (colon < 0 ? "" : spec.substring(0, colon)) {
            case "llama-server":
                return LlamaServerModel.builder(endpoint(rest, environment)).build();
            case "ollama":
                String model = at < 0 ? rest : name;
                return OllamaModel.builder(endpoint(at < 0 ? OLLAMA : address, environment), model)
                        .build();
            case "system-one":
                return SystemOneModel.builder(endpoint(address, environment))
                        .model(name)
                        .build();
            case "always":
                return new FixedModel(rest);
            default:
                if (!spec.endsWith(".gguf")) {
                    throw new IllegalArgumentException("There is no model '" + spec + "'; give " + SPELLING + '.');
                }
                return NanoModel.load(Path.of(spec));
        }
    }

    private static Endpoint endpoint(String address, Map<String, String> environment) {
        Endpoint endpoint = Endpoint.of(address);
        String key = environment.getOrDefault(KEY, "").strip();
        return key.isEmpty() ? endpoint : endpoint.apiKey(key);
    }
}
