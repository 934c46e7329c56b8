package dev.reflexloop.examples.robocode;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Answer;
import dev.reflexloop.Deadline;
import dev.reflexloop.LoopStats;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.TrajectoryLogger;
import dev.reflexloop.TrajectoryReader;
import dev.reflexloop.TrajectoryRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Plays short battles in the real engine; one process, because there is one engine in a JVM. */
class RobocodeIT {
    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final int ROUNDS = 3;

    @TempDir
    private Path folder;

    @Test
    void battles_fullSpeedAndRealTime_scoreWithoutLostTurnsAndCloseEveryDecision() throws Exception {
        Path file = folder.resolve("trajectory.jsonl");
        LoopStats stats;
        try (Engine engine = Engine.start();
                TrajectoryLogger log = TrajectoryLogger.file(file);
                Reflex reflex = new Reflex(RobocodeIT::strafe, log, "it")) {
            Cockpit stepped = new SteppedCockpit(reflex, 1);
            Engine.Battle battle = engine.fight(Arena.DUEL, List.of("sample.Fire"), ROUNDS, stepped, false, LIMIT);
            List<Long> turns = new ArrayList<>();
            Cockpit live = new LiveCockpit(reflex, 1, (decision, turn) -> turns.add(turn));
            Engine.Battle realTime = engine.fight(Arena.DUEL, List.of("sample.SittingDuck"), 1, live, true, LIMIT);

            assertThat(battle.complete()).isTrue();
            assertThat(battle.rounds()).hasSize(ROUNDS);
            assertThat(new Tally().add(battle.rounds()).share().value()).isGreaterThan(0.6);
            assertThat(realTime.complete()).isTrue();
            assertThat(realTime.rounds().get(0).first()).isTrue();
            assertThat(turns).isNotEmpty();
            assertThat(stepped.skippedTurns() + live.skippedTurns()).isZero();
            assertThat(stepped.failures() + live.failures()).isZero();
            assertThat(battle.errors()).isEmpty();
            assertThat(realTime.errors()).isEmpty();
            assertThat(log.flush(Duration.ofSeconds(10))).isTrue();
            stats = reflex.stats();
        }

        assertThat(stats.decisions()).isGreaterThan(20).isEqualTo(stats.served(Served.MODEL));
        assertThat(stats.late()).isZero();
        assertThat(stats.closure().byGame()).isEqualTo(stats.decisions());
        try (TrajectoryReader reader = TrajectoryReader.open(file)) {
            List<TrajectoryRecord.Decided> decided = new ArrayList<>();
            reader.forEachRemaining(line -> {
                if (line instanceof TrajectoryRecord.Decided step) {
                    decided.add(step);
                }
            });
            assertThat(decided).hasSize((int) stats.decisions());
            assertThat(decided).allSatisfy(step -> assertThat(step.teacher()).contains(ruleOf(step)));
        }
    }

    /** An engine that was closed long before closed the one that played, when it was collected: the game complained, now and then. */
    @Test
    void battle_whileAnEngineOfBeforeIsCollected_isNotDisturbed() throws Exception {
        AtomicReference<Engine> before = new AtomicReference<>(Engine.start());
        before.get().close();
        ReflexModel model = ReflexModel.blocking("collects", 1, (question, deadline) -> {
            before.set(null);
            System.gc();
            System.runFinalization();
            return Answer.certain("collects", Tactic.STRAFE.label());
        });
        try (model;
                TrajectoryLogger log = TrajectoryLogger.disabled();
                Reflex reflex = new Reflex(model, log, "it");
                Engine engine = Engine.start()) {
            Engine.Battle battle =
                    engine.fight(Arena.DUEL, List.of("sample.Fire"), 1, new SteppedCockpit(reflex, 1), false, LIMIT);

            assertThat(battle.complete()).isTrue();
            assertThat(battle.errors()).isEmpty();
        }
    }

    private static String ruleOf(TrajectoryRecord.Decided step) {
        return Rule.choose(Situation.of(step.perception())).label();
    }

    private static CompletableFuture<Answer> strafe(Question question, Deadline deadline) {
        return CompletableFuture.completedFuture(Answer.certain("strafe", Tactic.STRAFE.label()));
    }
}
