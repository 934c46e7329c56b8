package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.AbstractList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What bad input gets: a clear error at construction, or a served fallback with a counter - never an exception out of decide. */
class BadInputTest {
    private static final Action WAIT = Action.of("wait");
    private static final Action FIGHT = Action.of("fight");

    /** Asks nobody: favours fight at once. */
    private static final class Fighter implements ReflexModel {
        @Override
        public CompletableFuture<Answer> ask(Question question, Deadline deadline) {
            return CompletableFuture.completedFuture(Answer.certain("fighter", "fight"));
        }

        @Override
        public boolean returnsAtOnce() {
            return true;
        }
    }

    /** A schema of somebody else's, which does what it likes. */
    private static class Foreign implements ActionSchema {
        private final Function<Perception, List<Action>> legal;

        Foreign(Function<Perception, List<Action>> legal) {
            this.legal = legal;
        }

        @Override
        public String name() {
            return "foreign";
        }

        @Override
        public List<Action> actions() {
            return List.of(WAIT, FIGHT);
        }

        @Override
        public Action idle() {
            return WAIT;
        }

        @Override
        public List<Action> legal(Perception perception) {
            return legal.apply(perception);
        }
    }

    private static void refused(ThrowingCallable construction, String... parts) {
        assertThatThrownBy(construction)
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(failure -> assertThat(failure.getMessage()).contains(parts));
    }

    private static LoopStats decideWith(ActionSchema schema, Cause cause, Action action) {
        try (ReflexLoop loop = ReflexLoop.builder(schema, new Fighter())
                .budget(Duration.ofSeconds(5))
                .build()) {
            Decision decision = null;
            for (int tick = 0; tick < 3; tick++) {
                decision = loop.decide(Perception.builder("bot", tick).build());
                assertThat(decision.because()).isEqualTo(Optional.ofNullable(cause));
                assertThat(decision.action()).isEqualTo(action);
                assertThat(decision.legal()).contains(action);
            }
            return loop.stats();
        }
    }

    @Test
    void perception_withNulls_isRefusedWithTheNameOfWhatIsMissing() {
        refused(() -> Perception.builder(null, 1).build(), "entity", "null");
        refused(() -> Perception.builder(" ", 1).build(), "entity", "blank");
        refused(() -> Perception.builder("bot", 1).fact("place", (String) null), "place", "leave it out");
        refused(() -> Perception.builder("bot", 1).fact("hp", Double.NaN), "hp", "NaN");
        refused(() -> Perception.builder("bot", 1).fact("hp", Double.POSITIVE_INFINITY), "hp", "Infinity");
        refused(() -> Perception.builder("bot", 1).fact("npcs", (List<Map<String, Fact>>) null), "records");
        refused(() -> Perception.builder("bot", 1).fact(null, 1), "name of a fact", "bot");
        refused(() -> Perception.builder("bot", 1).fact("hp", 1).fact("hp", 2), "hp", "twice");
        refused(
                () -> Perception.builder("bot", 7)
                        .choices(Arrays.asList("yes", null))
                        .build(),
                "choice",
                "tick 7");
        refused(() -> Perception.builder("bot", 7).choices(null).build(), "choices");
        Map<String, Fact> withNull = new HashMap<>();
        withNull.put("name", null);
        refused(() -> Fact.of(List.of(withNull)), "name", "record 0");
        refused(() -> Fact.of(Collections.singletonList((Map<String, Fact>) null)), "record 0");
        refused(() -> Fact.of(List.of(Map.of("inner", Fact.of(List.of())))), "inner", "flatten");
        Perception sound = Perception.builder("bot", 1).build();
        refused(() -> new Perception("bot", 1, null, Map.of(), List.of(), Urgency.NORMAL), "at of");
        refused(() -> new Perception("bot", 1, sound.at(), withNull, List.of(), Urgency.NORMAL), "name");
        refused(() -> new Perception("bot", 1, sound.at(), null, List.of(), Urgency.NORMAL), "facts");
        refused(() -> new Perception("bot", 1, sound.at(), Map.of(), List.of(), null), "urgency");
    }

    @Test
    void perception_thatIsHuge_isBuiltAndKeepsItsOrder() {
        Perception.Builder builder = Perception.builder("bot", 1);
        for (int i = 0; i < 10_000; i++) {
            builder.fact("fact" + i, i);
        }
        builder.fact("text", "x".repeat(1 << 20)).fact("surrogate", "\uD800");
        Perception perception = builder.build();
        assertThat(perception.facts()).hasSize(10_002);
        assertThat(perception.facts().keySet().iterator().next()).isEqualTo("fact0");
        assertThat(perception.number("fact9999", -1)).isEqualTo(9_999);
        assertThat(perception.facts()).isUnmodifiable();
        assertThat(Limits.defaults().allow(perception)).isFalse();
    }

