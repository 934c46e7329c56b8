package dev.reflexloop.llm.server;

import dev.reflexloop.UnusableModelException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Looks for the llama-server program. Immutable.
 *
 * @param named what the system property {@value #PROPERTY} says, or blank
 * @param environment the environment's variables
 * @param home the user's folder
 * @param windows whether programs end in {@code .exe}
 */
record LlamaExecutable(String named, Map<String, String> environment, Path home, boolean windows) {
    static final String PROPERTY = "reflex.llama.server";
    static final String VARIABLE = "REFLEX_LLAMA_SERVER";

    static LlamaExecutable ofThisMachine() {
        return new LlamaExecutable(
                System.getProperty(PROPERTY, ""),
                System.getenv(),
                Path.of(System.getProperty("user.home", ".")),
                KeptProcess.isWindows());
    }

    /**
     * The program that is named, or else the first one that is found. What is named and is not there is an error, never passed over.
     *
     * @param model the model it is for, for the message
     */
    Path find(Path model) {
        if (!named.isBlank()) {
            return checked(model, Path.of(named), "the system property " + PROPERTY);
        }
        String variable = environment.getOrDefault(VARIABLE, "");
        if (!variable.isBlank()) {
            return checked(model, Path.of(variable), "the environment variable " + VARIABLE);
        }
        return installed().orElseThrow(() -> new UnusableModelException(model.toString(), missing(), null));
    }

    static Path checked(Path model, Path program, String source) {
        if (!Files.isRegularFile(program) || !Files.isExecutable(program)) {
            throw new UnusableModelException(
                    model.toString(),
                    source + " names " + program
                            + " as the llama-server, which is no program that can be run; correct it",
                    null);
        }
        return program.toAbsolutePath();
    }

    /** The first one on the search path or in a place where an installer puts it. */
    Optional<Path> installed() {
        return places().stream()
                .map(folder -> folder.resolve(windows ? "llama-server.exe" : "llama-server"))
                .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
                .map(Path::toAbsolutePath)
                .findFirst();
    }

    private List<Path> places() {
        List<Path> places = new ArrayList<>();
        for (String folder : variable("PATH").split(windows ? ";" : File.pathSeparator, -1)) {
            try {
                if (!folder.isBlank()) {
                    places.add(Path.of(folder.replace("\"", "")));
                }
            } catch (InvalidPathException malformed) {
                // An entry that no file system could hold hides no program.
            }
        }
        places.add(home.resolve(".cache/reflex/llama/bin"));
        if (windows) {
            String local = variable("LOCALAPPDATA");
            if (!local.isBlank()) {
                places.add(Path.of(local, "Microsoft", "WinGet", "Links"));
            }
        } else {
            for (String folder : List.of(
                    "/usr/local/bin",
                    "/usr/bin",
                    "/opt/homebrew/bin",
                    "/opt/local/bin",
                    "/home/linuxbrew/.linuxbrew/bin")) {
                places.add(Path.of(folder));
            }
        }
        return places;
    }

    /** Windows writes the names of its variables in any case. */
    private String variable(String name) {
        return environment.entrySet().stream()
                .filter(entry -> windows
                        ? entry.getKey().equalsIgnoreCase(name)
                        : entry.getKey().equals(name))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElse("");
    }

    private static String missing() {
        return "no llama-server was found on the PATH or where it is usually installed. Install it with"
                + " 'apt install llama.cpp' (Debian, Ubuntu) or an archive from https://github.com/ggml-org/llama.cpp/releases"
                + " on Linux, 'brew install llama.cpp' on macOS, 'winget install llama.cpp' on Windows; or say where it is, with"
                + " executable(...), the system property " + PROPERTY + " or the environment variable " + VARIABLE;
    }
}
