package dev.reflexloop.training;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/*
 * OpenMP reads its variables when the library is loaded, so they must be in the environment before the process exists.
 * PASSIVE matters most: spinning workers make every product several times slower as soon as anything else runs.
 *
 * The options go into an argument file (java @file), because a class path may be longer than a command line of Windows.
 */
/** A JVM that trains. Start it, then {@link #await}; one thread at a time. */
final class ChildProcess {

    private static final int LAST_LINES = 25;
    private static final long STOP_SECONDS = 10;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final Path output;
    private final Deque<String> lastLines = new ArrayDeque<>();
    private @Nullable TrainingReport report;
    private @Nullable TrainingException error;

    private ChildProcess(Process process, Path output) {
        this.process = process;
        this.output = output;
    }

    /** What the JVM itself is given. */
    record Settings(int threads, int heapMegabytes, Optional<Path> nativeCache) {}

    static ChildProcess start(TrainingPlan plan, Settings settings, List<Path> classPath) {
        try {
            Path arguments = plan.scratch().resolve("java.args");
            Files.writeString(arguments, argumentFile(plan.scratch(), settings, classPath));
            ProcessBuilder builder = new ProcessBuilder(javaExecutable().toString(), "@" + arguments);
            Map<String, String> environment = builder.environment();
            environment.put("OMP_NUM_THREADS", Integer.toString(settings.threads()));
            environment.put("OPENBLAS_NUM_THREADS", Integer.toString(settings.threads()));
            environment.put("MKL_NUM_THREADS", Integer.toString(settings.threads()));
            environment.put("OMP_WAIT_POLICY", "PASSIVE");
            environment.remove("JDK_JAVA_OPTIONS");
            environment.remove("CLASSPATH");
            ChildProcess child = new ChildProcess(builder.start(), plan.output());
            child.send(plan.toJson());
            return child;
        } catch (IOException failure) {
            throw new TrainingException(
                    TrainingException.Reason.CHILD_DIED,
                    plan.output().toString(),
                    "The training process could not be started (" + failure + "); check that " + javaExecutable()
                            + " can be run and that the temporary folder is writable",
                    failure);
        }
    }

    private static Path javaExecutable() {
        boolean windows = File.separatorChar == '\\';
        return Path.of(System.getProperty("java.home"), "bin", windows ? "java.exe" : "java");
    }

    static String argumentFile(Path scratch, Settings settings, List<Path> classPath) {
        List<String> lines = new ArrayList<>();
        lines.add("-Xmx" + settings.heapMegabytes() + "m");
        lines.add("-XX:+UseSerialGC");
        lines.add("-XX:ErrorFile=" + scratch.resolve("crash.log"));
        lines.add("-Djava.awt.headless=true");
        lines.add("-Dorg.bytedeco.javacpp.nopointergc=true");
        lines.add("-Dorg.bytedeco.javacpp.maxPhysicalBytes=0");
        settings.nativeCache()
                .ifPresent(folder -> lines.add("-Dorg.bytedeco.javacpp.cachedir=" + folder.toAbsolutePath()));
        if (Runtime.version().feature() >= 22) {
            lines.add("--enable-native-access=ALL-UNNAMED");
        }
        lines.add("-cp");
        lines.add(classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator)));
        lines.add(TrainingWorker.class.getName());
        return lines.stream()
                .map(line -> "\"" + line.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\n")
                .collect(Collectors.joining());
    }

    private void send(String line) throws IOException {
        OutputStream in = process.getOutputStream();
        in.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        in.flush();
    }

    long pid() {
        return process.pid();
    }

    /**
     * Passes on progress until the process has ended.
     *
     * @throws TrainingException if it did not write a model
     */
    TrainingReport await(Consumer<TrainingProgress> listener) {
        Thread errors = new Thread(() -> collect(process.getErrorStream()), "reflex-training-errors");
        errors.setDaemon(true);
        errors.start();
        InterruptibleLines lines = new InterruptibleLines(process.getInputStream());
        boolean interrupted = false;
        try {
            for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
                event(line.get(), listener);
            }
            process.waitFor();
            errors.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        } catch (InterruptedException wanted) {
            interrupted = true;
            stop();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
            throw new TrainingException(
                    TrainingException.Reason.INTERRUPTED,
                    output.toString(),
                    "Training was interrupted; start it again with the same settings to go on from the last checkpoint",
                    null);
        }
        return result();
    }

    /** Asks for a checkpoint and the end, and kills what does not obey. */
    private void stop() {
        try {
            send("stop");
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (IOException | InterruptedException gone) {
            process.destroyForcibly();
        }
    }

    /** Kills the process if it still runs. Idempotent. */
    void destroy() {
        process.destroyForcibly();
    }

    private TrainingReport result() {
        TrainingReport done = report;
        if (done != null) {
            return done;
        }
        if (error != null) {
            throw new TrainingException(error.reason(), error.subject(), error.getMessage() + withLastLines(), null);
        }
        int exit = process.exitValue();
        boolean killed = exit == 137 || exit == 9;
        throw new TrainingException(
                TrainingException.Reason.CHILD_DIED,
                output.toString(),
                "The training process ended with exit code " + exit
                        + (killed
                                ? ", as when it is killed from outside, often because the machine ran out of memory; free"
                                        + " some, or train a smaller model with a smaller batch"
                                : "; its last lines say why")
                        + ". Starting again with the same settings goes on from the last checkpoint" + withLastLines(),
                null);
    }

    private String withLastLines() {
        synchronized (lastLines) {
            return lastLines.isEmpty()
                    ? ""
                    : "\nLast lines of the training process:\n  " + String.join("\n  ", lastLines);
        }
    }

    private void collect(InputStream stream) {
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                keep(line);
            }
        } catch (IOException ended) {
            // The stream breaks when the process is killed; what was read is kept.
        }
    }

    private void keep(String line) {
        synchronized (lastLines) {
            lastLines.add(line);
            if (lastLines.size() > LAST_LINES) {
                lastLines.remove();
            }
        }
    }

    private void event(String line, Consumer<TrainingProgress> listener) {
        JsonNode json;
        try {
            json = JSON.readTree(line);
        } catch (JsonProcessingException noEvent) {
            keep(line);
            return;
        }
        switch (json.path("event").asText()) {
            case "progress" -> listener.accept(Events.progress(json));
            case "done" -> report = TrainingReport.fromJson(json.path("report"));
            case "error" -> error = Events.error(json);
            default -> keep(line);
        }
    }
}
