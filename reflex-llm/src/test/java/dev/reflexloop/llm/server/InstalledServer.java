package dev.reflexloop.llm.server;

import dev.reflexloop.UnusableModelException;
import java.nio.file.Path;
import java.util.Optional;

/** The llama-server that tests with a real one use: the one that the product would. */
public final class InstalledServer {
    private InstalledServer() {}

    /** Its path, if there is one. */
    public static Optional<Path> executable() {
        try {
            return Optional.of(LlamaExecutable.ofThisMachine().find(Path.of("model of a test")));
        } catch (UnusableModelException missing) {
            return Optional.empty();
        }
    }
}
