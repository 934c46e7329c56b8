package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.testkit.EscalationSinkContractTest;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

class StrategistDeskContractTest extends EscalationSinkContractTest {
    @TempDir
    Path folder;

    private EscalationInbox inbox;

    @Override
    protected EscalationSink createSink() {
        inbox = EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
        inbox.guides(guidance -> {});
        return StrategistDesk.builder(inbox, (escalation, plan) -> StrategistReply.option(1))
                .build();
    }

    @Override
    protected boolean arrived(EscalationSink sink, Escalation escalation) {
        return inbox.find(escalation.id()).isPresent();
    }

    @AfterEach
    void closeInbox() {
        inbox.close();
    }
}
