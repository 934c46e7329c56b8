package dev.reflexloop.examples.morrowind;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TrajectoryLogger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Logs what the rule does in {@link DrawnWorld}, so that a model can learn it, and beside the logs the arguments with which the trainer makes
 * the model of this example from them.
 *
 * <p>System properties: {@code reflex.record.folder} (target/train), whose logs are replaced; {@code reflex.record.sessions} (120).
 */
public final class RecordWorld {
    private static final int STEPS = 250;
    private static final int FLUSH_EVERY = 10;

    /**
     * A speed of the game at which its cooldowns are over at once. Recording takes no time, so that at any other speed the first quicksave of
     * a session is its only one; the model has to see both.
     */
    private static final double NO_COOLDOWN = 1e9;

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private RecordWorld() {}

    /**
     * Logs, and writes the arguments.
     *
     * @param arguments none
     * @throws IOException if a file cannot be written
     */
    public static void main(String[] arguments) throws IOException {
        Path folder = Path.of(System.getProperty("reflex.record.folder", "target/train"));
        Path logs = Files.createDirectories(folder.resolve("logs"));
        try (Stream<Path> earlier = Files.list(logs)) {
            for (Path each : earlier.toList()) {
                Files.delete(each);
            }
        }
        int sessions = Math.max(10, Integer.getInteger("reflex.record.sessions", 120));
        record(logs.resolve("drawn.jsonl"), sessions);
        Files.write(folder.resolve("nano.args"), trainerArguments(folder, logs));
        System.out.printf("%d decisions of the rule logged in %s%n", sessions * STEPS, logs);
    }

    private static void record(Path file, int sessions) throws IOException {
        try (TrajectoryLogger log = TrajectoryLogger.file(file)) {
            for (int session = 0; session < sessions; session++) {
                ActionSchema schema = Tactic.schema(session % 2 == 0 ? 1 : NO_COOLDOWN);
                Rule rule = new Rule(schema);
                ReflexModel model = rule.asModel();
                DrawnWorld world = new DrawnWorld(session);
                try (ReflexLoop loop = ReflexLoop.builder(schema, model)
                        .logger(log)
                        .teacher(rule)
                        .session("drawn-" + session)
                        .build()) {
                    for (int step = 0; step < STEPS; step++) {
                        loop.decide(world.next());
                    }
                }
                if (session % FLUSH_EVERY == 0 && !log.flush(PATIENCE)) {
                    throw new IOException("the log " + file + " lost records; check the space on the disk");
                }
            }
            if (!log.flush(PATIENCE) || log.lost() > 0) {
                throw new IOException("the log " + file + " lost records; check the space on the disk");
            }
        }
    }

    /** The main class of the trainer and its arguments, one a line, for a Java argument file. */
    private static List<String> trainerArguments(Path folder, Path logs) {
        List<String> lines = new ArrayList<>(List.of(
                "dev.reflexloop.training.TrainNano",
                "--out",
                quoted(folder.resolve("nano.gguf")),
                "--label",
                "teacher",
                "--ignore",
                Sight.OPTIONS,
                "--bands",
                "6",
                "--records",
                "2",
                "--layers",
                "3",
                "--width",
                "96",
                "--heads",
                "4",
                "--feed-forward",
                "256",
                "--context",
                "96",
                "--type",
                "f16",
                "--minutes",
                "10"));
        Rule.edges().forEach((fact, edges) -> {
            lines.add("--edges");
            lines.add(
                    fact + "=" + Arrays.stream(edges).mapToObj(Double::toString).collect(Collectors.joining(",")));
        });
        lines.add(quoted(logs));
        return lines;
    }

    private static String quoted(Path path) {
        return "\"" + path.toAbsolutePath().toString().replace("\\", "\\\\") + "\"";
    }
}
