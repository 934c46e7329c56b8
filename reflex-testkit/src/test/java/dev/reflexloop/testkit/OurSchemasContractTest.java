package dev.reflexloop.testkit;

import dev.reflexloop.Action;
import dev.reflexloop.ActionSchema;
import dev.reflexloop.Perception;
import dev.reflexloop.Pilot;
import dev.reflexloop.Target;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;

/** The contracts of schemas and pilots, run on the ones of the core. */
class OurSchemasContractTest {

    enum Tactic {
        WAIT,
        CIRCLE_WALL,
        fightBack
    }

    @Nested
    class BuilderTest extends ActionSchemaContractTest {
        @Override
        protected ActionSchema createSchema() {
            return ActionSchema.builder("ruled")
                    .action("wait", "")
                    .action(
                            Action.of("fight").withCooldown(Duration.ofMillis(1)),
                            perception -> perception.number("health", 0) > 10)
                    .action(Action.of("flee"), perception -> !perception.flag("cornered"))
                    .action("ask", "do not judge")
                    .targets("fight", perception -> List.of(Target.of(perception.text("place", "nowhere"))))
                    .idle("wait")
                    .abstain("ask")
                    .build();
        }

        @Override
        protected List<Perception> perceptions() {
            return List.of(Perception.builder("bot", 9)
                    .fact("health", 5)
                    .fact("cornered", true)
                    .build());
        }
    }

    @Nested
    class EnumTest extends ActionSchemaContractTest {
        @Override
        protected ActionSchema createSchema() {
            return ActionSchema.of(Tactic.class, Tactic.WAIT);
        }
    }

    @Nested
    class LargestTest extends ActionSchemaContractTest {
        @Override
        protected ActionSchema createSchema() {
            return Samples.large();
        }
    }

    @Nested
    class DisabledPilotTest extends PilotContractTest {
        @Override
        protected Pilot createPilot() {
            return Pilot.disabled();
        }
    }
}