    @Test
    void limits_count_factsOfRecordsChoicesAndText() {
        Limits limits = new Limits(3, 10, 20);
        Map<String, Fact> two = new LinkedHashMap<>();
        two.put("a", Fact.of(1));
        two.put("b", Fact.of(2));
        assertThat(limits.allow(
                        Perception.builder("bot", 1).fact("n", List.of(two)).build()))
                .isTrue();
        assertThat(limits.allow(Perception.builder("bot", 1)
                        .fact("n", List.of(two, two))
                        .build()))
                .isFalse();
        assertThat(limits.allow(Perception.builder("bot", 1)
                        .choices(Collections.nCopies(4, ""))
                        .build()))
                .isFalse();
        assertThat(limits.allow(
                        Perception.builder("bot", 1).fact("t", "x".repeat(10)).build()))
                .isTrue();
        assertThat(limits.allow(
                        Perception.builder("bot", 1).fact("t", "x".repeat(11)).build()))
                .isFalse();
        assertThat(limits.allow(Perception.builder("bot", 1)
                        .fact("t", "x".repeat(10))
                        .fact("u", "x".repeat(10))
                        .build()))
                .isFalse();
        refused(() -> new Limits(0, 1, 1), "limit of facts");
    }

    @Test
    void schema_thatIsNotSound_isRefusedAtConstruction() {
        refused(() -> ActionSchema.builder("s").idle("wait").build(), "'s'", "0 actions");
        refused(() -> ActionSchema.builder("s").action(WAIT).action("wait", "again"), "two actions named 'wait'");
        refused(() -> ActionSchema.builder("s").action(WAIT).build(), "idle action");
        refused(() -> ActionSchema.builder("s").action(WAIT).idle("rest").build(), "rest", "[wait]");
        refused(
                () -> ActionSchema.builder("s")
                        .action(WAIT, perception -> true)
                        .idle("wait")
                        .build(),
                "has a rule");
        refused(
                () -> ActionSchema.builder("s")
                        .action(WAIT.withCooldown(Duration.ofNanos(1)))
                        .idle("wait")
                        .build(),
                "cooldown");
        refused(
                () -> ActionSchema.builder("s")
                        .action(WAIT)
                        .idle("wait")
                        .abstain("wait")
                        .build(),
                "abstain");
        refused(() -> ActionSchema.builder("s").action((Action) null), "leave it out");
        refused(() -> ActionSchema.builder("s").action(null, perception -> true), "leave it out");
        refused(() -> ActionSchema.builder("s").action(WAIT, (Predicate<Perception>) null), "rule");
        refused(() -> ActionSchema.builder("s").action(WAIT).targets("wait", null), "targets of action 'wait'");
        refused(() -> ActionSchema.builder("s").action(WAIT).targets("fly", perception -> List.of()), "fly");
        refused(() -> Action.of("two words"), "two words", "label");
        refused(() -> Action.of("a").withCooldown(Duration.ofNanos(-1)), "cooldown");
        ActionSchema.Builder many = ActionSchema.builder("many");
        for (int i = 0; i < 256; i++) {
            many.action("a" + i, "");
        }
        refused(() -> many.idle("a0").build(), "256 actions");
    }

    @Test
    void foreignSchema_thatIsNotSound_isRefusedByTheLoop() {
        Function<List<Action>, ActionSchema> of = actions -> new Foreign(perception -> List.of()) {
            @Override
            public List<Action> actions() {
                return actions;
            }
        };
        refused(() -> ReflexLoop.builder(of.apply(List.of()), new Fighter()).build(), "0 actions");
        refused(() -> ReflexLoop.builder(of.apply(null), new Fighter()).build(), "actions of schema 'foreign'");
        refused(
                () -> ReflexLoop.builder(of.apply(Arrays.asList(WAIT, null)), new Fighter())
                        .build(),
                "an action of schema");
        refused(
                () -> ReflexLoop.builder(of.apply(List.of(WAIT, Action.of("wait", "x"))), new Fighter())
                        .build(),
                "two actions");
        refused(
                () -> ReflexLoop.builder(of.apply(List.of(FIGHT)), new Fighter())
                        .build(),
                "idle action 'wait'");
        refused(() -> ReflexLoop.builder(null, new Fighter()), "schema");
        refused(() -> ReflexLoop.builder(of.apply(List.of(WAIT)), null), "model");
    }

    @Test
    void foreignSchema_thatMisbehavesInATick_costsAFallbackAndIsCounted() {
        Map<String, Function<Perception, List<Action>>> bad = new LinkedHashMap<>();
        bad.put("empty", perception -> List.of());
        bad.put("null", perception -> null);
        bad.put("foreign only", perception -> Arrays.asList(Action.of("fly"), null));
        bad.put("throws", perception -> {
            throw new IllegalStateException("from legal");
        });
        bad.put("throws an error", perception -> {
            throw new AssertionError("from legal");
        });
        bad.put("runs out of stack", perception -> {
            throw new StackOverflowError("from legal");
        });
        bad.put("list that throws", perception -> new AbstractList<>() {
            @Override
            public Action get(int index) {
                throw new NoClassDefFoundError("from the list");
            }

            @Override
            public int size() {
                return 2;
            }
        });
        bad.forEach((name, legal) -> {
            LoopStats stats = decideWith(new Foreign(legal), Cause.NOTHING_LEGAL, WAIT);
            assertThat(stats.callbackFailures()).as(name).isGreaterThanOrEqualTo(3);
        });
        decideWith(new Foreign(perception -> Arrays.asList(FIGHT, null, Action.of("fly"), FIGHT)), null, FIGHT);
    }

