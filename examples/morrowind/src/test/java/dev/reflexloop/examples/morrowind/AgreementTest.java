package dev.reflexloop.examples.morrowind;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.ReflexModel;
import org.junit.jupiter.api.Test;

class AgreementTest {
    private static final int SESSIONS = 4;

    private final ActionSchema schema = Tactic.schema(1);

    @Test
    void rule_agreesWithItself() {
        assertThat(Agreement.share(new Rule(schema).asModel(), SESSIONS)).isEqualTo(1);
    }

    @Test
    void committedModel_doesWhatTheRuleDoes_andTheBaselinesDoNot() {
        try (Models models = new Models(schema, "");
                ReflexModel model = models.open("nano")) {
            assertThat(Agreement.share(model, SESSIONS)).isGreaterThan(0.98);
        }
        assertThat(Agreement.share(InstantModel.random(1), SESSIONS)).isBetween(0.1, 0.5);
        for (Tactic tactic : Tactic.values()) {
            assertThat(Agreement.share(InstantModel.always(schema, tactic.label()), SESSIONS))
                    .as("always %s", tactic.label())
                    .isLessThan(0.7);
        }
    }
}
