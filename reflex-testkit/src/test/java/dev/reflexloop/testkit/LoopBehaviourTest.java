package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.FallbackPolicy;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.ReflexModel;
import dev.reflexloop.Served;
import dev.reflexloop.Situation;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import dev.reflexloop.testkit.FaultyModel.Fault;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What a loop decides, seen through every driver. */
class LoopBehaviourTest {
    private static final Duration LONG = Duration.ofHours(1);

    private final ActionSchema schema = ActionSchema.builder("behaviour")
            .action("wait", "")
            .action(Action.of("fight").withCooldown(Duration.ZERO), perception -> !perception.flag("bound"))
            .action(Action.of("flee"), perception -> !perception.flag("bound"))
            .action(Action.of("rest").withCooldown(LONG), perception -> !perception.flag("bound"))
            .action(Action.of("ask"), perception -> !perception.flag("bound"))
            .targets("fight", perception -> List.of(Target.of("rat"), Target.of("wolf")))
            .idle("wait")
            .abstain("ask")
            .build();

    private static Perception tick(long tick) {
        return Perception.builder("bot", tick).fact("health", (double) tick).build();
    }

    private static Perception bound(long tick) {
        return Perception.builder("bot", tick).fact("bound", true).build();
    }

    private ReflexLoop.Builder loop(ReflexModel model) {
        return ReflexLoop.builder(schema, model).budget(Duration.ofSeconds(5));
    }

    private static List<String> actions(List<Decision> decisions) {
        decisions.forEach(LoopInvariants::check);
        return decisions.stream().map(each -> each.action().name()).toList();
    }

    private static List<Served> served(List<Decision> decisions) {
        return decisions.stream().map(Decision::served).toList();
    }

    @ParameterizedTest
    @EnumSource
    void decide_withAModel_servesItsFavourite(Driving driving) throws Exception {
        List<Decision> decisions =
                driving.decide(loop(ScriptedModel.script("flee", "fight", "wait")), tick(1), tick(2), tick(3));
        assertThat(actions(decisions)).containsExactly("flee", "fight", "wait");
        assertThat(served(decisions)).containsOnly(Served.MODEL);
        assertThat(decisions).allMatch(each -> !each.late() && each.answer().isPresent());
    }

