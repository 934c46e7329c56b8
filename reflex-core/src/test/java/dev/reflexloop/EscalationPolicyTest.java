package dev.reflexloop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reflexloop.Situation.Kind;
import dev.reflexloop.Situation.Option;
import dev.reflexloop.Situation.Waiting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a built policy recognises, doubts, and takes for new. */
class EscalationPolicyTest {
    private static final Answer SURE = Answer.of("m", Map.of("fight", 0.9, "wait", 0.1));

    private final ActionSchema schema = ActionSchema.builder("policy")
            .action("wait", "")
            .action("fight", "")
            .action("ask", "")
            .action(Action.of("talk"), perception -> !perception.flag("mute"))
            .targets("talk", perception -> List.of(new Target("1", "Yes"), new Target("2", "")))
            .idle("wait")
            .abstain("ask")
            .build();

    private Question question(UnaryOperator<Perception.Builder> facts) {
        return Question.about(schema, facts.apply(Perception.builder("bot", 1)).build());
    }

    private Optional<Kind> doubt(EscalationPolicy policy, UnaryOperator<Perception.Builder> facts) {
        return policy.doubt(question(facts), SURE).map(Situation::kind);
    }

    private static UnaryOperator<Perception.Builder> place(String name) {
        return perception -> perception.fact("place", name);
    }

    private static UnaryOperator<Perception.Builder> health(double value) {
        return perception -> perception.fact("health", value);
    }

    @Test
    void recognize_withSeveralRules_takesTheFirstThatHolds() {
        EscalationPolicy policy = EscalationPolicy.builder()
                .when(Kind.QUEST, perception -> perception.flag("quest"), "A quest")
                .when(
                        Kind.DILEMMA,
                        perception -> perception.number("health", 0) > 5,
                        perception -> "At " + perception.text("place", "nowhere"),
                        Option.targetsOf("talk"))
                .waiting(Kind.DILEMMA, Waiting.FALLBACK)
                .build();
        assertThat(policy.recognize(question(facts -> facts))).isEmpty();
        assertThat(policy.recognize(question(facts -> facts.fact("quest", true).fact("health", 9))))
                .contains(new Situation(
                        Kind.QUEST, "A quest", List.of(option("wait"), option("fight"), option("talk")), Waiting.IDLE));
        assertThat(policy.recognize(question(facts -> facts.fact("health", 9).fact("place", "Vivec"))))
                .contains(new Situation(
                        Kind.DILEMMA,
                        "At Vivec",
                        List.of(new Option("Yes", "talk", Optional.of("1")), new Option("2", "talk", Optional.of("2"))),
                        Waiting.FALLBACK));
    }

    private static Option option(String action) {
        return new Option(action, action, Optional.empty());
    }

    @Test
    void options_ofTargetsAndChoices_areThoseOfTheSchemaAlsoWhereTheActionIsNotLegal() {
        Question mute = question(facts -> facts.fact("mute", true).choices(List.of("2", "Yes", "Maybe")));
        Function<Question, List<Option>> targets = Option.targetsOf("talk");
        assertThat(targets.apply(mute)).extracting(Option::text).containsExactly("Yes", "2");
        assertThat(Option.choicesOf("talk").apply(mute))
                .containsExactly(
                        new Option("2", "talk", Optional.of("2")),
                        new Option("Yes", "talk", Optional.of("1")),
                        new Option("Maybe", "talk", Optional.empty()));
        assertThat(Option.targetsOf("dance").apply(mute)).isEmpty();
    }

