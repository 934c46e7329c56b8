package dev.reflexloop.examples.robocode;

import dev.reflexloop.ActionSchema;
import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.ReflexLoop;
import dev.reflexloop.testkit.EscalationSinkContractTest;
import dev.reflexloop.testkit.ScriptedModel;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

class StrategistContractTest extends EscalationSinkContractTest {
    private ReflexLoop loop;

    @BeforeEach
    void open() {
        ActionSchema schema =
                ActionSchema.builder("arena").action("wait", "").idle("wait").build();
        loop = ReflexLoop.builder(schema, ScriptedModel.answering("wait")).build();
    }

    @AfterEach
    void close() {
        loop.close();
    }

    @Override
    protected EscalationSink createSink() {
        Strategist strategist = new Strategist();
        strategist.advises(loop);
        return strategist;
    }

    @Override
    protected boolean arrived(EscalationSink sink, Escalation escalation) {
        ((Strategist) sink).await(); // throws when nobody was asked
        return true;
    }
}
