package dev.reflexloop.telemetry;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.LongStream;

/** A bot that plays and tells a bus of it. */
final class Play {
    private enum Tactic {
        FIGHT,
        FLEE,
        WAIT
    }

    private static final Answer ANSWER = new Answer(
            "tiny",
            Optional.empty(),
            Map.of("fight", 0.75, "flee", 0.2, "wait", 0.05),
            OptionalDouble.empty(),
            Map.of(),
            Map.of(),
            Optional.empty(),
            new Timings(0, 1_000, 16, 100));

    private Play() {}

    /** Plays some ticks with a model that answers the same each time; rewards are 0.5 and -0.25. */
    static List<Decision> decide(TelemetryBus bus, int ticks) {
        ReflexModel model = ReflexModel.blocking("tiny", 1, (question, deadline) -> ANSWER);
        try (model;
                ReflexLoop loop = ReflexLoop.builder(ActionSchema.of(Tactic.class, Tactic.WAIT), model)
                        .budget(Duration.ofSeconds(20))
                        .telemetry(bus)
                        .build()) {
            return LongStream.range(0, ticks)
                    .mapToObj(tick -> {
                        Decision decision = loop.decide(Perception.builder("bot", tick)
                                .fact("health", 90)
                                .build());
                        loop.outcome(Outcome.of(decision, tick % 2 == 0 ? 0.5 : -0.25, "found"));
                        return decision;
                    })
                    .toList();
        }
    }
}
