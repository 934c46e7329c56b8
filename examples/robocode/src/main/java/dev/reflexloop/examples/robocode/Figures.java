package dev.reflexloop.examples.robocode;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Writes figures as data, with where they come from, for the documents that quote them. */
final class Figures {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double PRECISION = 1e4;

    private Figures() {}

    /** Writes {@code <topic>.json} and returns its path. */
    static Path write(Path folder, String topic, String command, Map<String, Double> figures) throws IOException {
        ObjectNode json = JSON.createObjectNode();
        json.put("topic", topic);
        json.put("date", Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
        json.put("commit", commit());
        json.put("machine", Runtime.getRuntime().availableProcessors() + " x " + processor());
        json.put("jvm", System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
        json.put("command", command);
        ObjectNode values = json.putObject("figures");
        figures.forEach((name, value) -> {
            if (value == Math.rint(value)) {
                values.put(name, Math.round(value));
            } else {
                values.put(name, Math.round(value * PRECISION) / PRECISION);
            }
        });
        Path file = Files.createDirectories(folder).resolve(topic + ".json");
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
        return file.toAbsolutePath().normalize();
    }

    private static String processor() {
        Path info = Path.of("/proc/cpuinfo");
        try (Stream<String> lines = Files.exists(info) ? Files.lines(info) : Stream.empty()) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        } catch (IOException e) {
            return System.getProperty("os.arch");
        }
    }

    /** The commit of the clone, marked where something but results differs from it; "unknown" outside of one. */
    private static String commit() {
        String head = git("rev-parse", "--short=12", "HEAD");
        if (head.isEmpty()) {
            return "unknown";
        }
        return git("status", "--porcelain", "--", ":/", ":(exclude,top)benchmarks/results")
                        .isEmpty()
                ? head
                : head + "-dirty";
    }

    private static String git(String... arguments) {
        List<String> command = new ArrayList<>(List.of("git"));
        command.addAll(List.of(arguments));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            try (InputStream out = process.getInputStream()) {
                return new String(out.readAllBytes(), StandardCharsets.UTF_8).strip();
            }
        } catch (IOException e) {
            return "";
        }
    }
}
