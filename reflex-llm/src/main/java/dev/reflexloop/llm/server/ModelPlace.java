package dev.reflexloop.llm.server;

import java.util.List;

/**
 * A folder or a server, and the models that an {@link Inventory} found there. Immutable.
 *
 * @param kind what it is
 * @param address the folder's path or the server's address, without its key
 * @param models the models, those that are loaded first, then by name
 * @param problems what could not be found out, and why: that the server is down, that a file is damaged; empty when all was well
 */
public record ModelPlace(Kind kind, String address, List<ModelEntry> models, List<String> problems) {
    /** What a place of models is. */
    public enum Kind {
        /** A folder with .gguf files. */
        FOLDER,
        /** A llama-server. */
        LLAMA_SERVER,
        /** An Ollama. */
        OLLAMA
    }

    /** Copies. */
    public ModelPlace {
        models = List.copyOf(models);
        problems = List.copyOf(problems);
    }
}
