package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Answer;
import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.Goal;
import dev.reflexloop.Perception;
import dev.reflexloop.Question;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Situation;
import dev.reflexloop.Target;
import dev.reflexloop.Timings;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What every {@link EscalationPolicy} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MyPolicyContractTest extends EscalationPolicyContractTest {
 *     protected EscalationPolicy createPolicy() {
 *         return new MyPolicy();
 *     }
 * }
 * }</pre>
 *
 * <p>Override {@link #schema()} and {@link #perceptions()} to show it your game. Each test makes a policy of its own.
 */
public abstract class EscalationPolicyContractTest {
    private final AtomicLong ticks = new AtomicLong();

    /** For subclasses. */
    protected EscalationPolicyContractTest() {}

    /**
     * Makes a policy.
     *
     * @return a new policy
     */
    protected abstract EscalationPolicy createPolicy();

    /**
     * The actions that the policy is asked about.
     *
     * @return a schema; by default one with four actions
     */
    protected ActionSchema schema() {
        return Samples.schema();
    }

    /**
     * What the policy is shown.
     *
     * @return perceptions; by default an ordinary one, an empty one, and one with hostile text
     */
    protected List<Perception> perceptions() {
        return Samples.perceptions();
    }

    private Question question(EscalationPolicy policy, Perception perception) {
        ActionSchema schema = schema();
        List<Action> legal = schema.legal(perception);
        Map<String, List<Target>> targets = new LinkedHashMap<>();
        for (Action action : legal) {
            List<Target> offered = schema.targets(action, perception);
            if (!offered.isEmpty()) {
                targets.put(action.name(), offered);
            }
        }
        return new Question(perception, Goal.of("survive"), schema, legal, targets, policy.sideQuestions());
    }

    /** One that is sure of the first action, and one that prefers none. */
    private static List<Answer> answers(Question question) {
        Map<String, Double> even = new LinkedHashMap<>();
        for (Action action : question.legal()) {
            even.put(action.name(), 1.0 / question.legal().size());
        }
        Map<String, Map<String, Double>> yes = new LinkedHashMap<>();
        for (SideQuestion each : question.sideQuestions()) {
            yes.put(each.id(), Map.of(each.options().get(0), 1.0));
        }
        return List.of(
                Answer.certain("kit", question.legal().get(0).name()),
                Answer.of("kit", even),
                new Answer(
                        "kit",
                        Optional.empty(),
                        even,
                        OptionalDouble.of(0),
                        Map.of(),
                        yes,
                        Optional.empty(),
                        Timings.unknown()));
    }

    private static void check(Question question, Optional<Situation> said) {
        assertThat(said).as("about %s", question.perception()).isNotNull();
        said.ifPresent(situation -> assertThat(situation.options())
                .allSatisfy(option -> assertThat(question.schema().actions())
                        .as("the schema has '%s'", option.action())
                        .anyMatch(action -> action.name().equals(option.action()))));
    }

    /** Whatever the game shows, there is nothing to say, or a situation whose options exist. */
    @Test
    public void recognize_ofAnyPerception_saysNothingOrWhatCanBeDone() {
        EscalationPolicy policy = createPolicy();
        for (Perception perception : perceptions()) {
            Question question = question(policy, perception);
            check(question, policy.recognize(question));
        }
    }

    /** Whatever a model answers, it is good enough, or a situation whose options exist. */
    @Test
    public void doubt_ofAnyAnswer_saysNothingOrWhatCanBeDone() {
        EscalationPolicy policy = createPolicy();
        for (Perception perception : perceptions()) {
            Question question = question(policy, perception);
            for (Answer answer : answers(question)) {
                check(question, policy.doubt(question, answer));
            }
        }
    }

    /** What is handed over once for as long as it lasts must be known again in the next tick. */
    @Test
    public void recognize_ofTheSameInTheNextTick_isTheSameSituation() {
        EscalationPolicy policy = createPolicy();
        for (Perception perception : perceptions()) {
            Optional<Situation> first = policy.recognize(question(policy, perception));
            Perception next = new Perception(
                    perception.entity(),
                    perception.tick() + 1,
                    perception.at().plusMillis(500),
                    perception.facts(),
                    perception.choices(),
                    perception.urgency());
            Optional<Situation> second = policy.recognize(question(policy, next));
            assertThat(second.map(EscalationPolicyContractTest::sameness))
                    .isEqualTo(first.map(EscalationPolicyContractTest::sameness));
        }
    }

    /** What {@link Situation} says makes two of them the same. */
    private static List<Object> sameness(Situation situation) {
        List<Situation.Option> aimed = situation.options().stream()
                .filter(option -> option.target().isPresent())
                .toList();
        return List.of(situation.kind(), situation.words(), aimed);
    }

    /** A loop asks for the side questions once, and a policy reads their answers by id. */
    @Test
    public void sideQuestions_askedForTwice_areTheSameAndHaveIdsOfTheirOwn() {
        EscalationPolicy policy = createPolicy();
        assertThat(policy.sideQuestions()).isEqualTo(policy.sideQuestions());
        assertThat(policy.sideQuestions()).extracting(SideQuestion::id).doesNotHaveDuplicates();
    }

    /** The record of what decides is kept in these words, and would show a change where there is none. */
    @Test
    public void settings_ofTwoThatAreMadeTheSame_areTheSame() {
        assertThat(createPolicy().settings())
                .isNotBlank()
                .isEqualTo(createPolicy().settings());
    }

    /** Loops share a policy. */
    @Test
    public void policy_askedByFourThreads_answersEach() throws Exception {
        EscalationPolicy policy = createPolicy();
        List<Perception> shown = perceptions();
        Together.call(4, () -> {
            for (int i = 0; i < 50; i++) {
                Perception perception = shown.get((int) (ticks.getAndIncrement() % shown.size()));
                Question question = question(policy, perception);
                check(question, policy.recognize(question));
                for (Answer answer : answers(question)) {
                    check(question, policy.doubt(question, answer));
                }
            }
            return true;
        });
    }

    /** A tick's thread may be interrupted by its game; a policy neither waits nor swallows that. */
    @Test
    public void policy_askedByAnInterruptedThread_keepsTheInterrupt() {
        EscalationPolicy policy = createPolicy();
        Question question = question(policy, perceptions().get(0));
        try {
            Thread.currentThread().interrupt();
            check(question, policy.recognize(question));
            check(question, policy.doubt(question, answers(question).get(0)));
            assertThat(Thread.interrupted()).as("the interrupt is still there").isTrue();
        } finally {
            Thread.interrupted();
        }
    }
}
