package dev.reflexloop;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/** Records for tests of the trajectory log. */
final class TrajectorySamples {
    static final Instant AT = Instant.parse("2026-01-02T03:04:05.678Z");
    static final ActionSchema SCHEMA = ActionSchema.builder("samples")
            .action("wait", "stand still")
            .action("fight", "attack")
            .idle("wait")
            .build();

    private TrajectorySamples() {}

    static Step step(String session, long number) {
        return step(session, number, "Seyda Neen");
    }

    static Step step(String session, long number, String place) {
        return step(session, number, place, Optional.empty());
    }

    static Step step(String session, long number, String place, Optional<Situation> situation) {
        Perception perception = Perception.builder("bot", number)
                .fact("health", 80.5)
                .fact("place", place)
                .fact("armed", true)
                .fact("npcs", List.of(Map.of("name", Fact.of("Fargoth")), Map.of()))
                .choices(List.of("yes", "no"))
                .at(AT)
                .build();
        Answer answer = new Answer(
                "model",
                Optional.of("adapter"),
                Map.of("fight", 0.75, "wait", 0.25),
                OptionalDouble.of(0.98),
                Map.of(),
                Map.of(),
                Optional.of("<health=80..90> "),
                Timings.unknown());
        Decision decision = new Decision(
                session + "-" + number,
                AT,
                perception,
                Goal.of("survive"),
                SCHEMA.actions(),
                SCHEMA.actions().get(1),
                Optional.of(Target.of("rat")),
                Served.MODEL,
                Optional.empty(),
                Optional.of(answer),
                Duration.ofNanos(3_400_999),
                false,
                Optional.empty(),
                false,
                Optional.empty(),
                situation);
        return new Step(session, decision, Optional.of("wait"));
    }

    static Outcome outcome(String step) {
        return new Outcome(step, 0.4, Optional.of("chosen"), List.of("entered_area"), Outcome.ClosedBy.GAME, AT);
    }
}
