package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.testkit.EscalationSinkContractTest;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class EscalationInboxContractTest extends EscalationSinkContractTest {
    @TempDir
    Path folder;

    @Override
    protected EscalationSink createSink() {
        return EscalationInbox.builder(folder.resolve("inbox.jsonl")).build();
    }

    @Override
    protected boolean arrived(EscalationSink sink, Escalation escalation) {
        return ((EscalationInbox) sink).find(escalation.id()).isPresent();
    }
}