    @Test
    void situation_withOtherActionsButTheSameTargets_isTheSame() {
        List<Option> aimed = List.of(new Option("Yes", "talk", Optional.of("1")), option("fight"));
        Situation first = new Situation(Kind.DIALOGUE, "words", aimed, Waiting.IDLE);
        assertThat(first.isSame(new Situation(Kind.DIALOGUE, "words", aimed.subList(0, 1), Waiting.MODEL)))
                .isTrue();
        assertThat(first.isSame(new Situation(Kind.DIALOGUE, "words", aimed.subList(1, 2), Waiting.IDLE)))
                .isFalse();
        assertThat(first.isSame(new Situation(Kind.DIALOGUE, "others", aimed, Waiting.IDLE)))
                .isFalse();
        assertThat(first.isSame(new Situation(Kind.QUEST, "words", aimed, Waiting.IDLE)))
                .isFalse();
    }

    @Test
    void doubt_withThresholds_isFoundBeyondEachOfThem() {
        Question question = question(facts -> facts);
        Answer answer = new Answer(
                "m",
                Optional.empty(),
                Map.of("fight", 0.6, "wait", 0.4),
                OptionalDouble.of(0.5),
                Map.of(),
                Map.of(),
                Optional.empty(),
                Timings.unknown());
        double margin = Doubt.of(answer, question.legal()).margin();
        double entropy = Doubt.of(answer, question.legal()).entropy();
        EscalationPolicy none = EscalationPolicy.builder()
                .marginBelow(margin)
                .entropyAbove(entropy)
                .legalMassBelow(0.5)
                .probabilityBelow(0.6)
                .build();
        assertThat(none.doubt(question, answer)).isEmpty();
        for (EscalationPolicy.Builder each : List.of(
                EscalationPolicy.builder().marginBelow(margin + 0.01),
                EscalationPolicy.builder().entropyAbove(entropy - 0.01),
                EscalationPolicy.builder().legalMassBelow(0.51),
                EscalationPolicy.builder().probabilityBelow(0.61))) {
            Situation situation = each.build().doubt(question, answer).orElseThrow();
            assertThat(situation.kind()).isEqualTo(Kind.DOUBT);
            assertThat(situation.waiting()).isEqualTo(Waiting.MODEL);
            assertThat(situation.words()).contains("0.600", "0.200", "0.500");
        }
        assertThat(EscalationPolicy.builder().legalMassBelow(1).build().doubt(question, SURE))
                .as("legal mass is not known")
                .isEmpty();
    }

    @Test
    void doubt_withASideQuestion_followsItsYesWhereItWasAnswered() {
        EscalationPolicy policy = EscalationPolicy.builder()
                .askModel(SideQuestion.yesNo("help", "Help?"), 0.7)
                .build();
        Question question = question(facts -> facts);
        assertThat(policy.sideQuestions()).extracting(SideQuestion::id).containsExactly("help");
        assertThat(policy.doubt(question, SURE)).isEmpty();
        assertThat(policy.doubt(question, saying(0.69))).isEmpty();
        assertThat(policy.doubt(question, saying(Double.NaN))).isEmpty();
        assertThat(policy.doubt(question, saying(0.7)).map(Situation::words)).contains("The reflex says yes to: Help?");
    }

    private static Answer saying(double yes) {
        return new Answer(
                "m",
                Optional.empty(),
                SURE.probabilities(),
                OptionalDouble.empty(),
                Map.of(),
                Map.of("help", Map.of("yes", yes)),
                Optional.empty(),
                Timings.unknown());
    }

    @Test
    void novelty_ofNamesTextsAndNumbers_isFoundOnceAfterTheTicksThatTeach() {
        EscalationPolicy policy = EscalationPolicy.builder().noveltyAfter(3).build();
        assertThat(doubt(policy, place("Vivec"))).isEmpty();
        assertThat(doubt(policy, place("Balmora"))).isEmpty();
        assertThat(doubt(policy, health(10))).as("the last that only teaches").isEmpty();
        assertThat(doubt(policy, place("Vivec"))).isEmpty();
        assertThat(policy.doubt(question(place("Ald'ruhn")), SURE).map(Situation::words))
                .contains("Never seen before: place is 'Ald'ruhn'");
        assertThat(doubt(policy, place("Ald'ruhn"))).isEmpty();
        assertThat(doubt(policy, facts -> facts.fact("weather", "rain"))).contains(Kind.NOVELTY);
        assertThat(doubt(policy, health(20))).as("there was no range yet").isEmpty();
        assertThat(doubt(policy, health(25))).as("half a width beyond").isEmpty();
        assertThat(doubt(policy, health(32.6))).as("more than that").contains(Kind.NOVELTY);
        assertThat(doubt(policy, health(32.6))).isEmpty();
        assertThat(doubt(policy, health(-2))).contains(Kind.NOVELTY);
    }

