package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Decision;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.ModelUnavailableException;
import dev.reflexloop.Outcome;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.TelemetryBus;
import dev.reflexloop.TelemetryEvent;
import dev.reflexloop.TelemetryQuery;
import dev.reflexloop.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a loop says about itself. */
class LoopTelemetryTest {
    private final ActionSchema schema = ActionSchema.builder("told")
            .action("wait", "")
            .action("fight", "")
            .action("flee", "")
            .idle("wait")
            .build();
    private final ManualClock clock = new ManualClock();
    private final TelemetryBus bus = TelemetryBus.builder().build();
    private final RecordingSink sink = new RecordingSink();
    private boolean down;
    private Optional<String> adapter = Optional.empty();
    private Map<String, Double> odds = Map.of("fight", 0.75, "flee", 0.25);
    private long ticks;
    private ReflexLoop loop = builder().build();

    private ReflexLoop.Builder builder() {
        return ReflexLoop.builder(schema, ScriptedModel.answering(this::answer))
                .clock(clock)
                .session("told")
                .telemetry(bus);
    }

    private Answer answer(Question question) {
        if (down) {
            throw new ModelUnavailableException("scripted", "it is down", null);
        }
        return new Answer(
                "scripted",
                adapter,
                odds,
                OptionalDouble.of(0.5),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Timings.unknown());
    }

    @AfterEach
    void close() {
        loop.close();
        LoopInvariants.check(loop.stats());
    }

    private Decision decide() {
        return loop.decide(Perception.builder("bot", ++ticks)
                .at(clock.instant())
                .fact("health", 100)
                .build());
    }

    private List<TelemetryEvent> told(String source, String event) {
        return bus.query(TelemetryQuery.all().source(source).event(event));
    }

    private static void assertOne(List<TelemetryEvent> events, TelemetryEvent.Level level, String... expected) {
        assertThat(events).hasSize(1);
        assertThat(events.get(0).level()).isEqualTo(level);
        for (int i = 0; i < expected.length; i += 2) {
            assertThat(events.get(0).fields()).contains(entry(expected[i], expected[i + 1]));
        }
        assertThat(events.get(0).fields()).contains(entry("session", "told"));
    }

    @Test
    void decision_isToldWithItsProbabilities() {
        Decision decision = decide();
        List<TelemetryEvent> events = told("loop", "decision");
        assertOne(events, TelemetryEvent.Level.INFO, "id", decision.id(), "action", "fight", "served", "MODEL");
        assertThat(events.get(0).entity()).isEqualTo("bot");
        assertThat(events.get(0).tick()).isEqualTo(1);
        assertThat(events.get(0).fields())
                .contains(entry("probabilities", odds), entry("legalMass", 0.5), entry("latencyMicros", 0L))
                .doesNotContainKeys("because", "target", "late", "vetoed");
        assertThat(TelemetryEvent.parse(events.get(0).toJson())).isEqualTo(events.get(0));
    }

    @Test
    void outcome_isTold() {
        loop.outcome(Outcome.of(decide(), 0.5, "found_npc", "alive"));
        assertOne(
                told("loop", "outcome"), TelemetryEvent.Level.INFO, "reasons", "found_npc, alive", "closedBy", "GAME");
    }

    @Test
    void model_lostAndBack_isToldOnceEach() {
        down = true;
        for (int i = 0; i < 5; i++) {
            decide();
        }
        assertOne(told("model", "lost"), TelemetryEvent.Level.WARN, "model", "scripted", "because", "MODEL_DOWN");
        assertThat(told("model", "back")).isEmpty();
        down = false;
        decide();
        decide();
        assertOne(told("model", "back"), TelemetryEvent.Level.INFO, "model", "scripted");
    }

    @Test
    void adapter_thatChanges_isTold() {
        decide();
        adapter = Optional.of("lora-1");
        decide();
        decide();
        assertOne(told("model", "adapter"), TelemetryEvent.Level.INFO, "adapter", "lora-1");
        adapter = Optional.empty();
        decide();
        assertThat(told("model", "adapter").get(1).fields())
                .contains(entry("before", "lora-1"))
                .doesNotContainKey("adapter");
    }

    @Test
    void veto_isTold() {
        Action flee = Action.of("flee", "");
        loop = builder()
                .shield((perception, chosen, legal) -> Optional.of(flee))
                .build();
        decide();
        assertOne(told("shield", "veto"), TelemetryEvent.Level.INFO, "vetoed", "fight", "action", "flee");
    }

    @Test
    @Timeout(60)
    void escalationAndItsGuidance_areTold() throws Exception {
        odds = Map.of("fight", 0.5, "flee", 0.5);
        loop = builder()
                .escalateWhen(EscalationPolicy.builder().marginBelow(0.1).build())
                .escalateTo(sink)
                .build();
        decide();
        assertThat(sink.await(1, Duration.ofSeconds(20))).isTrue();
        loop.guide(new Guidance(
                "g1",
                Optional.empty(),
                Optional.of("flee"),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(1)));
        decide();
        assertOne(
                told("guidance", "ended"), TelemetryEvent.Level.INFO, "id", "g1", "fate", "APPLIED", "action", "flee");
        loop.guide(new Guidance(
                "g2",
                Optional.of("nobody"),
                Optional.of("flee"),
                Optional.empty(),
                Optional.empty(),
                Duration.ofSeconds(1)));
        assertThat(told("guidance", "ended").get(1).level()).isEqualTo(TelemetryEvent.Level.WARN);
        while (told("escalation", "handed_over").isEmpty()) { // the sink was called in the background
            Thread.onSpinWait();
        }
        assertOne(
                told("escalation", "handed_over"),
                TelemetryEvent.Level.INFO,
                "id",
                sink.escalations().get(0).id());
        assertThat(told("escalation", "handed_over").get(0).tick()).isEqualTo(1);
    }

    @Test
    void mission_thatEnds_isTold() {
        loop = builder().guard(LoopGuard.builder(alert -> {}).build()).build();
        loop.goal(Goal.of("Reach the inn."));
        loop.goal(Goal.of("Sleep."));
        assertOne(
                told("guard", "mission_ended"),
                TelemetryEvent.Level.INFO,
                "goal",
                "Reach the inn.",
                "ending",
                "REPLACED");
    }

    @Test
    void perceptions_thatDoNotFit_areToldAsTheyAreCounted() {
        HeldModel held = new HeldModel();
        loop = ReflexLoop.builder(schema, held)
                .clock(clock)
                .session("told")
                .telemetry(bus)
                .build();
        for (int i = 0; i < 20; i++) {
            loop.offer(Perception.builder("bot", ++ticks).at(clock.instant()).build());
        }
        long counted = loop.stats().queueDrops();
        assertThat(counted).isPositive();
        assertThat(told("loop", "dropped")).hasSize((int) counted);
        assertThat(told("loop", "dropped").get(0).fields()).contains(entry("what", "perception"), entry("count", 1L));
    }

    @Test
    void loop_withoutABus_decidesTheSame() {
        try (ReflexLoop silent = ReflexLoop.builder(schema, ScriptedModel.answering(this::answer))
                .clock(clock)
                .build()) {
            assertThat(silent.decide(Perception.builder("bot", 1)
                                    .at(clock.instant())
                                    .build())
                            .action()
                            .name())
                    .isEqualTo("fight");
        }
        assertThat(bus.published()).isZero();
    }
}
