package dev.reflexloop.console;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.Guidance;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Situation;
import dev.reflexloop.Target;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.escalation.FileEscalationSink;
import dev.reflexloop.testkit.ScriptedModel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A bot that plays for tests: a real loop that leaves a trajectory log, telemetry and escalations in a folder. Its model is a function, so
 * that what it decides is known. As a program it plays until it is told to end, and prints the guidance that it gets.
 */
public final class PlayingBot implements AutoCloseable {
    private static final double SURE = 0.71;

    private final FileEscalationSink strategist;
    private final TrajectoryLogger log;
    private final TelemetryBus bus;
    private final ReflexLoop loop;
    private long tick;

    public PlayingBot(Path folder, String session) {
        ActionSchema schema = ActionSchema.builder("town")
                .action("fight", "attack whoever is near")
                .action("flee", "run away")
                .action(
                        Action.of("talk", "answer somebody"),
                        seen -> !seen.choices().isEmpty())
                .action("wait", "stand still")
                .idle("wait")
                .targets("fight", seen -> List.of(Target.of("guard")))
                .targets("talk", seen -> seen.choices().stream().map(Target::of).toList())
                .build();
        this.log = TrajectoryLogger.file(folder.resolve("trajectory.jsonl"));
        this.bus =
                TelemetryBus.builder().file(folder.resolve("telemetry.jsonl")).build();
        this.strategist = FileEscalationSink.builder(folder.resolve("escalation.txt"))
                .pause(Duration.ZERO)
                .build();
        this.loop = ReflexLoop.builder(schema, ScriptedModel.answering(PlayingBot::answer))
                .budget(Duration.ofSeconds(5))
                .session(session)
                .logger(log)
                .telemetry(bus)
                .escalateWhen(EscalationPolicy.builder()
                        .when(
                                Situation.Kind.DIALOGUE,
                                seen -> !seen.choices().isEmpty(),
                                seen -> "A guard stops you.",
                                Situation.Option.choicesOf("talk"))
                        .build())
                .escalateTo(strategist)
                .onGuidance(strategist.inbox())
                .build();
        strategist.inbox().guides(this::guided);
    }

    private void guided(Guidance guidance) {
        System.out.println("GUIDED " + guidance.action().orElse("-") + ' '
                + guidance.target().orElse("-") + ' '
                + guidance.goal().map(goal -> goal.text()).orElse("-"));
        System.out.flush();
        loop.guide(guidance);
    }

    private static Answer answer(Question question) {
        if (question.perception().number("health", 100) < 10) {
            throw new IllegalStateException("it does not know what to do");
        }
        Map<String, Double> probabilities = new LinkedHashMap<>();
        double rest = (1 - SURE) / Math.max(1, question.legal().size() - 1);
        question.legal().forEach(action -> probabilities.put(action.name(), rest));
        probabilities.put(question.perception().number("health", 100) < 50 ? "flee" : "fight", SURE);
        return Answer.of("nano-town", probabilities);
    }

    /** Plays one tick; with a health below 10 its model fails, below 50 it flees. */
    public Decision tick(double health) {
        return loop.decide(
                Perception.builder("guard-7", ++tick).fact("health", health).build());
    }

    /** Somebody asks the bot something, so that it hands over. */
    public Decision asked(String... choices) {
        return loop.decide(Perception.builder("guard-7", ++tick)
                .fact("health", 100)
                .choices(List.of(choices))
                .build());
    }

    public void closed(Decision decision, String label) {
        loop.outcome(new Outcome(
                decision.id(), 0.5, Optional.of(label), List.of("test"), Outcome.ClosedBy.GAME, Instant.now()));
    }

    public FileEscalationSink strategist() {
        return strategist;
    }

    @Override
    public void close() {
        loop.close();
        strategist.close();
        log.close();
        bus.close();
    }

    /** Plays in a folder, ten ticks a second, and is asked something in its second one, until it is told to end by a line. */
    public static void main(String[] words) throws IOException, InterruptedException {
        try (PlayingBot bot = new PlayingBot(Path.of(words[0]), "session-of-the-bot")) {
            for (int i = 0; System.in.available() == 0; i++) {
                Decision decision = i == 1 ? bot.asked("Pay the fine", "Resist arrest") : bot.tick(95 - i % 10 * 10);
                if (i % 3 == 0) {
                    bot.closed(decision, i % 2 == 0 ? "chosen" : "rejected");
                }
                System.out.println("TICK " + i);
                System.out.flush();
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }
}