    @Test
    void novelty_insideRecords_isFound() {
        EscalationPolicy policy = EscalationPolicy.builder().noveltyAfter(1).build();
        assertThat(doubt(policy, facts -> facts.fact("npcs", List.of(Map.of("race", Fact.of("orc"))))))
                .isEmpty();
        assertThat(doubt(
                        policy,
                        facts -> facts.fact(
                                "npcs", List.of(Map.of("race", Fact.of("orc")), Map.of("race", Fact.of("elf"))))))
                .contains(Kind.NOVELTY);
    }

    @Test
    void novelty_isThatOfTheEntityUnlessItIsOverAll() {
        EscalationPolicy each = EscalationPolicy.builder().noveltyAfter(1).build();
        EscalationPolicy all =
                EscalationPolicy.builder().noveltyAfter(1).noveltyOverAll().build();
        for (String entity : List.of("a", "b")) {
            for (String place : List.of("Vivec", "Balmora")) {
                Question question = Question.about(
                        schema,
                        Perception.builder(entity, 1).fact("place", place).build());
                boolean first = place.equals("Vivec");
                assertThat(each.doubt(question, SURE).isPresent()).isEqualTo(!first);
                assertThat(all.doubt(question, SURE).isPresent()).isEqualTo(!first && entity.equals("a"));
            }
        }
    }

    @Test
    void novelty_ofFreeTextAndOfMoreThanTheMemoryHolds_ends() {
        EscalationPolicy policy = EscalationPolicy.builder().noveltyAfter(1).build();
        doubt(policy, place("place"));
        for (int i = 1; i < 64; i++) {
            assertThat(doubt(policy, place("place" + i))).contains(Kind.NOVELTY);
        }
        for (int i = 64; i < 1_000; i++) {
            assertThat(doubt(policy, place("place" + i))).as("text %d", i).isEmpty();
        }
        for (int i = 1; i < 256; i++) {
            String name = "fact" + i;
            assertThat(doubt(policy, facts -> facts.fact(name, 1))).contains(Kind.NOVELTY);
        }
        assertThat(doubt(policy, facts -> facts.fact("one more", 1))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource(names = {"ABSTAINED", "DOUBT", "NOVELTY", "ASKED"})
    void when_ofAKindThatIsMeasured_isRefused(Kind kind) {
        assertThatThrownBy(() -> EscalationPolicy.builder().when(kind, perception -> true, "words"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(kind.name());
    }

    @Test
    void builder_withWhatCannotBe_isRefusedByName() {
        EscalationPolicy.Builder builder = EscalationPolicy.builder();
        assertThatThrownBy(() -> builder.marginBelow(1.1)).hasMessageContaining("margin is 1.1");
        assertThatThrownBy(() -> builder.entropyAbove(Double.NaN)).hasMessageContaining("entropy is NaN");
        assertThatThrownBy(() -> builder.numbersBeyond(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> builder.noveltyAfter(-1)).hasMessageContaining("-1");
        assertThatThrownBy(() -> builder.waiting(Kind.ABSTAINED, Waiting.IDLE)).hasMessageContaining("ABSTAINED");
        assertThatThrownBy(() -> builder.askModel(new SideQuestion("q", "?", List.of("maybe", "no")), 0.5))
                .hasMessageContaining("'q'");
    }
}
