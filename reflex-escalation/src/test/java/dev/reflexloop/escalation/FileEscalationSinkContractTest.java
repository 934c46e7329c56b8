package dev.reflexloop.escalation;

import dev.reflexloop.Escalation;
import dev.reflexloop.EscalationSink;
import dev.reflexloop.testkit.EscalationSinkContractTest;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileEscalationSinkContractTest extends EscalationSinkContractTest {
    @TempDir
    Path folder;

    @Override
    protected EscalationSink createSink() {
        return FileEscalationSink.builder(folder.resolve("escalation.txt")).build();
    }

    @Override
    protected boolean arrived(EscalationSink sink, Escalation escalation) {
        return ((FileEscalationSink) sink).inbox().find(escalation.id()).isPresent();
    }
}
