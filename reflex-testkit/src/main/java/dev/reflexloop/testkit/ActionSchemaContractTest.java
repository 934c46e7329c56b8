package dev.reflexloop.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Cause;
import dev.reflexloop.Decision;
import dev.reflexloop.Perception;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * What every {@link ActionSchema} has to keep. Extend it in your tests:
 *
 * <pre>{@code
 * class MySchemaContractTest extends ActionSchemaContractTest {
 *     protected ActionSchema createSchema() {
 *         return new MySchema(rules);
 *     }
 *
 *     protected List<Perception> perceptions() {
 *         return recordedGame();
 *     }
 * }
 * }</pre>
 */
public abstract class ActionSchemaContractTest {

    /** For subclasses. */
    protected ActionSchemaContractTest() {}

    /**
     * Makes a schema.
     *
     * @return a schema
     */
    protected abstract ActionSchema createSchema();

    /**
     * What the schema is shown, besides an empty and a hostile perception. Default: nothing else.
     *
     * @return perceptions of the game it is for
     */
    protected List<Perception> perceptions() {
        return List.of();
    }

    private List<Perception> allPerceptions() {
        List<Perception> all = new ArrayList<>(Samples.perceptions());
        all.addAll(perceptions());
        return all;
    }

    /** The actions are a closed set. */
    @Test
    public void actions_always_areTheSameOneToManyWithDifferentNames() {
        ActionSchema schema = createSchema();
        assertThat(schema.name()).isNotBlank().isEqualTo(schema.name());
        assertThat(schema.actions()).hasSizeBetween(1, ActionSchema.MAX_OPTIONS).isEqualTo(schema.actions());
        assertThat(schema.actions()).extracting(Action::name).doesNotHaveDuplicates();
        assertThat(schema.actions()).isUnmodifiable();
    }

    /** Something legal exists in every tick. */
    @Test
    public void idle_always_isOneOfTheActionsWithoutCooldown() {
        ActionSchema schema = createSchema();
        assertThat(schema.actions()).contains(schema.idle());
        assertThat(schema.idle().cooldown()).isZero();
        assertThat(schema.idle()).isEqualTo(schema.idle());
    }

    /** Abstaining is choosing. */
    @Test
    public void abstain_wherePresent_isOneOfTheActionsButNotTheIdleOne() {
        ActionSchema schema = createSchema();
        schema.abstain().ifPresent(abstain -> {
            assertThat(schema.actions()).contains(abstain);
            assertThat(abstain).isNotEqualTo(schema.idle());
        });
    }

    /** The mask is made of the schema's own actions, and two looks at one perception see the same. */
    @Test
    public void legal_ofAnyPerception_isASetOfItsActions() {
        ActionSchema schema = createSchema();
        for (Perception perception : allPerceptions()) {
            List<Action> legal = schema.legal(perception);
            assertThat(legal)
                    .as("legal at tick " + perception.tick())
                    .isNotEmpty()
                    .doesNotHaveDuplicates();
            assertThat(schema.actions()).containsAll(legal);
            assertThat(schema.legal(perception)).isEqualTo(legal);
        }
    }

    /** Targets of one action differ, and there are not too many. */
    @Test
    public void targets_ofALegalAction_haveDifferentIds() {
        ActionSchema schema = createSchema();
        for (Perception perception : allPerceptions()) {
            for (Action action : schema.legal(perception)) {
                List<Target> targets = schema.targets(action, perception);
                assertThat(targets)
                        .as("targets of " + action.name())
                        .hasSizeLessThanOrEqualTo(ActionSchema.MAX_OPTIONS);
                assertThat(targets).extracting(Target::id).doesNotHaveDuplicates();
            }
        }
    }

    /** A loop takes the schema, has nothing to complain of, and serves what is legal. */
    @Test
    public void loop_withTheSchema_servesLegalActionsWithoutAProblem() {
        ActionSchema schema = createSchema();
        try (ScriptedModel model = ScriptedModel.answering(question -> ScriptedModel.favouring(
                        question,
                        question.legal().get(question.legal().size() - 1).name()));
                ReflexLoop loop = ReflexLoop.builder(schema, model).build()) {
            for (Perception perception : allPerceptions()) {
                Decision decision = loop.decide(perception);
                assertThat(decision.legal()).contains(decision.action());
                assertThat(decision.because()).as("why not the model's").isNotEqualTo(Optional.of(Cause.NOTHING_LEGAL));
            }
            assertThat(loop.stats().callbackFailures())
                    .as("problems of the schema")
                    .isZero();
        }
    }

    /** Loops share a schema. */
    @Test
    public void legal_fromFourThreads_isTheSameForAll() throws Exception {
        ActionSchema schema = createSchema();
        List<Perception> perceptions = allPerceptions();
        List<List<List<Action>>> seen = Together.call(4, () -> {
            List<List<Action>> all = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                for (Perception perception : perceptions) {
                    all.add(List.copyOf(schema.legal(perception)));
                }
            }
            return all;
        });
        assertThat(seen).allSatisfy(each -> assertThat(each).isEqualTo(seen.get(0)));
    }
}
