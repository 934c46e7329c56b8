package dev.reflexloop.testkit;

import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.SideQuestion;
import dev.reflexloop.Situation;
import org.junit.jupiter.api.Nested;

/** The contract of escalation policies, run on the ones of the core. */
class OurPoliciesContractTest {

    @Nested
    class DisabledTest extends EscalationPolicyContractTest {
        @Override
        protected EscalationPolicy createPolicy() {
            return EscalationPolicy.disabled();
        }
    }

    @Nested
    class RulesTest extends EscalationPolicyContractTest {
        @Override
        protected EscalationPolicy createPolicy() {
            return EscalationPolicy.builder()
                    .when(
                            Situation.Kind.DIALOGUE,
                            perception -> !perception.choices().isEmpty(),
                            perception -> perception.text("place", "Somebody") + " waits for an answer.",
                            Situation.Option.choicesOf("fight"))
                    .when(
                            Situation.Kind.DILEMMA,
                            perception -> perception.flag("armed"),
                            perception -> "The bot is armed.",
                            Situation.Option.targetsOf("fight"))
                    .when(Situation.Kind.UNKNOWN, perception -> true, "Nobody has described this.")
                    .build();
        }
    }

    @Nested
    class MeasuresTest extends EscalationPolicyContractTest {
        @Override
        protected EscalationPolicy createPolicy() {
            return EscalationPolicy.builder()
                    .marginBelow(0.1)
                    .entropyAbove(0.9)
                    .legalMassBelow(0.5)
                    .probabilityBelow(0.4)
                    .build();
        }
    }

    @Nested
    class NoveltyTest extends EscalationPolicyContractTest {
        @Override
        protected EscalationPolicy createPolicy() {
            return EscalationPolicy.builder()
                    .noveltyAfter(0)
                    .noveltyOverAll()
                    .numbersBeyond(0.5)
                    .build();
        }
    }

    @Nested
    class AskedTest extends EscalationPolicyContractTest {
        @Override
        protected EscalationPolicy createPolicy() {
            return EscalationPolicy.builder()
                    .askModel(SideQuestion.yesNo("help", "Is the strategist needed?"), 0.5)
                    .build();
        }
    }
}
