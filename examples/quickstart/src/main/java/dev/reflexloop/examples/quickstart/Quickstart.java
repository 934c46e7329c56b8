package dev.reflexloop.examples.quickstart;

// README begins
import dev.reflexloop.*;
import java.nio.file.Path;
import java.time.Duration;

final class Quickstart {
    enum Tactic {
        FIGHT,
        FLEE,
        WAIT
    }

    public static void main(String[] arguments) {
        ActionSchema schema = ActionSchema.of(Tactic.class, Tactic.WAIT);
        try (ReflexModel model = ReflexModel.blocking("rule", 1, Quickstart::rule);
                TrajectoryLogger log = TrajectoryLogger.file(Path.of("trajectory.jsonl"));
                ReflexLoop loop = ReflexLoop.builder(schema, model)
                        .budget(Duration.ofMillis(200))
                        .logger(log)
                        .build()) {
            for (int tick = 0, health = 95; health > 0; tick++, health -= 10) {
                Perception seen = Perception.builder("bot", tick)
                        .fact("health", health)
                        .fact("enemies", 3)
                        .build();
                Decision decision = loop.decide(seen); // returns within the budget, whatever the model does
                System.out.println(tick + " " + decision.action().name()); // your bot carries it out
                loop.outcome(Outcome.of(decision, -0.1, "lost_health")); // what came of it: models learn from this
            }
        }
    }

    /** Stands in for a model until there is a log to train one from: NanoModel.load(Path.of("bot.gguf")) takes its place. */
    private static Answer rule(Question question, Deadline deadline) {
        return Answer.certain("rule", question.perception().number("health", 100) < 30 ? "flee" : "fight");
    }
}
// README ends
