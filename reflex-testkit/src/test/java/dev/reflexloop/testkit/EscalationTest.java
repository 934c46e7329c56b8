package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.FallbackPolicy;
import dev.reflexloop.Goal;
import dev.reflexloop.Guidance;
import dev.reflexloop.Guidance.Fate;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.ReflexClock;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Served;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Situation;
import dev.reflexloop.Situation.Kind;
import dev.reflexloop.Situation.Option;
import dev.reflexloop.Situation.Waiting;
import dev.reflexloop.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** When a loop hands over, what it does while it waits, and what it takes for an answer. */
class EscalationTest {
    private static final Duration LEASE = Duration.ofMinutes(5);
    private static final String SETTLE = "settle";
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ActionSchema schema = ActionSchema.builder("escalation")
            .action("wait", "")
            .action(Action.of("fight"), perception -> !perception.flag("bound"))
            .action(Action.of("flee"), perception -> !perception.flag("bound"))
            .action(Action.of("talk").withCooldown(SECOND), perception -> !perception.flag("bound"))
            .targets(
                    "talk",
                    perception -> perception.choices().stream()
                            .map(choice -> new Target("id of " + choice, choice))
                            .toList())
            .idle("wait")
            .build();
    private final EscalationPolicy dialogues = EscalationPolicy.builder()
            .when(
                    Kind.DIALOGUE,
                    perception -> perception.flag("dialogue"),
                    perception -> perception.text("speaker", "Somebody") + " speaks",
                    Option.targetsOf("talk"))
            .build();
    private final ManualClock clock = new ManualClock();
    private final RecordingFates fates = new RecordingFates();
    private final RecordingSink sink = new RecordingSink();
    private final ScriptedModel model = ScriptedModel.answering("flee");
    private ReflexLoop loop = loop(dialogues).build();
    private long ticks;
    private int settled;

    private ReflexLoop.Builder loop(EscalationPolicy policy) {
        return ReflexLoop.builder(schema, model)
                .clock(clock)
                .fallback(FallbackPolicy.fixed(schema, "fight"))
                .onGuidance(fates)
                .escalateTo(sink)
                .escalateWhen(policy);
    }

    private void use(ReflexLoop.Builder other) {
        loop.close();
        loop = other.build();
    }

    @AfterEach
    void close() {
        loop.close();
        LoopInvariants.check(loop.stats());
    }

    private Perception.Builder quiet() {
        return Perception.builder("bot", ++ticks).at(clock.instant());
    }

    private Perception.Builder dialogue(String speaker, String... choices) {
        return quiet().fact("dialogue", true).fact("speaker", speaker).choices(List.of(choices));
    }

    private Decision decide(Perception.Builder perception) {
        Decision decision = loop.decide(perception.build());
        LoopInvariants.check(decision);
        return decision;
    }

    private Escalation escalation(int number) throws InterruptedException {
        assertThat(sink.await(number, Driving.PATIENCE)).isTrue();
        assertThat(sink.escalations()).hasSize(number);
        return sink.escalations().get(number - 1);
    }

    /** Waits until the loop's background thread has done what it was given so far. */
    private void settle() throws InterruptedException {
        String mark = SETTLE + ++settled;
        loop.guide(new Guidance(
                mark, Optional.of("nobody's"), Optional.of("wait"), Optional.empty(), Optional.empty(), LEASE));
        List<RecordingFates.Ended> heard = fates.all();
        while (heard.stream().noneMatch(each -> each.guidance().equals(mark))) {
            assertThat(fates.await(heard.size() + 1, Driving.PATIENCE)).isTrue();
            heard = fates.all();
        }
    }

    private List<Fate> fates() throws InterruptedException {
        settle();
        return fates.all().stream()
                .filter(each -> !each.guidance().startsWith(SETTLE))
                .map(RecordingFates.Ended::fate)
                .toList();
    }

    private void answer(String id, Escalation escalation, int option) {
        loop.guide(
                Guidance.answer(id, escalation, escalation.situation().options().get(option), LEASE));
    }

    private static EscalationPolicy doubting(Waiting waiting) {
        return EscalationPolicy.builder()
                .marginBelow(1)
                .waiting(Kind.DOUBT, waiting)
                .build();
    }

    // ---- recognised situations