    @ParameterizedTest
    @EnumSource
    void decide_withOneLegalAction_isForcedAndAsksNobody(Driving driving) throws Exception {
        ScriptedModel model = ScriptedModel.answering("flee");
        List<Decision> decisions = driving.decide(loop(model), bound(1), tick(2), bound(3));
        assertThat(actions(decisions)).containsExactly("wait", "flee", "wait");
        assertThat(served(decisions)).containsExactly(Served.FORCED, Served.MODEL, Served.FORCED);
        assertThat(model.asked()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void decide_ofTheSameFactsAgain_isServedFromTheCache(Driving driving) throws Exception {
        ScriptedModel model = ScriptedModel.script("flee", "fight");
        List<Decision> decisions = driving.decide(
                loop(model).cacheFor(LONG),
                Perception.builder("bot", 1).fact("health", 5).build(),
                Perception.builder("bot", 2).fact("health", 5).build(),
                Perception.builder("bot", 3).fact("health", 6).build());
        assertThat(actions(decisions)).containsExactly("flee", "flee", "fight");
        assertThat(served(decisions)).containsExactly(Served.MODEL, Served.CACHE, Served.MODEL);
    }

    @ParameterizedTest
    @EnumSource
    void decide_ofTheSameFactsForAnotherGoal_asksAgain(Driving driving) throws Exception {
        ScriptedModel model = ScriptedModel.script("flee", "fight");
        List<Decision> decisions = driving.decide(
                loop(model).cacheFor(LONG),
                (loop, index) -> loop.goal(Goal.of("goal " + index)),
                Perception.builder("bot", 1).fact("health", 5).build(),
                Perception.builder("bot", 2).fact("health", 5).build());
        assertThat(served(decisions)).containsExactly(Served.MODEL, Served.MODEL);
        assertThat(decisions.get(1).goal()).isEqualTo(Goal.of("goal 1"));
    }

    @ParameterizedTest
    @EnumSource
    void guide_withAnAction_isFollowedOnceAndInTheFirstTickInWhichItIsLegal(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(
                loop(ScriptedModel.answering("flee")),
                (loop, index) -> {
                    if (index == 0) {
                        loop.guide(Guidance.action("g1", "fight", LONG));
                    }
                },
                bound(1),
                tick(2),
                tick(3));
        assertThat(actions(decisions)).containsExactly("wait", "fight", "flee");
        assertThat(served(decisions)).containsExactly(Served.FORCED, Served.GUIDANCE, Served.MODEL);
        assertThat(decisions.get(1).guidance()).contains("g1");
        assertThat(decisions.get(1).target())
                .as("a target although nobody was asked")
                .contains(Target.of("rat"));
    }

    @ParameterizedTest
    @EnumSource
    void guide_withAnActionThatCannotBeTaken_isNotFollowed(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(
                loop(ScriptedModel.answering("flee")),
                (loop, index) -> loop.guide(
                        Guidance.action("g", index == 0 ? "dance" : "ask", Duration.ofSeconds(Long.MAX_VALUE))),
                tick(1),
                tick(2));
        assertThat(served(decisions)).containsOnly(Served.MODEL);
    }

    @ParameterizedTest
    @EnumSource
    void decide_whenTheModelAbstains_servesTheFallbackWithoutASink(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(
                loop(ScriptedModel.answering("ask")).fallback(FallbackPolicy.fixed(schema, "flee")), tick(1));
        assertThat(actions(decisions)).containsExactly("flee");
        assertThat(decisions.get(0).because()).contains(Cause.ABSTAINED);
        assertThat(decisions.get(0).escalated()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void decide_whenTheModelAbstains_holdsTheLastActionAndEscalatesOnce(Driving driving) throws Exception {
        RecordingSink sink = new RecordingSink();
        ScriptedModel model =
                ScriptedModel.answering(question -> question.perception().tick() == 1
                        ? new Answer(
                                "m",
                                Optional.empty(),
                                Map.of("fight", 1.0),
                                OptionalDouble.of(0.5),
                                Map.of("fight", Map.of("wolf", 0.9)),
                                Map.of(),
                                Optional.empty(),
                                Timings.unknown())
                        : Answer.certain("m", "ask"));
        List<Decision> decisions = driving.decide(loop(model).escalateTo(sink), tick(1), tick(2), tick(3), bound(4));
        assertThat(actions(decisions)).containsExactly("fight", "fight", "fight", "wait");
        assertThat(served(decisions)).containsExactly(Served.MODEL, Served.HOLD, Served.HOLD, Served.FORCED);
        assertThat(decisions).extracting(Decision::escalated).containsExactly(false, true, false, false);
        assertThat(decisions.get(1).target()).as("held with its target").contains(Target.of("wolf"));
        assertThat(sink.await(1, Driving.PATIENCE)).isTrue();
        assertThat(sink.escalations()).hasSize(1);
        assertThat(sink.escalations().get(0).decision())
                .isEqualTo(decisions.get(1).id());
        assertThat(sink.escalations().get(0).situation().options())
                .extracting(Situation.Option::text)
                .contains("fight", "flee");
    }

    @ParameterizedTest
    @EnumSource
    void decide_whenTheShieldVetoes_servesItsReplacementOrTheIdleAction(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(
                loop(ScriptedModel.script("fight", "flee", "rest"))
                        .shield((perception, chosen, legal) -> chosen.name().equals("rest")
                                ? Optional.empty()
                                : Optional.of(Action.of(chosen.name().equals("fight") ? "flee" : "fly_away"))),
                tick(1),
                tick(2),
                tick(3));
        assertThat(actions(decisions)).containsExactly("flee", "wait", "rest");
        assertThat(served(decisions)).containsExactly(Served.SHIELD, Served.SHIELD, Served.MODEL);
        assertThat(decisions.get(0).vetoed()).contains(schema.actions().get(1));
        assertThat(decisions.get(0).because()).contains(Cause.VETOED);
    }

    @ParameterizedTest
    @EnumSource
    void decide_afterAnActionWithACooldown_keepsItIllegal(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(loop(ScriptedModel.answering("rest")), tick(1), tick(2));
        assertThat(actions(decisions)).containsExactly("rest", "wait");
        assertThat(decisions.get(1).legal()).extracting(Action::name).containsExactly("wait", "fight", "flee", "ask");
        assertThat(decisions.get(1).because())
                .as("the model went on favouring it")
                .contains(Cause.ILLEGAL_ANSWER);
    }

    @ParameterizedTest
    @EnumSource
    void decide_withTargets_takesTheOneThatTheModelFavoursOrTheFirst(Driving driving) throws Exception {
        ScriptedModel model = ScriptedModel.answering(question -> new Answer(
                "m",
                Optional.empty(),
                Map.of("fight", 1.0),
                OptionalDouble.empty(),
                question.perception().tick() == 1 ? Map.of("fight", Map.of("rat", 0.2, "wolf", 0.8)) : Map.of(),
                Map.of(),
                Optional.empty(),
                Timings.unknown()));
        List<Decision> decisions = driving.decide(loop(model), tick(1), tick(2));
        assertThat(decisions)
                .extracting(Decision::target)
                .containsExactly(Optional.of(Target.of("wolf")), Optional.of(Target.of("rat")));
    }

    @ParameterizedTest
    @EnumSource
    void decide_withAnOversizedPerception_idlesAndGoesOn(Driving driving) throws Exception {
        Perception.Builder many = Perception.builder("bot", 1);
        for (int i = 0; i < 10_000; i++) {
            many.fact("fact" + i, i);
        }
        Perception text =
                Perception.builder("bot", 2).fact("text", "x".repeat(1_000_000)).build();
        Perception choices = Perception.builder("bot", 3)
                .choices(Collections.nCopies(100_000, ""))
                .build();
        List<Decision> decisions =
                driving.decide(loop(ScriptedModel.answering("flee")), many.build(), text, choices, tick(4));
        assertThat(decisions.subList(0, 3)).allMatch(each -> each.because().equals(Optional.of(Cause.BAD_PERCEPTION)));
        assertThat(actions(decisions)).containsExactly("wait", "wait", "wait", "flee");
    }

    @ParameterizedTest
    @EnumSource
    void decide_withoutFactsOrWithHostileText_asksTheModel(Driving driving) throws Exception {
        List<Decision> decisions =
                driving.decide(loop(ScriptedModel.answering("flee")), Samples.empty(1), Samples.hostile(2));
        assertThat(served(decisions)).containsExactly(Served.MODEL, Served.MODEL);
    }

    @ParameterizedTest
    @CsvSource({
        "STALL_IN_ASK, DEADLINE",
        "THROW_FROM_ASK, MODEL_ERROR",
        "THROW_ERROR_FROM_ASK, MODEL_ERROR",
        "NULL_FUTURE, MODEL_DOWN",
        "FAIL, MODEL_ERROR",
        "UNAVAILABLE, MODEL_DOWN",
        "BUSY, BUSY",
        "NULL_ANSWER, ILLEGAL_ANSWER",
        "EMPTY, ILLEGAL_ANSWER",
        "ILLEGAL_ACTION, ILLEGAL_ANSWER",
        "NOT_A_NUMBER, ILLEGAL_ANSWER",
        "NEGATIVE, ILLEGAL_ANSWER",
        "SUM_TOO_LARGE, ILLEGAL_ANSWER",
        "NULL_PROBABILITY, ILLEGAL_ANSWER",
        "LATE, DEADLINE",
        "NEVER, DEADLINE",
        "IGNORE_CANCEL, DEADLINE",
        "STALL_IN_CANCEL, DEADLINE",
        "THROW_FROM_CANCEL, DEADLINE"
    })
    void decide_withAFault_servesTheFallbackAndSaysWhy(Fault fault, Cause cause) throws Exception {
        for (Driving driving : Driving.values()) {
            try (FaultyModel model = FaultyModel.inTurn(fault, Fault.NONE)) {
                boolean slow = cause == Cause.DEADLINE;
                List<Decision> decisions = driving.decide(
                        ReflexLoop.builder(schema, model)
                                .budget(slow ? Duration.ofMillis(30) : Duration.ofSeconds(5))
                                .fallback(FallbackPolicy.fixed(schema, "flee")),
                        tick(1));
                assertThat(decisions.get(0).because())
                        .as(fault + " by " + driving)
                        .contains(cause);
                assertThat(actions(decisions)).containsExactly("flee");
                assertThat(decisions.get(0).served()).isEqualTo(Served.FALLBACK);
            }
        }
    }
}
