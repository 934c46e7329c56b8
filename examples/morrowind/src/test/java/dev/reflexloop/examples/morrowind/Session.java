package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Runs the bridge, the scripted pilot and the scripted strategist as processes of their own, in one folder. One thread at a time. */
final class Session implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final Map<String, String> environment;
    private final String python;
    private final Deque<Process> started = new ArrayDeque<>();

    Session(Path folder) throws IOException {
        this(folder, Map.of());
    }

    /** The same with an environment of its own. */
    Session(Path folder, Map<String, String> environment) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.environment = environment;
        this.python = python();
    }

    private static String python() {
        for (String name : List.of("python3", "python")) {
            try {
                Process process =
                        new ProcessBuilder(name, "-c", "import sys; sys.exit(sys.version_info < (3, 8))").start();
                if (process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0) {
                    return name;
                }
            } catch (IOException notThere) {
                // the next name
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        Assumptions.abort("the scripted pilot needs Python 3.8 or newer as python3, which is not there");
        return "";
    }

    Path folder() {
        return folder;
    }

    /** Starts the bridge and waits until it plays. */
    Process bridge(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                "-cp",
                System.getProperty("java.class.path"),
                Morrowind.class.getName(),
                "--folder",
                folder.toString()));
        command.addAll(List.of(options));
        Process bridge = start("bridge", command);
        Path output = output("bridge");
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!Files.readString(output).contains("The reflex plays") && System.nanoTime() < end) {
            assertThat(bridge.waitFor(20, TimeUnit.MILLISECONDS))
                    .as(() -> said("bridge"))
                    .isFalse();
        }
        return bridge;
    }

    /** Starts a script of the example. */
    Process script(String name, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                python, Path.of("pilot", name + ".py").toAbsolutePath().toString(), "--folder", folder.toString()));
        command.addAll(List.of(options));
        return start(name, command);
    }

    /** Starts any program. */
    Process start(String name, List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output(name).toFile()));
        builder.environment().putAll(environment);
        Process process = builder.start();
        started.push(process);
        return process;
    }

    private Path output(String name) {
        return folder.resolve(name + ".out");
    }

    /** What a process printed. */
    String said(String name) {
        try {
            return Files.readString(output(name));
        } catch (IOException unreadable) {
            return "(" + unreadable + ")";
        }
    }

    /** Waits until a process has ended well. */
    void await(String name, Process process, Duration most) throws InterruptedException {
        assertThat(process.waitFor(most.toSeconds(), TimeUnit.SECONDS))
                .as("%s ends within %s", name, most)
                .isTrue();
        assertThat(process.exitValue()).as(() -> said(name)).isZero();
    }

    JsonNode stats() throws IOException {
        return JSON.readTree(folder.resolve("stats.json").toFile());
    }

    /** The lines of a file of JSON lines, of one type. */
    List<JsonNode> lines(String file, String type) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(folder.resolve(file))) {
            JsonNode json = JSON.readTree(line);
            if (json.path("type").asText().equals(type)) {
                lines.add(json);
            }
        }
        return lines;
    }

    @Override
    public void close() {
        for (Process process : started) {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }
}