    @ParameterizedTest
    @EnumSource
    void dialogue_throughEveryDriver_isHandedOverOnceAndWaitedForAndAnswered(Driving driving) throws Exception {
        List<Decision> decisions = driving.decide(
                loop(dialogues).clock(ReflexClock.system()).budget(Duration.ofSeconds(5)),
                (each, index) -> {
                    if (index == 3) {
                        Escalation escalation = awaited(1);
                        each.guide(Guidance.answer(
                                "g",
                                escalation,
                                escalation.situation().options().get(1),
                                LEASE));
                    }
                },
                quiet().build(),
                dialogue("Fargoth", "yes", "no").build(),
                dialogue("Fargoth", "yes", "no").build(),
                dialogue("Fargoth", "yes", "no").build(),
                dialogue("Fargoth", "yes", "no").build(),
                quiet().build());
        decisions.forEach(LoopInvariants::check);
        assertThat(decisions)
                .extracting(Decision::served)
                .containsExactly(Served.MODEL, Served.HOLD, Served.HOLD, Served.GUIDANCE, Served.HOLD, Served.MODEL);
        assertThat(decisions).extracting(Decision::escalated).containsExactly(false, true, false, false, false, false);
        assertThat(decisions.get(1).action().name()).isEqualTo("wait");
        assertThat(decisions.get(1).because()).contains(Cause.RECOGNIZED);
        assertThat(decisions.get(3).action().name()).isEqualTo("talk");
        assertThat(decisions.get(3).target().map(Target::id)).contains("id of no");
        assertThat(model.asked()).as("asked in the quiet ticks only").isEqualTo(2);
        Escalation escalation = escalation(1);
        assertThat(escalation.decision()).isEqualTo(decisions.get(1).id());
        assertThat(escalation.situation())
                .isEqualTo(new Situation(
                        Kind.DIALOGUE,
                        "Fargoth speaks",
                        List.of(
                                new Option("yes", "talk", Optional.of("id of yes")),
                                new Option("no", "talk", Optional.of("id of no"))),
                        Waiting.IDLE));
        assertThat(decisions)
                .extracting(Decision::situation)
                .containsExactly(
                        Optional.empty(),
                        Optional.of(escalation.situation()),
                        Optional.of(escalation.situation()),
                        Optional.of(escalation.situation()),
                        Optional.of(escalation.situation()),
                        Optional.empty());
    }

