package dev.reflexloop.testkit;

import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Signal;
import dev.reflexloop.TrajectoryLogger;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Plays the {@link GuardStories}: unguarded, to record them as traces, or guarded, to see them stopped. */
final class GuardTraceRecorder {
    private GuardTraceRecorder() {}

    /** What came of a story. */
    record Played(Mission mission, List<Decision> decisions, List<String> signals) {}

    /** Writes all traces into a folder. */
    public static void main(String[] arguments) throws IOException {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        for (GuardStory story : GuardStories.all()) {
            Path file = folder.resolve(story.name() + ".jsonl");
            Files.deleteIfExists(file);
            List<String> lines = new ArrayList<>();
            lines.add(GuardTrace.expectation(story.expected(), story.why(), story.settings()));
            try (TrajectoryLogger logger = TrajectoryLogger.file(file)) {
                lines.addAll(play(story, LoopGuard.disabled(), logger).signals());
            }
            List<String> log = Files.readAllLines(file);
            log.removeIf(
                    line -> line.startsWith("{\"type\":\"outcome\"")); // the world reports none; these are of the end
            lines.addAll(1, log);
            Files.write(file, lines);
        }
    }

    /** Plays a story as long as it lasts; what a stopped bot does is up to its loop. */
    static Played play(GuardStory story, LoopGuard guard, TrajectoryLogger logger) {
        GuardWorld world = story.world().get();
        ManualClock clock = new ManualClock();
        List<Decision> decisions = new ArrayList<>();
        List<String> signals = new ArrayList<>();
        int[] tick = new int[1];
        ScriptedModel model = ScriptedModel.answering(
                question -> GuardStory.answer(story.player().choose(world, tick[0])));
        Mission mission;
        try (ReflexLoop loop = ReflexLoop.builder(GuardStory.SCHEMA, model)
                .clock(clock)
                .guard(guard)
                .logger(logger)
                .session(story.name())
                .goal(Goal.of(story.name()))
                .build()) {
            for (; tick[0] < story.ticks(); tick[0]++) {
                clock.advance(Duration.ofMillis(story.tickMillis()));
                Decision decision = loop.decide(world.see(tick[0], clock.instant()));
                decisions.add(decision);
                world.act(
                        decision.action().name(),
                        decision.target().map(target -> target.id()).orElse(""));
                Optional<GuardStory.Reply> reply = story.strategist().reply(world, tick[0]);
                reply.ifPresent(said -> {
                    guard.signal(guard.mission().id(), Signal.of(said.exitCode()), said.actions());
                    signals.add(GuardTrace.signal(decision.id(), said));
                });
            }
            mission = guard.mission();
        }
        return new Played(mission, decisions, signals);
    }
}
