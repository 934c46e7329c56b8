package dev.reflexloop.console.decisions;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Fact;
import dev.reflexloop.Goal;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Served;
import dev.reflexloop.Step;
import dev.reflexloop.Timings;
import dev.reflexloop.TrajectoryLogger;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Logs for tests, written by the real writer. */
public final class LogSamples {
    public static final Instant AT = Instant.parse("2026-11-21T19:48:27Z");
    public static final ActionSchema SCHEMA = ActionSchema.builder("samples")
            .action("wait", "stand still")
            .action("fight", "attack")
            .idle("wait")
            .build();

    private LogSamples() {}

    /** A step with the id {@code session-tick}, of a model that would fight with a probability. */
    public static Step step(String session, long tick, String entity, Served served, double fight) {
        Perception perception = Perception.builder(entity, tick)
                .fact("health", 80.5)
                .fact("place", "Seyda \u001b[2JNeen <b>&amp;")
                .fact("armed", true)
                .fact("npcs", List.of(Map.of("name", Fact.of("Fargoth"))))
                .choices(List.of("yes", "no"))
                .at(AT.plusMillis(tick))
                .build();
        boolean answered = served != Served.FALLBACK;
        Answer answer = new Answer(
                "model-1",
                Optional.of("adapter"),
                Map.of("fight", fight, "wait", 1 - fight),
                OptionalDouble.of(0.98),
                Map.of(),
                Map.of(),
                Optional.of("<health=80..90> "),
                Timings.unknown());
        Decision decision = new Decision(
                session + "-" + tick,
                AT.plusMillis(tick),
                perception,
                Goal.of("survive"),
                SCHEMA.actions(),
                SCHEMA.actions().get(fight >= 0.5 ? 1 : 0),
                Optional.empty(),
                served,
                answered ? Optional.empty() : Optional.of(Cause.DEADLINE),
                answered ? Optional.of(answer) : Optional.empty(),
                Duration.ofNanos(3_400_000),
                false,
                Optional.empty(),
                false,
                Optional.empty(),
                Optional.empty());
        return new Step(session, decision, Optional.empty());
    }

    /** What the game says of a step. */
    public static Outcome outcome(String step, String label) {
        return new Outcome(step, 0.4, Optional.of(label), List.of("entered_area"), Outcome.ClosedBy.GAME, AT);
    }

    /** What is written into a log. */
    public interface Writing {
        void to(TrajectoryLogger log);
    }

    /** Writes a trajectory log, or goes on with it. */
    public static Path write(Path file, Writing writing) {
        try (TrajectoryLogger log = TrajectoryLogger.file(file)) {
            log.header("s", SCHEMA, AT);
            writing.to(log);
        }
        return file;
    }

    /** A tick of a heartbeat, as its log has it; by the rules when {@code critical} is negative. */
    public static String tick(int number, double critical, String label) {
        String by = critical < 0
                ? "\"severity\":\"fallback\",\"rule_severity\":\"warning\",\"served\":\"FALLBACK\",\"because\":\"MODEL_DOWN\","
                        + "\"model\":null,\"probabilities\":{\"severity\":{},\"actions\":{\"page\":null}}"
                : "\"severity\":\"critical\",\"rule_severity\":\"ok\",\"served\":\"MODEL\",\"because\":null,"
                        + "\"model\":\"llama\",\"probabilities\":{\"severity\":{\"ok\":"
                        + (1 - critical) + ",\"warning\":0,\"critical\":" + critical + "},\"actions\":{}}";
        return "{\"tick_id\":\"20261121T194827Z-2aef1ea9-" + number + "\",\"at\":\"2026-11-21T19:48:27.832803506Z\","
                + "\"perception\":{\"api.state\":\"down\",\"disk.usable_percent\":28.9,\"changed\":null},"
                + "\"decision\":{" + by
                + ",\"actions\":[\"page\"],\"actions_by_rule\":[],\"taken\":{\"page\":\"dry_run\"},"
                + "\"reasoning\":null,\"latency_ms\":7},"
                + "\"alert\":{\"raised\":true,\"told\":\"critical\",\"better_ticks\":0},\"dpo_label\":"
                + (label.isEmpty() ? "null" : '"' + label + '"') + "}\n";
    }

    /** Appends text to a file. */
    public static Path append(Path file, String text) {
        try {
            return Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
