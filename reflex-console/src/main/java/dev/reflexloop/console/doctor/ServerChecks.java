package dev.reflexloop.console.doctor;

import dev.reflexloop.UnusableModelException;
import dev.reflexloop.console.dashboard.UsualServers;
import dev.reflexloop.console.terminal.Text;
import dev.reflexloop.console.terminal.Words;
import dev.reflexloop.llm.server.Endpoint;
import dev.reflexloop.llm.server.Inventory;
import dev.reflexloop.llm.server.LlamaServer;
import dev.reflexloop.llm.server.ModelEntry;
import dev.reflexloop.llm.server.ModelPlace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Programs and servers that answer for models. */
final class ServerChecks {
    private static final Duration PATIENCE = Duration.ofMillis(1_500);
    private static final int MOST_MODELS = 5;
    private static final int MOST_BYTES = 4_096;

    private ServerChecks() {}

    static List<Finding> program() throws IOException, InterruptedException {
        Path program;
        try {
            program = LlamaServer.program();
        } catch (UnusableModelException missing) {
            return List.of(Finding.warn(
                    "llama-server",
                    "not found; needed for GGUF models of a billion parameters, not for embedded ones",
                    String.valueOf(missing.getMessage())));
        }
        String version = firstLine(program, "--version");
        if (version.isEmpty()) {
            return List.of(Finding.fail(
                    "llama-server", program + " does not tell its version", "run it by hand, and install it anew"));
        }
        return List.of(Finding.ok("llama-server", program + ", " + version));
    }

    /** What a program says first, on either of its outputs; empty when it fails or says nothing in time. */
    private static String firstLine(Path program, String option) throws IOException, InterruptedException {
        Path out = Files.createTempFile("reflex-doctor", ".txt");
        Process process = new ProcessBuilder(program.toString(), option)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        try {
            if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS) || process.exitValue() != 0) {
                return "";
            }
            try (var in = Files.newInputStream(out)) {
                String text = new String(in.readNBytes(MOST_BYTES), StandardCharsets.UTF_8);
                return text.lines()
                        .map(Text::plain)
                        .filter(line -> line.contains("version"))
                        .findFirst()
                        .orElse("");
            }
        } finally {
            process.destroyForcibly();
            Files.deleteIfExists(out);
        }
    }

    static List<Finding> servers(List<Endpoint> llamaServers, List<Endpoint> ollamas) throws InterruptedException {
        boolean named = !llamaServers.isEmpty() || !ollamas.isEmpty();
        Inventory.Builder places = Inventory.builder();
        (named ? llamaServers : UsualServers.llamaServers()).forEach(places::llamaServer);
        (named ? ollamas : UsualServers.ollamas()).forEach(places::ollama);
        List<Finding> findings = new ArrayList<>();
        List<ModelPlace> answering = new ArrayList<>();
        try (Inventory inventory = places.build()) {
            for (ModelPlace place : inventory.look(PATIENCE)) {
                String what = UsualServers.name(place.kind());
                if (!place.models().isEmpty() || place.problems().isEmpty()) {
                    answering.add(place);
                    findings.add(Finding.ok(what, place.address() + ": " + models(place)));
                } else if (named) {
                    String problem = Text.plain(String.join("; ", place.problems()));
                    findings.add(Finding.fail(
                            what, place.address() + ": " + problem, "start it there, or correct the address"));
                }
            }
        }
        if (findings.isEmpty()) {
            findings.add(
                    Finding.warn(
                            "model servers",
                            "none answers on " + UsualServers.words(),
                            "none is needed for embedded models; otherwise start one, or name it with --llama-server or --ollama"));
        }
        findings.add(gpu(answering));
        return findings;
    }

    private static String models(ModelPlace place) {
        if (place.models().isEmpty()) {
            return "no models";
        }
        List<String> names = place.models().stream()
                .limit(MOST_MODELS)
                .map(model -> Text.plain(model.name()) + (model.loaded() ? " (loaded)" : ""))
                .toList();
        int more = place.models().size() - names.size();
        return String.join(", ", names) + (more > 0 ? " and " + more + " more" : "");
    }

    private static Finding gpu(List<ModelPlace> places) {
        long video = places.stream()
                .flatMap(place -> place.models().stream())
                .map(ModelEntry::videoBytes)
                .mapToLong(bytes -> bytes.orElse(0))
                .sum();
        return Finding.ok(
                "gpu", video > 0 ? Words.size(video) + " of models in its memory" : "no server says that it uses one");
    }
}