    @Test
    void foreignSchema_withBadTargets_losesTheBadOnes() {
        for (List<Target> offered :
                Arrays.asList(null, Arrays.asList((Target) null), Collections.nCopies(1_000, Target.of("rat")))) {
            ActionSchema schema = new Foreign(perception -> List.of(WAIT, FIGHT)) {
                @Override
                public List<Target> targets(Action action, Perception perception) {
                    return offered;
                }
            };
            assertThat(decideWith(schema, null, FIGHT).callbackFailures()).isPositive();
        }
    }

    @Test
    void callbacks_thatMisbehave_areAnsweredByTheIdleActionAndCounted() {
        ActionSchema schema = new Foreign(perception -> List.of(WAIT, FIGHT));
        ReflexModel failing = ReflexModel.limited(
                (question, deadline) -> CompletableFuture.failedFuture(new IllegalStateException()), 1);
        for (FallbackPolicy policy : List.<FallbackPolicy>of(
                (perception, legal, last) -> null,
                (perception, legal, last) -> Action.of("fly"),
                (perception, legal, last) -> {
                    throw new NoClassDefFoundError("from a fallback");
                })) {
            try (ReflexLoop loop = ReflexLoop.builder(schema, failing)
                    .budget(Duration.ofSeconds(5))
                    .fallback(policy)
                    .teacher(policy)
                    .shield((perception, chosen, legal) -> null)
                    .build()) {
                Decision decision = loop.decide(Perception.builder("bot", 1).build());
                assertThat(decision.action()).isEqualTo(WAIT);
                assertThat(decision.because()).contains(Cause.MODEL_ERROR);
                assertThat(loop.stats().callbackFailures()).isGreaterThanOrEqualTo(2);
            }
        }
        failing.close();
    }

    @Test
    void decide_ofNull_isABadPerception() {
        try (ReflexLoop loop = ReflexLoop.builder(new Foreign(perception -> List.of(WAIT)), new Fighter())
                .build()) {
            assertThat(loop.decide(null).because()).contains(Cause.BAD_PERCEPTION);
        }
    }

    @Test
    void durations_ofCenturies_overflowNothing() {
        Duration longest = Duration.ofSeconds(Long.MAX_VALUE);
        ActionSchema schema = ActionSchema.builder("s")
                .action(WAIT)
                .action(FIGHT.withCooldown(longest))
                .idle("wait")
                .build();
        try (ReflexLoop loop = ReflexLoop.builder(schema, new Fighter())
                .budget(longest)
                .lease(longest)
                .cacheFor(longest)
                .throttle(longest)
                .outcomeTimeout(longest)
                .build()) {
            Decision first = loop.decide(Perception.builder("bot", 1).build());
            assertThat(first.action()).isEqualTo(FIGHT.withCooldown(longest));
            assertThat(first.late()).isFalse();
            loop.guide(Guidance.action("g", "fight", longest));
            assertThat(loop.decide(Perception.builder("bot", 2).build()).served())
                    .isEqualTo(Served.FORCED);
            assertThat(loop.stats().closure().open()).isEqualTo(2);
        }
    }

    @Test
    void options_outOfRange_areRefusedByName() {
        ReflexLoop.Builder builder = ReflexLoop.builder(new Foreign(perception -> List.of(WAIT)), new Fighter());
        refused(() -> builder.budget(Duration.ZERO), "budget");
        refused(() -> builder.budget(null), "budget");
        refused(() -> builder.lease(Duration.ofNanos(-1)), "lease");
        refused(() -> builder.throttle(Duration.ofNanos(-1)), "throttle");
        refused(() -> builder.maxInFlight(0), "calls in flight");
        refused(() -> builder.session(" "), "session");
        refused(() -> builder.fallback(null), "FallbackPolicy.idle");
        refused(() -> FallbackPolicy.fixed(new Foreign(perception -> List.of(WAIT)), "fly"), "fly");
        refused(() -> ReflexRunner.builder().threads(0), "threads");
        refused(() -> Outcome.of(null, 0), "decision");
    }

    enum Mixed {
        wait,
        ChargeAhead,
        FLEE
    }

    @Test
    void enumSchema_withConstantsInAnyCase_findsThemAgain() {
        ActionSchema schema = ActionSchema.of(Mixed.class, Mixed.wait);
        assertThat(schema.actions())
                .extracting(action -> action.as(Mixed.class))
                .containsExactly(Mixed.values());
        refused(() -> Action.of("fly").as(Mixed.class), "fly", "Mixed");
    }
}