    private Escalation awaited(int number) {
        try {
            return escalation(number);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Test
    void dialogue_withOtherWords_isAnotherSituation() throws Exception {
        decide(dialogue("Fargoth", "yes", "no"));
        decide(dialogue("Hrisskar", "yes", "no"));
        answer("g", escalation(2), 0);
        answer("late", sink.escalations().get(0), 1);
        assertThat(decide(dialogue("Hrisskar", "yes", "no")).guidance()).contains("g");
        assertThat(fates()).containsExactly(Fate.OUTDATED, Fate.APPLIED);
    }

    @Test
    void dialogue_thatEndsBeforeTheAnswerIsTaken_makesItOutdated() throws Exception {
        decide(dialogue("Fargoth", "yes", "no"));
        answer("g", escalation(1), 0);
        assertThat(decide(quiet()).served()).isEqualTo(Served.MODEL);
        assertThat(fates()).containsExactly(Fate.OUTDATED);
    }

    @Test
    void dialogue_thatIsOver_takesNoGoalFromItsAnswer() throws Exception {
        int number = 0;
        for (Optional<String> action : List.of(Optional.of("talk"), Optional.of("dance"), Optional.<String>empty())) {
            decide(dialogue("Fargoth", "yes", "no"));
            Escalation asked = escalation(++number);
            decide(quiet());
            loop.guide(new Guidance(
                    "g", Optional.of(asked.id()), action, Optional.empty(), Optional.of(Goal.of("stale")), LEASE));
            assertThat(decide(quiet()).goal()).isEqualTo(Goal.none());
        }
        assertThat(fates()).containsExactly(Fate.OUTDATED, Fate.OUTDATED, Fate.OUTDATED);
    }

    @Test
    void dialogue_thatComesAgain_isHandedOverAgainAndNotAnsweredByTheOldAnswer() throws Exception {
        decide(dialogue("Fargoth", "yes", "no"));
        Escalation first = escalation(1);
        decide(quiet());
        assertThat(decide(dialogue("Fargoth", "yes", "no")).escalated()).isTrue();
        escalation(2);
        answer("g", first, 0);
        assertThat(decide(dialogue("Fargoth", "yes", "no")).served()).isEqualTo(Served.HOLD);
        assertThat(fates()).containsExactly(Fate.OUTDATED);
    }

    @Test
    void dialogue_whoseTargetIsGone_makesTheAnswerIllegalAfterItsLease() throws Exception {
        use(loop(EscalationPolicy.builder()
                .when(Kind.DIALOGUE, perception -> perception.flag("dialogue"), "A dialogue")
                .build()));
        decide(dialogue("Fargoth", "yes"));
        loop.guide(new Guidance(
                "g",
                Optional.of(escalation(1).id()),
                Optional.of("talk"),
                Optional.of("id of yes"),
                Optional.empty(),
                SECOND));
        assertThat(decide(dialogue("Fargoth", "no")).served()).isEqualTo(Served.HOLD);
        clock.advance(SECOND);
        assertThat(decide(dialogue("Fargoth", "no")).served()).isEqualTo(Served.HOLD);
        assertThat(fates()).containsExactly(Fate.ILLEGAL);
    }

    @Test
    void dialogue_whileItsActionCoolsDown_isStillTheSame() throws Exception {
        decide(dialogue("Fargoth", "yes", "no"));
        answer("g", escalation(1), 0);
        assertThat(decide(dialogue("Fargoth", "yes", "no")).served()).isEqualTo(Served.GUIDANCE);
        Decision cooling = decide(dialogue("Fargoth", "yes", "no"));
        assertThat(cooling.legal()).extracting(Action::name).doesNotContain("talk");
        clock.advance(SECOND);
        decide(dialogue("Fargoth", "yes", "no"));
        settle();
        escalation(1);
    }

    @Test
    void dialogue_thatNobodyAnswers_isHandedOverAgainAndAnsweredOnce() throws Exception {
        decide(dialogue("Fargoth", "yes", "no"));
        Escalation first = escalation(1);
        clock.advance(Duration.ofSeconds(59));
        assertThat(decide(dialogue("Fargoth", "yes", "no")).escalated()).isFalse();
        clock.advance(SECOND);
        Decision again = decide(dialogue("Fargoth", "yes", "no"));
        assertThat(again.escalated()).isTrue();
        assertThat(again.served()).isEqualTo(Served.HOLD);
        answer("g1", first, 0);
        answer("g2", escalation(2), 1);
        assertThat(decide(dialogue("Fargoth", "yes", "no")).guidance()).contains("g1");
        assertThat(fates()).containsExactly(Fate.UNKNOWN, Fate.APPLIED);
        clock.advance(Duration.ofSeconds(59));
        assertThat(decide(dialogue("Fargoth", "yes", "no")).escalated())
                .as("the strategist spoke less than a minute ago")
                .isFalse();
        clock.advance(SECOND);
        assertThat(decide(dialogue("Fargoth", "yes", "no")).escalated()).isTrue();
        answer("g3", escalation(3), 1);
        assertThat(decide(dialogue("Fargoth", "yes", "no")).guidance()).contains("g3");
    }

    @Test
    void dialogue_thatNobodyEverAnswers_doesNotStopTheBotForEver() throws Exception {
        use(loop(dialogues).waitAtMost(Duration.ofMinutes(2)));
        assertThat(decide(dialogue("Fargoth", "yes")).served()).isEqualTo(Served.HOLD);
        clock.advance(Duration.ofMinutes(2).minusNanos(1));
        assertThat(decide(dialogue("Fargoth", "yes")).served()).isEqualTo(Served.HOLD);
        clock.advance(Duration.ofNanos(1));
        assertThat(decide(dialogue("Fargoth", "yes")).served()).isEqualTo(Served.MODEL);
    }

    @Test
    void dialogue_answeredWithAGoalOnly_isLeftToTheModelWithThatGoal() throws Exception {
        decide(dialogue("Fargoth", "yes"));
        loop.guide(new Guidance(
                "g",
                Optional.of(escalation(1).id()),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Goal.of("be brief")),
                LEASE));
        Decision decision = decide(dialogue("Fargoth", "yes"));
        assertThat(decision.served()).isEqualTo(Served.MODEL);
        assertThat(decision.goal()).isEqualTo(Goal.of("be brief"));
        assertThat(fates()).isEmpty();
        answer("g2", sink.escalations().get(0), 0);
        assertThat(fates()).containsExactly(Fate.UNKNOWN);
    }

    @Test
    void dialogue_inATickWithOneLegalAction_isForcedAndGoesOn() throws Exception {
        decide(dialogue("Fargoth", "yes"));
        Decision forced = decide(dialogue("Fargoth", "yes").fact("bound", true));
        assertThat(forced.served()).isEqualTo(Served.FORCED);
        assertThat(forced.situation()).isPresent();
        assertThat(decide(dialogue("Fargoth", "yes")).escalated()).isFalse();
        settle();
        escalation(1);
    }

    @ParameterizedTest
    @CsvSource({"IDLE, wait", "LAST_GOOD, flee", "FALLBACK, fight", "MODEL, fight"})
    void waiting_inASituationThatWasRecognised_isAsThePolicySays(Waiting waiting, String action) {
        use(loop(EscalationPolicy.builder()
                .when(Kind.QUEST, perception -> perception.flag("dialogue"), "A quest")
                .waiting(Kind.QUEST, waiting)
                .build()));
        assertThat(decide(quiet()).action().name()).isEqualTo("flee");
        Decision held = decide(dialogue("Fargoth"));
        assertThat(held.served()).isEqualTo(Served.HOLD);
        assertThat(held.action().name()).isEqualTo(action);
    }

    @Test
    void policy_withoutASink_isNotAsked() {
        AtomicInteger asked = new AtomicInteger();
        EscalationPolicy counting = question -> {
            asked.incrementAndGet();
            return Optional.empty();
        };
        for (ReflexLoop.Builder each : List.of(
                ReflexLoop.builder(schema, model).clock(clock).escalateWhen(counting),
                loop(counting).escalateTo(EscalationSink.disabled()))) {
            use(each);
            assertThat(decide(dialogue("Fargoth")).served()).isEqualTo(Served.MODEL);
        }
        assertThat(asked).hasValue(0);
    }

    @Test
    void policy_thatMisbehaves_isCountedAndTheModelDecides() throws Exception {
        use(loop(new EscalationPolicy() {
            @Override
            public Optional<Situation> recognize(Question question) {
                if (question.perception().flag("throw")) {
                    throw new IllegalStateException("thrown by a test");
                }
                return question.perception().flag("null") ? null : Optional.empty();
            }

            @Override
            public Optional<Situation> doubt(Question question, Answer answer) {
                throw new AssertionError("thrown by a test");
            }
        }));
        assertThat(decide(quiet().fact("throw", true)).served()).isEqualTo(Served.MODEL);
        assertThat(decide(quiet().fact("null", true)).served()).isEqualTo(Served.MODEL);
        assertThat(loop.stats().callbackFailures()).isEqualTo(4);
        settle();
        assertThat(sink.escalations()).isEmpty();
    }

    @Test
    void policy_withOptionsThatTheSchemaDoesNotHave_losesThem() throws Exception {
        use(loop(EscalationPolicy.builder()
                .when(
                        Kind.UNKNOWN,
                        perception -> true,
                        perception -> "Odd",
                        question -> List.of(
                                new Option("fly", "fly", Optional.empty()),
                                new Option("run", "flee", Optional.empty())))
                .build()));
        decide(quiet());
        assertThat(escalation(1).situation().options()).containsExactly(new Option("run", "flee", Optional.empty()));
        assertThat(loop.stats().callbackFailures()).isEqualTo(1);
    }

    // ---- measured situations

    @ParameterizedTest
    @CsvSource({"IDLE, wait", "LAST_GOOD, fight", "FALLBACK, fight", "MODEL, flee"})
    void waiting_inDoubt_isAsThePolicySaysAndEndsWithPatience(Waiting waiting, String action) {
        use(loop(doubting(waiting)));
        Decision held = decide(quiet());
        assertThat(held.served()).isEqualTo(Served.HOLD);
        assertThat(held.because()).contains(Cause.DOUBT);
        assertThat(held.action().name()).isEqualTo(action);
        assertThat(held.answer()).isPresent();
        clock.advance(Duration.ofSeconds(5));
        Decision after = decide(quiet());
        assertThat(after.served()).isEqualTo(Served.MODEL);
        assertThat(after.situation().map(Situation::kind)).contains(Kind.DOUBT);
    }

    @Test
    void doubt_withOnePending_isHandedOverAgainAfterPatience() throws Exception {
        use(loop(doubting(Waiting.MODEL)));
        assertThat(decide(quiet()).escalated()).isTrue();
        clock.advance(Duration.ofSeconds(5).minusNanos(1));
        assertThat(decide(quiet()).escalated()).isFalse();
        clock.advance(Duration.ofNanos(1));
        assertThat(decide(quiet()).escalated()).isTrue();
        escalation(2);
    }

    @Test
    void doubt_thatWasAnswered_isHandedOverAgainAtOnceAndWaitedForAnew() throws Exception {
        use(loop(doubting(Waiting.IDLE)));
        decide(quiet());
        clock.advance(Duration.ofSeconds(4));
        answer("g", escalation(1), 1);
        assertThat(decide(quiet()).action().name()).isEqualTo("fight");
        clock.advance(SECOND);
        Decision next = decide(quiet());
        assertThat(next.escalated()).isTrue();
        assertThat(next.served()).isEqualTo(Served.HOLD);
        assertThat(fates()).containsExactly(Fate.APPLIED);
    }

    @Test
    void doubt_answeredAfterItHasPassed_isTakenAsLongAsTheActionIsLegal() throws Exception {
        use(loop(EscalationPolicy.builder().probabilityBelow(0.95).build()));
        decide(quiet());
        Escalation escalation = escalation(1);
        decide(quiet().fact("bound", true));
        answer("g", escalation, 1);
        assertThat(decide(quiet()).served()).isEqualTo(Served.GUIDANCE);
        assertThat(fates()).containsExactly(Fate.APPLIED);
    }

    @Test
    void doubt_answeredWithAGoalOnly_makesRoomForTheNext() throws Exception {
        use(loop(doubting(Waiting.MODEL)));
        decide(quiet());
        loop.guide(new Guidance(
                "g",
                Optional.of(escalation(1).id()),
                Optional.empty(),
                Optional.empty(),
                Optional.of(Goal.of("flee")),
                LEASE));
        assertThat(decide(quiet()).escalated()).isTrue();
    }

    @Test
    void abstaining_longerThanPatience_endsInTheFallback() {
        ActionSchema abstaining = ActionSchema.builder("abstaining")
                .action("wait", "")
                .action("fight", "")
                .action("ask", "")
                .idle("wait")
                .abstain("ask")
                .build();
        loop.close();
        loop = ReflexLoop.builder(abstaining, ScriptedModel.script("fight", "ask"))
                .clock(clock)
                .escalateTo(sink)
                .build();
        decide(quiet());
        Decision held = decide(quiet());
        assertThat(held.action().name()).isEqualTo("fight");
        assertThat(held.situation().map(Situation::options).orElseThrow())
                .extracting(Option::action)
                .containsExactly("wait", "fight");
        clock.advance(Duration.ofSeconds(5));
        Decision after = decide(quiet());
        assertThat(after.action().name()).isEqualTo("wait");
        assertThat(after.served()).isEqualTo(Served.FALLBACK);
        assertThat(after.because()).contains(Cause.ABSTAINED);
    }

    @Test
    void sideQuestion_ofThePolicy_ridesAlongAndEscalates() throws Exception {
        SideQuestion question = SideQuestion.yesNo("help", "Does this need the strategist?");
        ScriptedModel asking = ScriptedModel.answering(asked -> {
            Answer plain = ScriptedModel.favouring(asked, "flee");
            return new Answer(
                    plain.model(),
                    plain.adapter(),
                    plain.probabilities(),
                    plain.legalMass(),
                    plain.targets(),
                    Map.of(
                            asked.sideQuestions().get(0).id(),
                            Map.of("yes", asked.perception().number("yes", 0))),
                    plain.prompt(),
                    plain.timings());
        });
        loop.close();
        loop = ReflexLoop.builder(schema, asking)
                .clock(clock)
                .escalateTo(sink)
                .escalateWhen(EscalationPolicy.builder().askModel(question, 0.7).build())
                .build();
        assertThat(decide(quiet().fact("yes", 0.69)).situation()).isEmpty();
        assertThat(decide(quiet().fact("yes", 0.7)).situation().map(Situation::kind))
                .contains(Kind.ASKED);
        assertThat(asking.questions().get(0).sideQuestions()).containsExactly(question);
    }

    // ---- sinks and the budget

    @Test
    void sink_thatRejectsOrThrows_isCountedAndAskedAgainAfterABackOff() throws Exception {
        List<String> submitted = new ArrayList<>();
        use(loop(dialogues).escalateTo(escalation -> {
            submitted.add(escalation.id());
            if (submitted.size() == 1) {
                return EscalationSink.Receipt.REJECTED;
            } else if (submitted.size() == 2) {
                throw new IllegalStateException("thrown by a test");
            }
            return EscalationSink.Receipt.ACCEPTED;
        }));
        List<Boolean> escalated = new ArrayList<>();
        for (int second = 0; second < 6; second++) {
            Decision decision = decide(dialogue("Fargoth", "yes"));
            assertThat(decision.served()).isEqualTo(Served.HOLD);
            escalated.add(decision.escalated());
            settle();
            clock.advance(SECOND);
        }
        assertThat(escalated).containsExactly(true, true, false, true, false, false);
        assertThat(submitted).hasSize(3).doesNotHaveDuplicates();
        assertThat(loop.stats().escalationsRejected()).isEqualTo(2);
        assertThat(loop.stats().callbackFailures()).isEqualTo(1);
        assertThat(loop.stats().escalated()).isEqualTo(3);
    }

    @Test
    void budget_thatIsSpent_isCountedAndTheLastingSituationIsHandedOverWhenThereIsRoom() throws Exception {
        use(loop(dialogues).escalationsPerMinute(2));
        assertThat(decide(dialogue("Fargoth", "yes")).escalated()).isTrue();
        clock.advance(Duration.ofSeconds(30));
        assertThat(decide(dialogue("Hrisskar", "yes")).escalated()).isTrue();
        for (int tick = 0; tick < 3; tick++) {
            Decision over = decide(dialogue("Arrille", "yes"));
            assertThat(over.escalated()).isFalse();
            assertThat(over.served()).isEqualTo(Served.HOLD);
        }
        assertThat(loop.stats().escalationsOverBudget()).isEqualTo(1);
        clock.advance(Duration.ofSeconds(30));
        assertThat(decide(dialogue("Arrille", "yes")).escalated()).isTrue();
        assertThat(decide(dialogue("Socucius", "yes")).escalated()).isFalse();
        assertThat(loop.stats().escalationsOverBudget()).isEqualTo(2);
        assertThat(escalation(3).situation().words()).isEqualTo("Arrille speaks");
    }

    // ---- two strategists at once

    @Test
    void strategists_thatAnswerAtTheSameTimeWhileTheLoopDecides_applyNothingStale() throws Exception {
        use(loop(dialogues).escalationsPerMinute(100_000).session("race"));
        AtomicInteger said = new AtomicInteger();
        Semaphore heard = new Semaphore(0);
        AtomicInteger speaker = new AtomicInteger();
        List<Decision> decisions = new ArrayList<>();
        Together.call(3, () -> {
            if (speaker.getAndIncrement() == 0) {
                for (int tick = 0; tick < 3_000; tick++) {
                    decisions.add(decide(tick % 7 == 6 ? quiet() : dialogue("speaker " + tick / 7, "yes", "no")));
                    clock.advance(SECOND);
                    if (tick % 14 == 0) { // every second dialogue is answered for sure
                        heard.acquire(tick == 0 ? 2 : 4);
                    }
                    Thread.yield();
                }
                speaker.set(-1);
                return true;
            }
            int next = 0;
            while (speaker.get() > 0 || next < sink.escalations().size()) {
                List<Escalation> all = sink.escalations();
                for (; next < all.size(); next++) {
                    answer("g" + said.incrementAndGet() + " " + all.get(next).id(), all.get(next), next % 2);
                    heard.release();
                }
                sink.await(next + 1, Duration.ofMillis(10));
            }
            return true;
        });
        settle();
        loop.close();
        assertThat(loop.stats().guidances().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(said.get() + 1);
        assertThat(loop.stats().guidances(Fate.APPLIED))
                .isEqualTo(loop.stats().served(Served.GUIDANCE))
                .isGreaterThan(100);
        for (Decision decision : decisions) {
            if (decision.guidance().isPresent()) {
                Escalation answered = sink.escalations().stream()
                        .filter(each -> decision.guidance().get().endsWith(" " + each.id()))
                        .findFirst()
                        .orElseThrow();
                assertThat(decision.situation())
                        .as("what was answered is what is going on")
                        .contains(answered.situation());
            }
        }
    }
}
