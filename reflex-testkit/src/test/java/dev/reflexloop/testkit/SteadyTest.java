package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.AlertSink;
import dev.reflexloop.Answer;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Goal;
import dev.reflexloop.LoopGuard;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Near equals do not flap. */
class SteadyTest {
    private static final ActionSchema SCHEMA = ActionSchema.builder("steady")
            .action("wait", "")
            .action("fight", "")
            .action(Action.of("flee"), perception -> !perception.flag("cornered"))
            .targets(
                    "fight",
                    perception -> perception.flag("alone")
                            ? List.of(Target.of("rat"))
                            : List.of(Target.of("rat"), Target.of("wolf")))
            .idle("wait")
            .build();
    private static final double MARGIN = 0.05;

    private final ManualClock clock = new ManualClock();
    private double fight = 0.5;
    private double wolf = 0.9;
    private long ticks;
    private ReflexLoop loop = build(MARGIN);

    private ReflexLoop build(double margin) {
        return ReflexLoop.builder(SCHEMA, model())
                .clock(clock)
                .goal(Goal.of("survive"))
                .guard(LoopGuard.builder(AlertSink.disabled())
                        .steady(margin, Duration.ofSeconds(2))
                        .build())
                .build();
    }

    private ScriptedModel model() {
        return ScriptedModel.answering(question -> new Answer(
                "m",
                Optional.empty(),
                Map.of("fight", fight, "flee", 1 - fight),
                OptionalDouble.empty(),
                Map.of("fight", Map.of("wolf", wolf, "rat", 1 - wolf)),
                Map.of(),
                Optional.empty(),
                Timings.unknown()));
    }

    @AfterEach
    void close() {
        loop.close();
    }

    private Decision tick(double fights) {
        return tick(fights, Perception.builder("bot", ++ticks));
    }

    private Decision tick(double fights, Perception.Builder seen) {
        fight = fights;
        clock.advance(Duration.ofMillis(200));
        Decision decision = loop.decide(seen.build());
        LoopInvariants.check(decision);
        return decision;
    }

    @Test
    void decide_amongNearEquals_keepsTheLastChoiceAndSaysSo() {
        assertThat(tick(0.51).action().name()).isEqualTo("fight");
        Decision kept = tick(0.49);
        assertThat(kept.action().name()).isEqualTo("fight");
        assertThat(kept.target()).as("with its target").contains(Target.of("wolf"));
        assertThat(kept.served()).isEqualTo(Served.MODEL);
        assertThat(kept.because()).contains(Cause.STEADIED);
        assertThat(tick(0.51).because()).as("the model's own choice again").isEmpty();
        LoopInvariants.check(loop.stats());
    }

    @Test
    void decide_amongNearEqualsThatChangeInEveryTick_doesNotFlap() {
        tick(0.51);
        for (int i = 0; i < 100; i++) {
            assertThat(tick(i % 2 == 0 ? 0.49 : 0.51).action().name()).isEqualTo("fight");
        }
    }

    @Test
    void decide_whenTheNewChoiceLeadsClearly_followsIt() {
        tick(0.51);
        Decision followed = tick(0.4);
        assertThat(followed.action().name()).isEqualTo("flee");
        assertThat(followed.because()).isEmpty();
    }

    @Test
    void decide_whenTheNewChoiceStaysAhead_followsItAfterAWhile() {
        tick(0.51);
        int kept = 0;
        while (tick(0.49).action().name().equals("fight")) {
            kept++;
        }
        assertThat(kept).as("ticks of 200 ms in less than 2 s").isEqualTo(9);
        assertThat(tick(0.51).action().name()).as("and keeps that one now").isEqualTo("flee");
    }

    private enum Reason {
        URGENT,
        ILLEGAL,
        ANOTHER_GOAL,
        LONG_AGO
    }

    @ParameterizedTest
    @EnumSource
    void decide_amongNearEquals_followsTheModelWhereSteadyingCouldHarm(Reason reason) {
        boolean cornered = reason == Reason.ILLEGAL;
        tick(cornered ? 0.49 : 0.51);
        Perception.Builder seen = Perception.builder("bot", ++ticks);
        switch (reason) {
            case URGENT -> seen.urgent();
            case ILLEGAL -> seen.fact("cornered", true);
            case ANOTHER_GOAL -> loop.goal(Goal.of("run"));
            case LONG_AGO -> clock.advance(Duration.ofSeconds(3));
        }
        if (cornered) {
            assertThat(tick(0.51, seen).action().name()).isEqualTo("fight");
        } else {
            assertThat(tick(0.49, seen).action().name()).isEqualTo("flee");
        }
    }

    @Test
    void decide_amongNearlyEqualTargets_keepsTheLastOneWhileItIsOffered() {
        wolf = 0.51;
        assertThat(tick(0.9).target()).contains(Target.of("wolf"));
        wolf = 0.49;
        Decision kept = tick(0.9);
        assertThat(kept.target()).contains(Target.of("wolf"));
        assertThat(kept.because()).contains(Cause.STEADIED);
        Decision alone = tick(0.9, Perception.builder("bot", ++ticks).fact("alone", true));
        assertThat(alone.target()).contains(Target.of("rat"));
        assertThat(alone.because()).isEmpty();
    }

    @Test
    void decide_withoutAMargin_followsTheModelAlways() {
        loop.close();
        loop = build(0);
        for (int i = 0; i < 10; i++) {
            assertThat(tick(i % 2 == 0 ? 0.51 : 0.49).action().name()).isEqualTo(i % 2 == 0 ? "fight" : "flee");
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-0.1, 1.1, Double.NaN, Double.POSITIVE_INFINITY})
    void steady_withAMarginThatIsNoProbability_isRefused(double margin) {
        LoopGuard.Builder builder = LoopGuard.builder(AlertSink.disabled());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.steady(margin, Duration.ofSeconds(1)))
                .withMessageContaining("margin");
    }
}
