package dev.reflexloop.examples.robocode;

import dev.reflexloop.EscalationPolicy;
import dev.reflexloop.testkit.EscalationPolicyContractTest;

class AtRandomContractTest extends EscalationPolicyContractTest {
    @Override
    protected EscalationPolicy createPolicy() {
        return Advised.atRandom(0.5, 20_261_121);
    }
}
