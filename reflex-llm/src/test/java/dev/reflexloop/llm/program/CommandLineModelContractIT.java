package dev.reflexloop.llm.program;

import dev.reflexloop.ReflexModel;
import dev.reflexloop.testkit.ReflexModelContractTest;
import java.time.Duration;

final class CommandLineModelContractIT extends ReflexModelContractTest {
    @Override
    protected ReflexModel createModel() {
        return FakeHarness.command("obey", "-").concurrent(2).build();
    }

    @Override
    protected Duration answerWithin() {
        return Duration.ofSeconds(30);
    }
}
