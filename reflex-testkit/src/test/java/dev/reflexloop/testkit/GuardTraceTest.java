package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Alert;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Mission;
import dev.reflexloop.Mission.Ending;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.Signal;
import dev.reflexloop.Target;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.TrajectoryRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Recorded loops, each with what a person says about it: the guard says the same. Recorded once, by {@link GuardTraceRecorder}, and
 * replayed through a loop on the clock of the record; those of Robocode are excerpts of games that were played for other ends.
 */
class GuardTraceTest {
    private static final Path FOLDER = Path.of("src", "test", "resources", "guard-traces");
    /** Robocode counts on from a multiple of 100,000 in each round. */
    private static final long MOST_TICKS_BETWEEN_STEPS = 30;

    private final RecordingAlerts alerts = new RecordingAlerts();

    static Stream<Path> traces() throws IOException {
        try (Stream<Path> files = Files.list(FOLDER)) {
            return files.sorted().toList().stream();
        }
    }

    static Stream<GuardStory> stories() {
        return GuardStories.all().stream();
    }

    @Test
    void traces_ofBothKinds_areThere() throws IOException {
        List<String> expected =
                traces().map(each -> GuardTrace.read(each).expected()).toList();
        assertThat(expected).hasSizeGreaterThanOrEqualTo(20);
        assertThat(expected.stream().filter(GuardStory.NONE::equals)).hasSizeGreaterThanOrEqualTo(10);
        assertThat(new HashSet<>(expected))
                .contains("STUCK", "OSCILLATION", "DUPLICATE", "ROUNDS", "UNREADABLE", GuardStory.NONE);
    }

    @ParameterizedTest
    @MethodSource("traces")
    void trace_replayed_endsAsAPersonExpects(Path file) throws Exception {
        GuardTrace trace = GuardTrace.read(file);
        LoopGuard guard = trace.settings().guard(alerts).build();
        Mission mission = replay(trace, guard);
        assertThat(verdict(mission))
                .as("%s: %s", file.getFileName(), trace.why())
                .isEqualTo(trace.expected());
        assertThat(alerts.await(1, Driving.PATIENCE)).isTrue();
        assertThat(alerts.alerts()).extracting(Alert::id).containsExactly(mission.id());
    }

    @ParameterizedTest
    @MethodSource("stories")
    void story_played_endsAsAPersonExpects(GuardStory story) throws Exception {
        LoopGuard guard = story.settings().guard(alerts).build();
        GuardTraceRecorder.Played played = GuardTraceRecorder.play(story, guard, TrajectoryLogger.disabled());
        assertThat(verdict(played.mission())).as(story.why()).isEqualTo(story.expected());
        Decision last = played.decisions().get(played.decisions().size() - 1);
        assertThat(last.served() == Served.HOLD)
                .as("holds still at the end")
                .isEqualTo(!story.expected().equals(GuardStory.NONE));
        assertThat(alerts.await(1, Driving.PATIENCE)).isTrue();
        assertThat(alerts.alerts())
                .extracting(Alert::id)
                .containsExactly(played.mission().id());
    }

    private static String verdict(Mission mission) {
        return mission.ending().map(Ending::name).orElse(GuardStory.NONE);
    }

    private static Mission replay(GuardTrace trace, LoopGuard guard) {
        TrajectoryRecord.Header header =
                (TrajectoryRecord.Header) trace.records().get(0);
        List<TrajectoryRecord.Decided> steps = new ArrayList<>();
        for (TrajectoryRecord each : trace.records()) {
            if (each instanceof TrajectoryRecord.Decided step) {
                steps.add(step);
            }
        }
        ManualClock clock = new ManualClock(header.startedAt());
        TrajectoryRecord.Decided[] now = new TrajectoryRecord.Decided[1];
        ScriptedModel model = ScriptedModel.answering(question -> GuardStory.answer(
                now[0].action() + now[0].target().map(target -> ":" + target).orElse("")));
        try (ReflexLoop loop = ReflexLoop.builder(schema(header, trace.idle(), steps), model)
                .clock(clock)
                .guard(guard)
                .goal(Goal.of(header.session()))
                .build()) {
            TrajectoryRecord.Decided before = steps.get(0);
            for (TrajectoryRecord.Decided step : steps) {
                now[0] = step;
                clock.advance(passed(trace, before, step));
                before = step;
                loop.decide(step.perception());
                for (GuardStory.Reply reply : trace.replies().getOrDefault(step.id(), List.of())) {
                    guard.signal(guard.mission().id(), Signal.of(reply.exitCode()), reply.actions());
                }
            }
            return guard.mission();
        }
    }

    private static Duration passed(GuardTrace trace, TrajectoryRecord.Decided before, TrajectoryRecord.Decided step) {
        if (trace.tickMillis() == 0) {
            return Duration.between(before.at(), step.at());
        }
        long ticks = step.perception().tick() - before.perception().tick();
        return Duration.ofMillis(trace.tickMillis() * Math.min(ticks, MOST_TICKS_BETWEEN_STEPS));
    }

    /** The recorded actions, with all targets that were ever taken. */
    private static ActionSchema schema(
            TrajectoryRecord.Header header, String idle, List<TrajectoryRecord.Decided> steps) {
        ActionSchema.Builder schema = ActionSchema.builder(header.schema());
        for (Action action : header.actions()) {
            schema.action(action.name(), action.description());
            Set<String> ids = new HashSet<>();
            steps.stream()
                    .filter(step -> step.action().equals(action.name()))
                    .forEach(step -> step.target().ifPresent(ids::add));
            List<Target> targets = ids.stream().sorted().map(Target::of).toList();
            if (!targets.isEmpty()) {
                schema.targets(action.name(), (Perception perception) -> targets);
            }
        }
        return schema.idle(idle).build();
    }
}
