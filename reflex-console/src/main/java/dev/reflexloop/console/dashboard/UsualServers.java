package dev.reflexloop.console.dashboard;

import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.ModelPlace;
import java.util.List;
import java.util.stream.Stream;

/** Where model servers usually listen on this machine. */
public final class UsualServers {
    /** llama-server's own default, and the port of the original reflex. */
    private static final List<String> LLAMA_SERVERS = List.of("http://127.0.0.1:8080", "http://127.0.0.1:8082");

    private static final List<String> OLLAMAS = List.of("http://127.0.0.1:11434");

    private UsualServers() {}

    /**
     * Where a llama-server listens.
     *
     * @return addresses
     */
    public static List<Endpoint> llamaServers() {
        return LLAMA_SERVERS.stream().map(Endpoint::of).toList();
    }

    /**
     * Where an Ollama listens.
     *
     * @return addresses
     */
    public static List<Endpoint> ollamas() {
        return OLLAMAS.stream().map(Endpoint::of).toList();
    }

    /**
     * All of them for people.
     *
     * @return the addresses in a row
     */
    public static String words() {
        return String.join(
                ", ", Stream.concat(LLAMA_SERVERS.stream(), OLLAMAS.stream()).toList());
    }

    /**
     * What a place of models is called.
     *
     * @param kind the kind of place
     * @return its name
     */
    public static String name(ModelPlace.Kind kind) {
        return switch (kind) {
            case FOLDER -> "folder";
            case LLAMA_SERVER -> "llama-server";
            case OLLAMA -> "Ollama";
        };
    }
}
